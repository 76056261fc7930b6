"""The pages for people: what they show, and that no text becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from build_hooks.index.distribution import read_distribution
from build_hooks.index.layout import about_name
from build_hooks.index.links import targets
from build_hooks.index.people import people_pages, readable_size
from tests.build_hooks.index.test_simple import DIGEST, TAIL, TEXT, entry_of

if TYPE_CHECKING:
    from pathlib import Path

_VOID = frozenset({"meta", "link", "input", "br"})


class _Outline(HTMLParser):
    """The elements of a page in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.elements.append(tag)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in {"style", "script"}:
            self.text += data


def built(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    patch = {
        "name": "musa/worker_device_type",
        "outcome": "applied",
        "why": "it does not start",
        "upstream": "none",
        "drop_when": "it does",
        "versions": ">=0.10",
        "files": [{"path": "vllm/a.py", "added": False, "lines": [3, 7]}],
    }
    return {
        "platforms": ["musa"],
        "release": "0.33.0",
        "distribution": "vllm",
        "artifact": {"filename": "vllm-0.33.0.tar.gz", "kind": "sdist", "sha256": "ef" * 32},
        "digest": "12" * 32,
        "plugin": None,
        "files": 4,
        "patches": [{**patch, **changes}],
    }


def test_a_file_is_shown_under_its_platforms_newest_first() -> None:
    entries = [
        entry_of(filename="old.whl", version="0.9.2+musa", built=built()),
        entry_of(filename="new.whl", version="0.33.0+musa", built=built()),
        entry_of(filename="both.whl", built={**built(), "platforms": ["musa", "profile"]}),
        entry_of(filename="plain.whl"),
    ]
    text = _Outline(people_pages(entries)["index.html"].decode()).text
    places = [text.index(word) for word in ("not built by", "plain.whl")]
    assert places == sorted(places)
    order = [text.index(word) for word in ("new.whl", "old.whl", "musa + profile", "both.whl")]
    assert order == sorted(order)
    assert order[-1] < places[0]


def test_a_file_has_a_page_with_its_patches_and_reports(wheel: Path) -> None:
    found = read_distribution(wheel)
    name = about_name(wheel.name)
    page = people_pages([found.entry])[name].decode()
    leads_to = set(targets(name, page))
    assert {found.place, *found.parts} - leads_to == {f"{found.place}.metadata"}
    text = _Outline(page).text
    assert found.entry.built is not None
    for patch in found.entry.built["patches"]:
        assert patch["why"] in text
        assert patch["drop_when"] in text
    assert f"vllm==0.33.0+musa --hash=sha256:{found.entry.sha256}" in text


def test_a_yank_is_said_on_both_pages() -> None:
    entry = entry_of(yanked="loses requests", built=built())
    for page in people_pages([entry]).values():
        assert "loses requests" in _Outline(page.decode()).text


def test_an_empty_index_says_what_to_do() -> None:
    assert "index add" in people_pages([])["index.html"].decode()


@given(name=TAIL, reason=TEXT, why=TEXT)
def test_no_text_becomes_markup(name: str, reason: str, why: str) -> None:
    usual = people_pages([entry_of(filename="a.whl", yanked="b", built=built(why="c"))])
    odd = entry_of(filename=f"{name}.whl", yanked=reason, built=built(why=why))
    for (place, page), plain in zip(people_pages([odd]).items(), usual.values(), strict=True):
        outline = _Outline(page.decode())
        assert outline.elements == _Outline(plain.decode()).elements
        assert " ".join(reason.split()) in " ".join(outline.text.split())
        assert f"files/{DIGEST}/{name}.whl" in targets(place, page.decode())


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (336_100_000, "336.1 MB")]
)
def test_sizes_are_written_for_people(size: int, said: str) -> None:
    assert readable_size(size) == said
