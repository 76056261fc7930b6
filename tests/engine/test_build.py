"""The patched build is taken for what it is: the same release, for the CPU, and as it was built."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.environment import DISTRIBUTION, RELEASE

if TYPE_CHECKING:
    from tests.engine.running import Place, Run

pytestmark = pytest.mark.engine


def test_vllm_says_the_version_and_the_platform_that_it_said_before(stock: Run, on: Run) -> None:
    assert (on.answer["version"], on.answer["platform"]) == (RELEASE, "cpu")
    assert (stock.answer["version"], stock.answer["platform"]) == (RELEASE, "cpu")


def test_the_distribution_carries_the_label(patched: Place) -> None:
    code = f"import importlib.metadata as m; print(m.version({DISTRIBUTION!r}))"
    assert patched.run("-c", code).log == f"{RELEASE}+profile\n"


def test_files_are_as_built_after_engines_have_run(on: Run, patched: Place) -> None:
    assert on.code == 0
    run = patched.run("-m", "vllm.wheelwright", "--verify")
    assert run.code == 0, run.log


def test_the_build_says_which_patches_it_carries(patched: Place) -> None:
    site_packages = patched.environments.site_packages("patched")
    run = patched.run(site_packages / "vllm" / "wheelwright.py", "--json")
    said = json.loads(run.log)
    outcomes = {patch["name"]: patch["outcome"] for patch in said["patches"]}
    assert set(outcomes.values()) == {"applied"}
    assert "profile/recorder" in outcomes
