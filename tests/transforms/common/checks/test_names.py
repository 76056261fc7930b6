"""The names that patches have written into follow from the diffs and the files as they are now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.common.runtime.vllm.wheelwright_checks import names
from transforms.engine.diff import unified_diff
from transforms.engine.site import Site

if TYPE_CHECKING:
    from pathlib import Path

PATH = "vllm/engine.py"
BEFORE = b"""\
LIMIT = 1


class Engine:
    SIZE = 2

    def step(self):
        a = 1
        return a

    @property
    def state(self):
        def inner():
            return 3

        return inner()


def free():
    return 4
"""


def site(old: bytes, new: bytes, data: bytes = BEFORE) -> Site:
    start = data.index(old)
    line = data[:start].count(b"\n") + 1
    return Site(path=PATH, start=start, end=start + len(old), replacement=new, line=line)


def installed(folder: Path, *steps: tuple[str, Site]) -> dict[str, list[str]]:
    """Apply patches one after the other, as the series of a wheel's diffs has them."""
    data = BEFORE
    diffs = folder / "wheelwright"
    for name, one in steps:
        path = diffs / f"{name}.diff"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(unified_diff(PATH, data, [one]))
        data = data[: one.start] + one.replacement + data[one.end :]
    (folder / "vllm").mkdir()
    (folder / PATH).write_bytes(data)
    described = {
        "patches": [
            {"name": name, "outcome": "applied"} for name, _ in steps if "notice" not in name
        ],
        "files": [{"path": PATH}, {"path": "csrc/a.cu"}, {"path": "vllm/gone.py"}],
    }
    (found,) = names.patched_files(folder, described, diffs)
    assert (found["path"], found["module"]) == (str(folder / PATH), "vllm.engine")
    result: dict[str, list[str]] = found["names"]
    return result


def test_names_the_innermost_definition_that_can_be_reached(tmp_path: Path) -> None:
    step = site(b"a = 1", b"a = 10\n        b = 20")
    data = BEFORE.replace(b"a = 1", b"a = 10\n        b = 20")
    inner = site(b"return 3", b"return 30", data)
    data = data.replace(b"return 3", b"return 30")
    size = site(b"SIZE = 2", b"SIZE = 20", data)
    data = data.replace(b"SIZE = 2", b"SIZE = 20")
    limit = site(b"LIMIT = 1", b"LIMIT = 10", data)
    data = data.replace(b"LIMIT = 1", b"LIMIT = 10")
    notice = Site(path=PATH, start=0, end=0, replacement=b"# Modified\n", line=1)
    found = installed(
        tmp_path,
        ("toy/step", step),
        ("toy/state", inner),
        ("toy/size", size),
        ("toy/limit", limit),
        ("wheelwright/notice", notice),
    )
    assert found == {
        "Engine.step": ["toy/step"],
        "Engine.state": ["toy/state"],
        "Engine": ["toy/size"],
    }


def test_what_is_added_and_what_only_goes_are_changes_too(tmp_path: Path) -> None:
    gone = site(b"        a = 1\n", b"")
    data = BEFORE.replace(b"        a = 1\n", b"")
    added = site(b"def free", b"def more():\n    return 5\n\n\ndef free", data)
    decorated = data.replace(b"def free", b"def more():\n    return 5\n\n\ndef free")
    over = site(b"def free", b"@cache\ndef free", decorated)
    assert installed(tmp_path, ("toy/a", gone), ("toy/b", added), ("toy/c", over)) == {
        "Engine.step": ["toy/a"],
        "more": ["toy/b"],
        "free": ["toy/c"],
    }


def test_where_there_are_no_diffs_whole_files_count(tmp_path: Path) -> None:
    (tmp_path / "vllm").mkdir()
    (tmp_path / PATH).write_bytes(BEFORE)
    described = {"patches": [], "files": [{"path": PATH}]}
    (found,) = names.patched_files(tmp_path, described, tmp_path / "vllm" / "wheelwright.json")
    assert set(found["names"]) == {"Engine", "Engine.step", "Engine.state", "free"}


@settings(max_examples=400)
@given(data=st.data())
def test_whoever_edits_lines_of_one_function_is_named_for_that_one(data: st.DataObject) -> None:
    """The oracle is the syntax of the finished file."""
    lines = BEFORE.split(b"\n")
    steps = []
    for number in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.sampled_from([7, 8, 11, 15, 19]))
        marker = b"%s# by %d" % (lines[at], number)
        before = b"\n".join(lines)
        start = sum(len(line) + 1 for line in lines[:at])
        one = Site(
            path=PATH, start=start, end=start + len(lines[at]), replacement=marker, line=at + 1
        )
        steps.append((f"toy/{number}", names._sections(unified_diff(PATH, before, [one]))[PATH]))
        lines[at] = marker
    text = b"\n".join(lines)
    found = names._names(ast.parse(text), names._owners(len(lines), steps))
    expected: dict[str, set[str]] = {}
    for name, first, last in (
        ("Engine.step", 6, 8),
        ("Engine.state", 10, 15),
        ("free", 18, 19),
    ):
        there = b"\n".join(lines[first : last + 1])
        for number in range(len(steps)):
            if b"# by %d" % number in there:
                expected.setdefault(name, set()).add(f"toy/{number}")
    assert {name: set(patches) for name, patches in found.items()} == expected
