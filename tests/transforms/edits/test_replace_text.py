"""Exact text in any file, as often as its author counted."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    NAME,
    MemoryTree,
    applied,
    assert_changes,
    assert_untouched,
    outcome_on,
    patch,
)
from transforms.edits import ReplaceText
from transforms.engine.outcome import Status


def text(find: str, replace: str, count: int = 1, path: str = "m.py") -> ReplaceText:
    return ReplaceText(path=path, find=find, replace=replace, count=count)


def test_a_comment_becomes_another() -> None:
    assert_changes(text("# old", "# new"), "x = 1  # old\n", "x = 1  # new\n")


def test_text_may_contain_what_it_replaces() -> None:
    assert_changes(text("a", "a, a b", 2), "# a a\n", "# a, a b a, a b\n")


def test_several_lines_match_the_line_ends_of_the_file() -> None:
    edit = text("# a\n# b\n", "# c\n# d\n# e\n")
    assert_changes(edit, b"x = 1\r\n# a\r\n# b\r\n", b"x = 1\r\n# c\r\n# d\r\n# e\r\n")


def test_any_file_is_a_file() -> None:
    tree = MemoryTree.of({"a/b.txt": b"torch==2\nnumpy\n", "a/c.bin": b"\xff\x00a\x00"})
    edits = [
        text("torch==2", "torch>=2 # é", path="a/b.txt"),
        text("a", "b", path="a/c.bin"),
    ]
    after = applied_without_python(tree, *edits)
    assert after == {"a/b.txt": "torch>=2 # é\nnumpy\n".encode(), "a/c.bin": b"\xff\x00b\x00"}


def applied_without_python(tree: MemoryTree, *edits: ReplaceText) -> dict[str, bytes]:
    """Apply edits of files that are no Python."""
    from transforms.engine.apply import apply_sites  # noqa: PLC0415

    outcome = outcome_on(tree, *edits)
    assert outcome.status is Status.APPLIED
    return {file.path: file.after for file in apply_sites([outcome], tree)}


def test_text_that_is_removed_leaves_nothing() -> None:
    assert_changes(text("  # old", ""), "x = 1  # old\n", "x = 1\n")


def test_another_number_of_occurrences_is_a_drift_with_their_lines() -> None:
    problem = assert_untouched(text("a", "b"), "a = 1\na = 2\n")
    assert problem.reason == "matched 2 sites, expected 1"
    assert problem.notes == ("it stands in lines 1, 2",)


def test_text_that_is_not_there_is_a_drift_with_the_closest_line() -> None:
    problem = assert_untouched(text("# for cuda only", "# for all"), "x = 1\n# for rocm only\n")
    assert (problem.closest, problem.line) == ("# for rocm only", 2)
    problem = assert_untouched(text("# for cuda only", "# for all"), "x = 1\n")
    assert (problem.closest, problem.line) == ("", 0)


def test_occurrences_that_overlap_are_a_drift() -> None:
    problem = assert_untouched(text("aa", "b", 2), "# aaa\n")
    assert problem.reason == "its occurrences overlap at line 1: say more in `find`"
    assert_untouched(text("aa", "b", 1), "# aaa\n")


def test_a_file_that_is_not_there_is_missing_and_its_namesakes_are_named() -> None:
    tree = MemoryTree.of({"a/b.txt": "", "c/b.txt": ""})
    outcome = outcome_on(tree, text("x", "y", path="d/b.txt"))
    ((_, problem),) = outcome.problems
    assert outcome.status is Status.MISSING
    assert problem.reason == "this release has no file 'd/b.txt'"
    assert problem.notes == ("there is a/b.txt", "there is c/b.txt")


def test_what_is_done_in_part_is_a_drift() -> None:
    assert_untouched(text("a", "b", 2), "# a b\n")
    assert_untouched(text("a", "b", 2), "# b\n")
    assert_untouched(text("a", "b", 2), "# b b\n", Status.OBSOLETE)


def test_python_that_no_longer_compiles_is_caught() -> None:
    tree = MemoryTree.of({"m.py": "x = 1\n"})
    with pytest.raises(SyntaxError):
        applied(tree, {NAME: patch(text("= 1", "= )"))})


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"path": "/m.py"}, "relative"),
        ({"path": "a/../m.py"}, "relative"),
        ({"path": ""}, "relative"),
        ({"find": ""}, "must not be empty"),
        ({"find": "b"}, "is what `find` is"),
        ({"find": "a\r\n"}, "line ends"),
        ({"count": 0}, "at least 1"),
    ],
)
def test_a_wrong_declaration_is_refused(arguments: dict[str, object], why: str) -> None:
    fields: dict[str, object] = {"path": "m.py", "find": "a", "replace": "b", "count": 1}
    with pytest.raises(ValueError, match=why):
        ReplaceText(**{**fields, **arguments})  # type: ignore[arg-type]
