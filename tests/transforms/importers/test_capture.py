"""What somebody changed by hand becomes the edit that a patch author would write."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import MemoryTree, applied, one, patch
from transforms.edits import (
    AddArgument,
    AddModule,
    DropArgument,
    ExtendLiteral,
    InsertAfter,
    InsertBefore,
    Remove,
    Replace,
    ReplaceText,
    Widen,
)
from transforms.importers.capture import capture
from transforms.importers.errors import UnexplainedError

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

BEFORE = """
    def setup(device, rank: int = 0):
        check(device)
        if device.type == "cuda":
            prepare(device, mode="fast", retries=3, strict=True)
        kinds = [FIRST, SECOND, THIRD, FOURTH]
        # The order matters.
        start(device)
        torch.cuda.empty_cache()
        return kinds
"""


def captured(before: str, after: str) -> tuple[Edit, ...]:
    """Capture a change of the one module `m`, and prove that it gives the same bytes."""
    wanted = dedent(after).removeprefix("\n").encode()
    tree = one(before)
    edits = capture("m.py", tree.files["m.py"], wanted, tree).edits
    assert applied(tree, {"musa/patch": patch(*edits)})["m.py"] == wanted
    return edits


@pytest.mark.parametrize(
    ("old", "new", "edit"),
    [
        pytest.param(
            'device.type == "cuda"',
            'device.type in ("cuda", "musa")',
            Replace(
                inside="m.setup",
                find='device.type == "cuda"',
                replace='device.type in ("cuda", "musa")',
            ),
            id="an expression is replaced alone",
        ),
        pytest.param(
            'device.type == "cuda"',
            'device.type == "cuda" or device.is_musa',
            Widen(inside="m.setup", find='device.type == "cuda"', by="device.is_musa"),
            id="a condition is widened",
        ),
        pytest.param(
            "retries=3, ",
            "retries=5, ",
            Replace(
                inside="m.setup",
                find="prepare($$arguments, retries=3)",
                replace="prepare($$arguments, retries=5)",
            ),
            id="other arguments are left open",
        ),
        pytest.param(
            "retries=3, ",
            "retries=3, limit=1, ",
            AddArgument(inside="m.setup", call="prepare", argument="limit=1", after="retries"),
            id="a call gains an argument",
        ),
        pytest.param(
            "rank: int = 0",
            "rank: int = 0, *, size: int = 1",
            Replace(
                inside="m",
                find="def setup($$kept0, rank: $type_tail0 = $default_tail0):",
                replace=(
                    "def setup($$kept0, rank: $type_tail0 = $default_tail0, *, size: int = 1):"
                ),
            ),
            id="a function gains a parameter",
        ),
        pytest.param(
            ", rank: int = 0",
            "",
            DropArgument(inside="m.setup", argument="rank"),
            id="a function loses a parameter",
        ),
        pytest.param(
            "FOURTH]",
            "FOURTH, FIFTH]",
            ExtendLiteral(inside="m.setup", find="[FIRST, $$others]", add="FIFTH"),
            id="a list is extended",
        ),
        pytest.param(
            "        torch.cuda.empty_cache()\n",
            "",
            Remove(inside="m.setup", find="torch.cuda.empty_cache()"),
            id="a statement is removed",
        ),
        pytest.param(
            "        # The order matters.",
            "        kinds.sort()\n        # The order matters.",
            InsertAfter(
                inside="m.setup",
                anchor="kinds = $value",
                code="kinds.sort()",
                other_side="start($$arguments)",
            ),
            id="an insertion is anchored to what it uses",
        ),
        pytest.param(
            "        check(device)\n",
            "        # New.\n        device = resolve(device)\n\n        check(device)\n",
            InsertBefore(
                inside="m.setup",
                anchor="check($$arguments)",
                code="\n# New.\ndevice = resolve(device)\n\n",
                other_side="",
            ),
            id="comments and empty lines come with an insertion",
        ),
        pytest.param(
            "# The order matters.",
            "# The order does not matter.",
            ReplaceText(
                path="m.py", find="# The order matters.", replace="# The order does not matter."
            ),
            id="a comment is text",
        ),
    ],
)
def test_a_change_becomes_the_edit_that_says_least(old: str, new: str, edit: Edit) -> None:
    assert BEFORE.count(old) == 1
    assert captured(BEFORE, BEFORE.replace(old, new)) == (edit,)


def test_each_change_is_an_edit_of_its_own() -> None:
    after = BEFORE.replace('"cuda"', '"musa"').replace("start(device)", "begin(device)")
    edits = captured(BEFORE, after)
    assert [type(edit).__name__ for edit in edits] == ["Replace", "Replace"]


def test_what_stays_in_a_block_is_left_open() -> None:
    before = """
        def f(device):
            if device.is_free:
                prepare(device, 1, 2, 3)
                # Both or none.
                start(device, 4, 5, 6)
            return device
    """
    after = """
        def f(device):
            if device.is_free:
                prepare(device, 1, 2, 3)
                # Both or none.
                start(device, 4, 5, 6)
            else:
                wait(device)
            return device
    """
    (edit,) = captured(before, after)
    assert isinstance(edit, Replace)
    assert edit.find == "if device.is_free:\n    $$kept1"
    assert edit.replace == "if device.is_free:\n    $$kept1\nelse:\n    wait(device)"


def test_the_same_change_in_several_places_is_one_edit_with_a_count() -> None:
    before = """
        def f(device):
            if device.is_free:
                start(device, mode=1)
            else:
                start(None, mode=2)
    """
    after = before.replace("mode=1", "mode=1, strict=True").replace("mode=2", "mode=2, strict=True")
    (edit,) = captured(before, after)
    assert edit == AddArgument(inside="m.f", call="start", argument="strict=True", count=2)


def test_the_scope_of_a_property_names_its_accessor() -> None:
    before = """
        class A:
            @property
            def size(self):
                return self.limit + 1

            @size.setter
            def size(self, value):
                self.limit = value + 1
    """
    (edit,) = captured(before, before.replace("value + 1", "value - 1"))
    assert edit == Replace(
        inside="m.A.size.setter",
        find="self.limit = value + 1",
        replace="self.limit = value - 1",
    )


def test_the_text_of_a_file_that_is_not_python_is_replaced() -> None:
    tree = MemoryTree.of({"a.txt": "one\ntwo\nthree\n"})
    edits = capture("a.txt", b"one\ntwo\nthree\n", b"one\n2\nthree\n", tree).edits
    assert edits == (ReplaceText(path="a.txt", find="two", replace="2"),)


def test_a_file_that_does_not_parse_is_text() -> None:
    tree = one("def f(:\n    pass\n")
    edits = capture("m.py", b"def f(:\n    pass\n", b"def f(x:\n    pass\n", tree).edits
    assert edits == (ReplaceText(path="m.py", find="def f(:", replace="def f(x:"),)


def test_a_new_file_is_added() -> None:
    edits = capture("new.py", None, b"x = 1\n", one("")).edits
    assert edits == (AddModule(path="new.py", data=b"x = 1\n"),)


def test_nothing_changed_is_no_edit() -> None:
    assert capture("m.py", b"x = 1\n", b"x = 1\n", one("x = 1\n")).edits == ()


def test_a_deleted_file_is_refused_with_a_reason() -> None:
    with pytest.raises(UnexplainedError, match=r"m\.py: it was deleted, and no edit does that"):
        capture("m.py", b"x = 1\n", None, one("x = 1\n"))


def test_bytes_that_are_no_text_are_refused() -> None:
    tree = MemoryTree.of({"a.bin": b"\xff\x00\n"})
    with pytest.raises(UnexplainedError, match=r"a\.bin: no edits give these bytes"):
        capture("a.bin", b"\xff\x00\n", b"\xff\x01\n", tree)


def test_line_ends_of_a_file_are_kept() -> None:
    before = b"def f(a):\r\n    # one\r\n    return a.b + 1\r\n"
    after = b"def f(a):\r\n    # two\r\n    check(a)\r\n    return a.b + 2\r\n"
    tree = one(before)
    edits = capture("m.py", before, after, tree).edits
    assert applied(tree, {"musa/patch": patch(*edits)})["m.py"] == after
