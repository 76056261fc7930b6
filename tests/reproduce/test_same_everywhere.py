"""The wheel of a real release is the same, bit for bit, whatever makes it."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from build_hooks.fetch.cache import hash_file
from tests.build_hooks.tampered import contents
from tests.machines import PYTHONS, found, requirements_of_a_build
from tests.reproduce.machines import (
    FOLDERS,
    FRONT_ENDS,
    LOCALES,
    MASKS,
    SEEDS,
    USERS,
    ZONES,
    Machine,
    build_on,
    machines,
)
from tests.wheels.real import artifact, build_release, new_environment

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = "0.33.0"
MACHINES = machines()


def test_every_value_of_every_factor_occurs() -> None:
    wanted = {
        "folder": FOLDERS,
        "user": USERS,
        "mask": MASKS,
        "zone": ZONES,
        "locale": LOCALES,
        "seed": SEEDS,
        "python": PYTHONS,
        "front_end": FRONT_ENDS,
    }
    assert [item.name for item in fields(Machine)] == list(wanted)
    for name, values in wanted.items():
        assert {getattr(machine, name) for machine in MACHINES} == set(values), name


@pytest.fixture(scope="session")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give an interpreter of each version that has all front ends."""
    folder = tmp_path_factory.mktemp("pythons")
    needed = (*requirements_of_a_build(), "pip", "uv", "build")
    return {
        version: new_environment(folder / version, *needed, python=found(version))
        for version in PYTHONS
    }


@pytest.fixture(scope="session")
def wheels(pythons: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give the wheel that each machine builds, as many at a time as there are processors."""
    artifact(RELEASE)
    folder = tmp_path_factory.mktemp("machines")

    def build(number: int) -> Path:
        machine, root = MACHINES[number], folder / str(number)
        root.mkdir()
        return build_on(machine, root, pythons[machine.python], f"vllm={RELEASE}")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(build, range(len(MACHINES))))


@pytest.mark.reproduce
def test_every_machine_gives_the_same(wheels: list[Path]) -> None:
    digests = {hash_file(wheel): machine for wheel, machine in zip(wheels, MACHINES, strict=True)}
    assert len(digests) == 1, digests
    assert {wheel.name for wheel in wheels} == {f"vllm-{RELEASE}+musa-py3-none-any.whl"}


@pytest.mark.reproduce
def test_the_oldest_build_requirements_give_the_same_files(
    wheels: list[Path], tmp_path: Path
) -> None:
    requires = [item.replace(">=", "==") for item in requirements_of_a_build()]
    python = new_environment(tmp_path / "venv", *requires)
    ours = contents(wheels[0])
    other = contents(build_release(RELEASE, tmp_path / "dist", python=python))
    # The manifest names the two libraries and their versions, of which the bytes are a function.
    info = f"vllm-{RELEASE}+musa.dist-info"
    sbom = f"{info}/sboms/vllm-wheelwright.cdx.json"
    told = (f"{info}/wheelwright/manifest.json", sbom, f"{info}/RECORD")
    manifests = [json.loads(files[told[0]]) for files in (ours, other)]
    for library in ("compression", "sbom"):
        assert manifests[0].pop(library) != manifests[1].pop(library)
    assert manifests[0] == manifests[1]
    # And the SBOM has the manifest's digest.
    subjects = [json.loads(files[sbom])["metadata"]["component"] for files in (ours, other)]
    assert subjects[0].pop("properties") != subjects[1].pop("properties")
    assert subjects[0] == subjects[1]
    for name in told:
        del ours[name], other[name]
    assert other == ours
