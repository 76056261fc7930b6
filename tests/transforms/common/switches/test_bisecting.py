"""Halving finds what makes a command fail, in as few runs as can be."""

from __future__ import annotations

from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.common.switches.runtime.vllm.wheelwright_switches.bisecting import (
    Found,
    Verdict,
    search,
)
from transforms.common.switches.runtime.vllm.wheelwright_switches.choosing import needed_by


class Command:
    """A command that fails where all of some patches are on, and remembers its runs."""

    def __init__(self, *bad: set[str]) -> None:
        self.bad = bad
        self.runs: list[frozenset[str]] = []

    def __call__(self, on: frozenset[str]) -> bool:
        """Run with these on."""
        self.runs.append(on)
        return any(each <= on for each in self.bad)


def independent(count: int) -> dict[str, list[str]]:
    return {f"p{number:03}": [] for number in range(count)}


@pytest.mark.parametrize("count", [*range(1, 34), 63, 64, 65])
def test_one_bad_patch_takes_two_runs_and_the_halving(count: int) -> None:
    patches = independent(count)
    for bad in patches:
        command = Command({bad})
        assert search(patches, command) == Found(Verdict.ONE, (bad,))
        assert len(command.runs) <= 2 + ceil(log2(count))
        assert frozenset({bad}) in command.runs
        assert frozenset() in command.runs


@given(st.integers(1, 20), st.data())
def test_several_that_fail_together_are_all_found(count: int, data: st.DataObject) -> None:
    patches = independent(count)
    bad = data.draw(st.sets(st.sampled_from(sorted(patches)), min_size=1))
    command = Command(bad)
    found = search(patches, command)
    assert found.culprits == tuple(sorted(bad))
    assert found.verdict is (Verdict.ONE if len(bad) == 1 else Verdict.SEVERAL)
    assert len(command.runs) == len(set(command.runs)), "a set was run twice"


@given(st.data())
def test_what_is_found_fails_and_no_part_of_it_does(data: st.DataObject) -> None:
    patches = independent(8)
    sets = st.sets(st.sampled_from(sorted(patches)), min_size=1)
    command = Command(*data.draw(st.lists(sets, min_size=1, max_size=4)))
    culprits = set(search(patches, command).culprits)
    assert command(frozenset(culprits))
    assert not any(command(frozenset(culprits - {each})) for each in culprits)


def test_a_command_that_fails_anyway_is_run_once() -> None:
    command = Command(set())
    assert search(independent(30), command) == Found(Verdict.FAILS_WITHOUT)
    assert command.runs == [frozenset()]


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_command_that_never_fails_is_said_to_pass(count: int) -> None:
    patches = independent(count)
    command = Command()
    assert search(patches, command) == Found(Verdict.PASSES)
    assert frozenset(patches) in command.runs


@given(st.data())
def test_no_patch_runs_without_those_that_it_needs(data: st.DataObject) -> None:
    names = [f"p{number}" for number in range(8)]
    # Any graph will do, with cycles too.
    needs = {name: data.draw(st.lists(st.sampled_from(names), max_size=2)) for name in names}
    bad = data.draw(st.sampled_from(names))
    command = Command({bad})
    found = search(needs, command)
    for on in command.runs:
        assert all(needed_by(name, needs) <= on for name in on)
    assert found.verdict is Verdict.ONE
    # What needs each other goes together, and is found together.
    circle = {other for other in names if other in needed_by(bad, needs)}
    circle = {other for other in circle if bad in needed_by(other, needs)} | {bad}
    assert set(found.culprits) == circle
    assert set(found.needed) == needed_by(bad, needs) - circle
