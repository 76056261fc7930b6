"""What docs/triton-dialect.md says of each release is what the compilers say today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.triton.comparison import Comparison
from build_hooks.triton.configurations import Configurations
from build_hooks.triton.document import measured
from build_hooks.triton.measured import read_measured
from build_hooks.triton.replay import HOPPER
from build_hooks.triton.report import Subject, make_report
from tests.triton.release import OLD, REFERENCES

if TYPE_CHECKING:
    from tests.triton.release import Release
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton


@pytest.fixture(params=REFERENCES)
def release(request: pytest.FixtureRequest, releases: dict[str, Release]) -> Release:
    return releases[request.param]


@pytest.fixture
def found(release: Release, replays: Replays) -> dict[str, Any]:
    """Give what `triton-report --record` would keep."""
    stock, built = (replays[release.version, OLD, kind] for kind in ("stock", "built"))
    subject = Subject(release=release.version, platforms=["musa"], triton=OLD, target=HOPPER)
    jobs = Configurations(jobs=release.jobs)
    return measured(make_report(subject, release.census, jobs, Comparison(stock, built)))


@pytest.fixture
def recorded(release: Release) -> dict[str, Any]:
    (entry,) = (
        one
        for one in read_measured()
        if (one["release"], one["triton"], one["platforms"]) == (release.version, OLD, ["musa"])
    )
    return entry


def stopped(entry: dict[str, Any], kernels: frozenset[str]) -> dict[str, str]:
    """Say for some kernels what stops them."""
    return {
        ident: missing["feature"]
        for missing in entry["missing"]
        for ident in (*missing["kernels"], *missing["functions"])
        if ident in kernels
    }


def test_the_same_kernels_stop_at_the_same_features(
    release: Release, found: dict[str, Any], recorded: dict[str, Any]
) -> None:
    kernels = frozenset(job.ident for job in release.jobs)
    assert stopped(found, kernels) == stopped(recorded, kernels)


def test_the_same_numbers_are_counted(
    release: Release, found: dict[str, Any], recorded: dict[str, Any]
) -> None:
    sampled = len(release.jobs) < len(release.recorded)
    names = ["cache_keys"] if sampled else list(recorded["counts"])
    assert {name: found["counts"][name] for name in names} == {
        name: recorded["counts"][name] for name in names
    }


def test_every_kernel_that_stops_does_so_at_a_feature_with_a_name(found: dict[str, Any]) -> None:
    unknown = [missing for missing in found["missing"] if not missing["known"]]
    assert unknown == []


def test_nothing_is_lost(found: dict[str, Any]) -> None:
    assert found["lost"] == []
