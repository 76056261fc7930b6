"""The order of sites."""

from __future__ import annotations

from transforms.engine.site import NOT_BEHIND, Site, text_site
from transforms.engine.syntax.source import Source


def _site(start: int, end: int, behind: int = NOT_BEHIND, path: str = "a.py") -> Site:
    return Site(path=path, start=start, end=end, replacement=b"", line=1, behind=behind)


def test_sites_come_by_file_then_by_bytes_then_inner_blocks_first() -> None:
    ordered = [
        _site(1, 9),
        _site(9, 9, behind=5),
        _site(9, 9, behind=1),
        _site(9, 9),
        _site(9, 12),
        _site(0, 1, path="b.py"),
    ]
    shuffled = [ordered[number] for number in (3, 5, 1, 0, 4, 2)]
    assert sorted(shuffled, key=lambda site: site.place) == ordered


def test_a_text_is_written_with_the_line_ends_of_the_file() -> None:
    source = Source("m.py", b"a\r\nb\r\n")
    site = text_site(source, 3, 4, "c\nd")
    assert (site.path, site.start, site.end, site.line) == ("m.py", 3, 4, 2)
    assert site.replacement == b"c\r\nd"
    assert text_site(source, 3, 3, "", line=7).line == 7
