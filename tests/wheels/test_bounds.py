"""Every `versions` is as wide as it can be: outside of it, upstream does not have the construct.

A bound that is too narrow would leave a release unpatched, as `excluded`, without anyone noticing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.version import Version

from build_hooks.lock import read_lock
from build_hooks.pipeline import make_plan, without_collector
from build_hooks.platforms import platform_names
from build_hooks.settings import Settings
from transforms.engine.expected import CountsSites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import Patch, admits

pytestmark = pytest.mark.wheels

# The code that these edits are anchored to is older than what they guard against.
ANCHOR_IS_OLDER = {
    "musa/all2all_explicit_destroy edit 1": "`explicitly_destroy` is passed from 0.17 on",
    "musa/all2all_explicit_destroy edit 2": "`explicitly_destroy` is passed from 0.17 on",
    "musa/deep_gemm_e8m0 edit 1": "before 0.11.1 the setting counts on capability 9 and 10 only",
    "musa/torch_profiler_activity edit 10": "imports torch for an edit that is needed from 0.31 on",
}
# What a platform is not made for is no gap in it, although much of its code may be there.
FIRST = {"profile": Version("0.14.1")}
CASES = [
    (platform, release)
    for platform in platform_names()
    for release in read_lock().releases("vllm", "sdist")
    if Version(release) >= FIRST.get(platform, Version("0"))
]


def out_of_bounds(patches: dict[str, Patch], release: str) -> dict[str, Patch]:
    """Give each edit that is not in force on a release as a patch that is."""
    return {
        f"{name} edit {number}": replace(
            patch,
            versions=">0",
            edits=[replace(edit, versions="")],  # type: ignore[type-var]
        )
        for name, patch in patches.items()
        for number, edit in enumerate(patch.edits, start=1)
        if not (admits(patch.versions, release) and admits(edit.versions, release))
        and not isinstance(edit, CountsSites)
    }


@pytest.mark.parametrize(("platform", "release"), CASES)
def test_no_edit_matches_a_release_that_its_bounds_leave_out(platform: str, release: str) -> None:
    plan = make_plan(Settings(platform=(platform,), vllm=release, source="sdist"))
    with without_collector():
        outcomes = match_patches(out_of_bounds(dict(plan.patches), release), plan.artifact, release)
    matched = {item.patch for item in outcomes if item.status is Status.APPLIED}
    assert matched <= set(ANCHOR_IS_OLDER)


@pytest.mark.parametrize("name", ANCHOR_IS_OLDER)
def test_an_exception_is_one(name: str) -> None:
    release = "0.11.0" if "deep_gemm" in name else "0.16.0"
    plan = make_plan(Settings(vllm=release))
    patch = out_of_bounds(dict(plan.patches), release)[name]
    (outcome,) = match_patches({name: patch}, plan.artifact, release)
    assert outcome.status is Status.APPLIED
