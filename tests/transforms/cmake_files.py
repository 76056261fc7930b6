"""How the tests of CMake edits state what an edit does: a block before, and the block after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.transforms.trees import NAME, MemoryTree, applied, outcome_on, patch
from transforms.engine.apply import apply_sites
from transforms.engine.cmake.reading import read
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.engine.outcome import Outcome, Problem

PATH = "a.cmake"


def outcome_of(edit: Edit, before: str | bytes) -> Outcome:
    """Match one edit on the one file `a.cmake`."""
    return outcome_on(MemoryTree.of({PATH: before}), edit)


def assert_changes(edit: Edit, before: str | bytes, after: str | bytes) -> None:
    """Assert what an edit makes of `a.cmake`, and that doing it again is obsolete."""
    wanted = MemoryTree.of({PATH: after}).files[PATH]
    read(wanted)
    there = applied(MemoryTree.of({PATH: before}), {NAME: patch(edit)})[PATH]
    assert there.decode() == wanted.decode()
    again = outcome_of(edit, there)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


def assert_untouched(edit: Edit, before: str | bytes, status: Status = Status.DRIFTED) -> Problem:
    """Assert that an edit changes nothing in `a.cmake`, and give the reason."""
    outcome = outcome_of(edit, before)
    assert outcome.status is status, outcome
    assert apply_sites([outcome], MemoryTree.of({PATH: before})) == []
    ((_, problem),) = outcome.problems
    return problem
