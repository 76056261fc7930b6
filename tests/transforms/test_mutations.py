"""Damages to what an edit depends on are never overlooked, and changes elsewhere never matter.

The oracle is not the engine: `damages` changes tokens and lines, each case says in plain text what
its edit depends on, and CPython's parser compares the results.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.transforms.damaged_cases import CASES
from tests.transforms.damaged_module import UPSTREAM
from tests.transforms.damages import (
    all_changes_inside,
    doubled,
    in_another_class,
    means_the_same,
    moved_away,
)
from tests.transforms.harmless import changed_outside, reformatted
from tests.transforms.trees import NAME, MemoryTree, applied, one, outcome_on, patch
from transforms.edits import AddModule
from transforms.engine.explaining.closest import Closest
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.transforms.damaged_module import Case
    from transforms.engine.edit import Edit

_SEEDS = range(4)
_LEAST_DAMAGES = 200
_LEAST_EACH = 3
_OF_CODE = [name for name, case in CASES.items() if not case.is_text]
_ONCE = [name for name, case in CASES.items() if case.parts and not case.may_repeat]
_METHODS = [name for name, case in CASES.items() if case.scope[1:]]


def _random(name: str, seed: int) -> Random:
    return Random(f"{name} {seed}")  # noqa: S311 - it is the test's own choice


def _edited(edit: Edit, text: str) -> str:
    return applied(one(text.encode()), {NAME: patch(edit)})["m.py"].decode()


@cache
def _wanted(name: str) -> str:
    return _edited(CASES[name].edit, UPSTREAM)


def _overlooked(case: Case, damaged: Iterable[str]) -> list[str]:
    """Give what the edit should not have been applied to, nor be said to be done in."""
    right = {Status.DRIFTED, Status.MISSING}
    if case.may_be_gone:
        right |= {Status.OBSOLETE}
    return [
        text for text in damaged if outcome_on(one(text.encode()), case.edit).status not in right
    ]


@cache
def _damages(name: str) -> tuple[str, ...]:
    case = CASES[name]
    return (*all_changes_inside(UPSTREAM, case.inside), *case.spelt)


@pytest.fixture(autouse=True)
def _no_explanations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the search for the closest code: it takes most of the time and decides nothing."""
    monkeypatch.setattr("transforms.engine.edit.closest_to", lambda *_: Closest())


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].inside or CASES[name].also])
def test_an_edit_never_applies_where_what_it_depends_on_has_changed(name: str) -> None:
    damaged = _damages(name)
    assert len(damaged) >= _LEAST_EACH
    assert _overlooked(CASES[name], damaged) == []


@pytest.mark.parametrize("name", _ONCE)
def test_an_edit_never_applies_where_what_it_depends_on_stands_twice(name: str) -> None:
    case = CASES[name]
    assert _overlooked(case, [doubled(UPSTREAM, region) for region in case.inside]) == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.moves])
def test_an_edit_never_applies_where_its_statements_moved_out_of_the_scope(name: str) -> None:
    case = CASES[name]
    assert _overlooked(case, [moved_away(UPSTREAM, case.inside[0])]) == []


@pytest.mark.parametrize("name", _METHODS)
def test_an_edit_never_applies_where_its_method_is_another_classs(name: str) -> None:
    case = CASES[name]
    assert _overlooked(case, [in_another_class(UPSTREAM, case.scope[1])]) == []


@pytest.mark.parametrize("name", _OF_CODE)
@pytest.mark.parametrize("seed", _SEEDS)
def test_an_edit_does_the_same_however_the_code_is_written(name: str, seed: int) -> None:
    case = CASES[name]
    damaged = reformatted(UPSTREAM, _random(name, seed))
    assert means_the_same(_edited(case.edit, damaged), _wanted(name))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", _SEEDS)
def test_an_edit_does_the_same_whatever_changes_elsewhere(name: str, seed: int) -> None:
    case = CASES[name]
    damaged, wanted = changed_outside(UPSTREAM, _wanted(name), case.inside, _random(name, seed))
    assert means_the_same(_edited(case.edit, damaged), wanted), damaged


@pytest.mark.parametrize("upstreams", ["x = 1\n", "", "x = 2\n", "x = 1\nx = 1\n"])
def test_a_new_file_is_never_written_over_one_of_upstreams(upstreams: str) -> None:
    outcome = outcome_on(
        MemoryTree.of({"new.py": upstreams.encode()}), AddModule(path="new.py", data=b"x = 1\n")
    )
    assert outcome.status is (Status.OBSOLETE if upstreams == "x = 1\n" else Status.DRIFTED)


def test_there_are_at_least_two_hundred_damages() -> None:
    assert sum(len(_damages(name)) for name in CASES) >= _LEAST_DAMAGES
