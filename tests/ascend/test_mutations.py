"""What vllm-ascend leaves in vLLM while it runs is what the wheel has where it is compiled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ascend.explained import COMPILED, DOUBLED, NOT_IMPORTABLE
from tests.ascend.mutations import differences

if TYPE_CHECKING:
    from tests.ascend.mutations import Mutations

pytestmark = pytest.mark.ascend


def test_every_mutation_is_in_the_manifest(mutations: Mutations) -> None:
    assert len(mutations.rows) == 243


def test_the_plugins_modules_can_be_imported_but_for_one(mutations: Mutations) -> None:
    assert mutations.at_run_time.failures == NOT_IMPORTABLE
    assert mutations.doubled.failures == NOT_IMPORTABLE
    assert mutations.doubled.applied == mutations.at_run_time.applied
    files = {row["file"] for row in mutations.rows if row["outcome"] == "compiled"}
    modules = {file.removesuffix(".py").replace("/", ".") for file in files}
    assert modules <= {*mutations.at_run_time.applied}


def test_every_target_is_compared(mutations: Mutations) -> None:
    for described in (mutations.at_run_time, mutations.compiled, mutations.doubled):
        assert described.absent == {}
        named = {name.partition("[")[0] for name in described.subjects}
        assert {*mutations.targets} <= named


def test_what_is_compiled_is_what_the_plugin_makes_at_run_time(mutations: Mutations) -> None:
    found = differences(mutations.at_run_time, mutations.compiled)
    assert found.keys() == COMPILED.keys(), found


def test_a_plugin_that_patches_the_wheel_as_well_does_nothing_twice(mutations: Mutations) -> None:
    found = differences(mutations.at_run_time, mutations.doubled)
    assert found.keys() == DOUBLED.keys(), found


def test_nearly_all_that_is_compiled_is_called_and_most_of_its_lines_run(
    mutations: Mutations,
) -> None:
    compiled = [target for target, outcome in mutations.targets.items() if outcome == "compiled"]
    subjects = mutations.compiled.subjects
    called = [
        target
        for target in compiled
        if any(subjects[name]["traces"] for name in subjects if name.startswith(target))
    ]
    # The others are constants, and kernels that no function here can call.
    assert len(called) >= 0.9 * len(compiled)
    lines = sum(subject["lines"] for subject in subjects.values())
    reached = sum(subject["reached"] for subject in subjects.values())
    assert reached >= 0.75 * lines


def test_most_functions_have_the_plugins_own_text_and_what_has_another_is_called(
    mutations: Mutations,
) -> None:
    """The others are wrappers, merged edits of upstream's function, and calls of the plugin's."""
    here, there = mutations.compiled.subjects, mutations.at_run_time.subjects
    functions = [name for name, subject in here.items() if subject["source"] is not None]
    same = [name for name in functions if here[name]["source"] == there[name]["source"]]
    assert len(same) >= 0.5 * len(functions)
    short = {
        name
        for name in {*functions} - {*same} - {*COMPILED}
        if here[name]["reached"] < 0.3 * here[name]["lines"]
    }
    assert short == set()
