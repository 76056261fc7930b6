"""A diff as two columns holds every line of the diff once, and nothing of it as markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from build_hooks.showing.columns import columns, style
from transforms.engine.diff import unified_diff
from transforms.engine.site import Site

BEFORE = b'def f(a: int):\n    """Say\n    more <b>.\n    """\n    x = "cuda"\n    return x\n'


class Text(HTMLParser):
    """The text of a piece of markup, and its elements."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002, D102 - the base's
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:  # noqa: D102 - the base's
        self.text += data


def diff(old: bytes, new: bytes, path: str = "vllm/a.py", before: bytes = BEFORE) -> bytes:
    start = before.index(old)
    site = Site(
        path=path,
        start=start,
        end=start + len(old),
        replacement=new,
        line=before[:start].count(b"\n") + 1,
    )
    return unified_diff(path, before, [site])


def test_what_was_taken_away_stands_beside_what_came_in_its_place() -> None:
    ((path, rows),) = columns(diff(b'    x = "cuda"\n', b'    x = "musa"\n    y = 1\n'))
    assert path == "vllm/a.py"
    kinds = [(row.kind, row.old and row.old.number, row.new and row.new.number) for row in rows]
    assert kinds == [
        ("same", 2, 2),
        ("same", 3, 3),
        ("same", 4, 4),
        ("changed", 5, 5),
        ("added", None, 6),
        ("same", 6, 7),
    ]


def test_hunks_are_apart_and_files_are_told_apart() -> None:
    long = b"".join(b"a%d = 1\n" % number for number in range(30))
    sites = [Site(path="b.py", start=at, end=at + 2, replacement=b"Z", line=1) for at in (0, 200)]
    two = unified_diff("b.py", long, sites)
    found = dict(columns(two + diff(b"x = ", b"z = ")))
    assert set(found) == {"b.py", "vllm/a.py"}
    assert [row.kind for row in found["b.py"]].count("gap") == 1


def test_lines_that_begin_in_a_docstring_are_read_as_one() -> None:
    ((_, rows),) = columns(diff(b"return x", b"return 1"))
    code = {row.new.number: row.new.code for row in rows if row.new}
    assert "<span" in code[6]
    assert ">return<" in code[6].replace(" ", "")
    inside = BEFORE.replace(b"more", b"``more``")
    ((_, rows),) = columns(diff(b"return x", b"return 1", before=inside))
    assert "err" not in "".join(row.new.code for row in rows if row.new)
    ((_, rows),) = columns(diff(b"def f", b"def g"))
    assert "err" not in "".join(row.new.code for row in rows if row.new)
    assert ">def<" in "".join(row.new.code for row in rows if row.new).replace(" ", "")


@settings(deadline=None)
@given(
    text=st.text(alphabet="ab<&\"'\n\r\t #\u2028", max_size=60),
    name=st.sampled_from(["a.py", "a", "a.cu"]),
)
def test_every_line_is_shown_as_it_is_and_none_is_markup(text: str, name: str) -> None:
    new = f"x = {text}".encode()
    shown = list(columns(diff(b'x = "cuda"', new, name)))
    after = BEFORE.replace(b'x = "cuda"', new).decode().split("\n")
    for _, rows in shown:
        for row in rows:
            for side, lines in ((row.old, BEFORE.decode().split("\n")), (row.new, after)):
                if side is None:
                    continue
                parsed = Text(str(side.code))
                assert parsed.tags <= {"span"}
                assert parsed.text.replace("\u240d", "\r") == lines[side.number - 1]


def test_an_added_file_is_on_one_side_alone() -> None:
    site = Site(path="n.py", start=0, end=0, replacement=b"a = 1\n", line=1)
    ((_, rows),) = columns(unified_diff("n.py", None, [site]))
    assert [row.kind for row in rows] == ["added"]


def test_colours_are_for_light_and_dark_and_leave_backgrounds_alone() -> None:
    found = style()
    assert "prefers-color-scheme: dark" in found
    assert "background" not in found
