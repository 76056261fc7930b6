"""UCM's two sets are one wheel on every release, and nothing that either reads is lost."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from build_hooks.collector import without_collector
from build_hooks.lock import read_lock
from build_hooks.pipeline import apply_and_check, make_plan, match
from build_hooks.settings import read_settings
from build_hooks.verification.wheel import verify_wheel
from tests.build_hooks.command_line import REPOSITORY, run
from tests.ucm.sites import CHOSEN, SITES
from tests.wheels.real import real_environment
from transforms.edits import Patch, Replace
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from build_hooks.pipeline import Plan
    from transforms.engine.outcome import Outcome

pytestmark = pytest.mark.ucm

BOTH = ("ucm", "ucm-sparse")
# Those that have nothing to do with native sources or whole trees: they take no time to match.
BESIDE = ("profile",)
RELEASES = read_lock().releases("vllm", "sdist")
SCHEDULER = "vllm/v1/core/sched/scheduler.py"


def planned(release: str, *platforms: str) -> Plan:
    settings = replace(
        read_settings(None, real_environment()), platform=platforms, vllm=release, source="sdist"
    )
    return make_plan(settings)


@cache
def _outcomes(release: str) -> tuple[Plan, list[Outcome]]:
    plan = planned(release, *BOTH)
    with without_collector():
        return plan, match(plan)


@cache
def _edited(release: str) -> dict[str, str]:
    """Give the files that both sets change on a release, edited."""
    files, problems = apply_and_check(*_outcomes(release))
    assert problems == []
    return {file.path: file.after.decode() for file in files if file.before is not None}


@pytest.mark.parametrize("release", RELEASES)
def test_both_sets_hold_together_on_every_release(release: str) -> None:
    plan = planned(release, *BOTH, *BESIDE)
    with without_collector():
        outcomes = match(plan)
        problems = apply_and_check(plan, outcomes)[1]
    assert {item.patch for item in outcomes if not item.status.is_good} == set()
    assert problems == []
    applied = {item.patch.partition("/")[0] for item in outcomes if item.status is Status.APPLIED}
    assert applied >= set(BOTH)


@pytest.mark.parametrize("release", CHOSEN)
def test_each_patch_has_its_sites(release: str) -> None:
    found = {
        item.patch: len(item.sites)
        for item in _outcomes(release)[1]
        if item.patch.startswith("ucm") and item.status is Status.APPLIED
    }
    assert found == SITES[release]


@pytest.mark.parametrize("release", CHOSEN)
def test_a_patch_does_the_same_alone_and_beside_the_other_set(release: str) -> None:
    together = {item.patch: item.sites for item in _outcomes(release)[1]}
    for platform in BOTH:
        with without_collector():
            alone = match(planned(release, platform))
        assert all(together[item.patch] == item.sites for item in alone)


def _attributes(code: str, name: str) -> Iterator[tuple[str, str, bool]]:
    """Give each attribute of `self` in a class: its name, its method, and whether it is set."""
    tree = ast.parse(code)
    (found,) = [item for item in tree.body if isinstance(item, ast.ClassDef) and item.name == name]
    for method in found.body:
        if isinstance(method, ast.FunctionDef):
            for node in ast.walk(method):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "self"
                ):
                    yield node.attr, method.name, isinstance(node.ctx, ast.Store)


@pytest.mark.parametrize("release", CHOSEN)
def test_each_attribute_that_either_set_reads_is_set(release: str) -> None:
    """UCM's second set replaced `Scheduler.__init__`, and with it what the first had set there."""
    plan = _outcomes(release)[0]
    upstream = set(_attributes(plan.artifact.read(SCHEDULER).decode(), "Scheduler"))
    edited = set(_attributes(_edited(release)[SCHEDULER], "Scheduler"))
    assert edited > upstream
    begun = {name for name, method, is_set in edited if is_set and method == "__init__"}
    assert {name for name, _, _ in edited - upstream} <= begun
    assert {"ucm_connector", "ucm_sparse", "failed_recving_kv_req_ids"} <= begun


@pytest.mark.parametrize("release", CHOSEN)
def test_both_sets_have_their_points_in_one_function(release: str) -> None:
    """UCM's second set replaced `GPUModelRunner._update_states` and `Scheduler.schedule`, too."""
    tree = ast.parse(_edited(release)[SCHEDULER])
    (schedule,) = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "schedule"
    ]
    assert "wheelwright_ucm.steps.after" in schedule
    assert "wheelwright_ucm_sparse.scheduling.estimate" in schedule


@pytest.mark.parametrize("release", CHOSEN)
def test_a_third_set_that_overlaps_is_a_conflict_with_names(release: str) -> None:
    plan, _ = _outcomes(release)
    third = Patch(
        why="a third set wants the place, too",
        upstream="none: it is made up",
        drop_when="the test is gone",
        versions="",
        edits=[
            Replace(
                inside="vllm.v1.core.sched.scheduler.Scheduler.schedule",
                find="""
                    scheduled_new_reqs: list[Request] = []
                    scheduled_resumed_reqs: list[Request] = []
                """,
                replace="scheduled_new_reqs = scheduled_resumed_reqs = self.planned()",
            )
        ],
    )
    name = "ucm/scheduler_connector"
    patches = {name: plan.patches[name], "third/planner": third}
    outcomes = {item.patch: item for item in match_patches(patches, plan.artifact, release)}
    assert {item.status for item in outcomes.values()} == {Status.CONFLICT}
    for mine, other in ((name, "third/planner"), ("third/planner", name)):
        ((_, problem),) = outcomes[mine].problems
        assert problem.reason == f"touches the same code as {other}"
        assert problem.path == SCHEDULER


def test_the_wheel_of_both_names_both(tmp_path: Path) -> None:
    built = ["build", "-p", "ucm,ucm-sparse", "--vllm", "0.11.0", "-o", str(tmp_path)]
    done = run(*built, project=REPOSITORY, env=real_environment())
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.iterdir()
    assert wheel.name == "vllm-0.11.0+ucm.ucmsparse-py3-none-any.whl"
    manifest, problems, _ = verify_wheel(wheel)
    assert problems == []
    assert manifest["platforms"] == ["ucm", "ucm-sparse"]
