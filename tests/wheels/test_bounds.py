"""Every `versions` is as wide as it can be: outside of it, upstream does not have the construct.

A bound that is too narrow would leave a release unpatched, as `excluded`, without anyone noticing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.version import Version

from build_hooks.collector import without_collector
from build_hooks.lock import read_lock
from build_hooks.pipeline import make_plan
from build_hooks.platforms import platform_names
from build_hooks.settings import Settings
from tests.wheels.bound_exceptions import EXCEPTIONS
from transforms.edits import AddImport, AddModule
from transforms.engine.expected import CountsSites
from transforms.engine.explaining.closest import Closest
from transforms.engine.explaining.whereabouts import Whereabouts
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import Patch, admits

pytestmark = pytest.mark.wheels

# What a platform is not made for is no gap in it, although much of its code may be there.
FIRST = {
    "ascend": Version("0.23.0"),
    "profile": Version("0.14.1"),
    "windows": Version("0.14.1"),
}
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
        # An import fits every module, and a file of ours every release: what they are for is bound
        # by the edits that use the name.
        and not isinstance(edit, (AddImport, AddModule, CountsSites))
    }


@pytest.fixture(autouse=True)
def unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out why an edit does not hold, which takes ten times as long as to find that."""
    nowhere = Whereabouts(())
    monkeypatch.setattr("transforms.engine.syntax.scope.whereabouts", lambda *_: nowhere)
    monkeypatch.setattr("transforms.engine.edit.where_pattern_matches", lambda *_: ())
    for module in ("edit", "cmake.scope", "cpp.searched"):
        monkeypatch.setattr(f"transforms.engine.{module}.closest_to", lambda *_: Closest())


@pytest.mark.parametrize(("platform", "release"), CASES)
def test_no_edit_matches_a_release_that_its_bounds_leave_out(platform: str, release: str) -> None:
    plan = make_plan(Settings(platform=(platform,), vllm=release, source="sdist"))
    with without_collector():
        outcomes = match_patches(out_of_bounds(dict(plan.patches), release), plan.artifact, release)
    matched = {item.patch for item in outcomes if item.status is Status.APPLIED}
    assert matched <= set(EXCEPTIONS)


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_one(name: str) -> None:
    release, _ = EXCEPTIONS[name]
    platform = name.partition("/")[0]
    plan = make_plan(Settings(platform=(platform,), vllm=release, source="sdist"))
    patch = out_of_bounds(dict(plan.patches), release)[name]
    (outcome,) = match_patches({name: patch}, plan.artifact, release)
    assert outcome.status is Status.APPLIED
