"""How the tests of edits of C++ state what an edit does: a file before, and the file after."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.trees import MemoryTree, NamesFile, assert_file_changes, outcome_on
from transforms.engine.apply import apply_sites
from transforms.engine.cpp.code import Code
from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

PATH = "m.cu"


def cpp_tree(before: str | bytes, path: str = PATH) -> MemoryTree:
    """Make a tree of one file."""
    return MemoryTree.of({path: before})


def code_of_text(text: str) -> Code:
    """Read some code, which is dedented."""
    return Code(dedent(text).removeprefix("\n").encode())


def assert_cpp_changes(edit: NamesFile, before: str | bytes, after: str | bytes) -> None:
    """Assert what an edit makes of the file `m.cu`, and that doing it again is obsolete."""
    assert_file_changes(edit, before, after)


def assert_cpp_untouched(
    edit: Edit, before: str | bytes, status: Status = Status.DRIFTED
) -> Problem:
    """Assert that an edit changes nothing in the file `m.cu`, and give the reason."""
    tree = cpp_tree(before)
    outcome = outcome_on(tree, edit)
    assert outcome.status is status
    assert apply_sites([outcome], tree) == []
    ((_, problem),) = outcome.problems
    return problem
