"""The musa wheel against upstream's own binary wheel, file by file.

Upstream's wheel holds the package of the sdist, and on top of it what its native build makes or
copies. What may be there only is said by rule; everything else must be the same in both.
"""

from __future__ import annotations

import email
import json
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.wheels.real import OFFICIAL, added_files, artifact, members, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.wheels, pytest.mark.parametrize("release", OFFICIAL)]

# What only a native build makes, and why. Each rule is held to upstream's own build files below.
COMPILED = re.compile(r"\.so$")  # extension modules
RUST = re.compile(r"^vllm/vllm-rs$")  # upstream's program in Rust
PROTOBUF = re.compile(r"^vllm/grpc/\w+_pb2(_grpc)?\.pyi?$")  # generated from the .proto beside them
FLASH_ATTENTION = re.compile(r"^vllm/vllm_flash_attn/")  # copied from another repository
THIRD_PARTY = re.compile(r"^vllm/third_party/(\w+)/")  # copied from other repositories
RULES = (COMPILED, RUST, PROTOBUF, FLASH_ATTENTION, THIRD_PARTY)


@pytest.fixture
def ours(release: str, musa_wheel: Callable[[str], Path]) -> Path:
    return musa_wheel(release)


@pytest.fixture
def theirs(release: str) -> Path:
    return artifact(release, "wheel")


def package(wheel: Path) -> dict[str, zipfile.ZipInfo]:
    return {name: info for name, info in members(wheel).items() if name.startswith("vllm/")}


def test_the_files_are_the_same_but_for_what_a_native_build_adds(
    release: str, ours: Path, theirs: Path
) -> None:
    mine, upstream = set(package(ours)), set(package(theirs))
    assert mine - upstream == added_files(release)
    unexplained = {name for name in upstream - mine if not any(rule.search(name) for rule in RULES)}
    assert unexplained == set()


def test_every_shared_file_has_the_same_bytes_but_for_the_patched_ones(
    release: str, ours: Path, theirs: Path
) -> None:
    manifest = json.loads(text(ours, "wheelwright/manifest.json"))
    patched = {file["path"] for file in manifest["files"]} - added_files(release)
    shared = set(package(ours)) & set(package(theirs))
    assert len(shared) > 1000
    with zipfile.ZipFile(ours) as mine, zipfile.ZipFile(theirs) as upstream:
        differ = {name for name in shared if mine.read(name) != upstream.read(name)}
    assert differ == patched


def test_what_a_native_build_adds_is_named_in_upstreams_build_files(
    release: str, ours: Path, theirs: Path
) -> None:
    added = set(package(theirs)) - set(package(ours))
    with tarfile.open(artifact(release)) as sdist:
        parts = [
            file.read().decode("utf-8")
            for member in sdist
            if re.search(r"^[^/]+/(setup\.py|CMakeLists\.txt|cmake/.*)$", member.name)
            and (file := sdist.extractfile(member))
        ]
        protos = {
            member.name.partition("/")[2].removesuffix(".proto")
            for member in sdist
            if member.name.endswith(".proto")
        }
    build_files = "\n".join(parts)
    for name in added:
        bundled = THIRD_PARTY.match(name)
        if bundled:
            assert f"third_party/{bundled[1]}" in build_files, name
        elif FLASH_ATTENTION.match(name):
            assert "vllm_flash_attn/" in build_files, name
        elif RUST.match(name):
            assert "vllm-rs" in build_files, name
        elif PROTOBUF.match(name):
            assert re.sub(r"_pb2(_grpc)?\.pyi?$", "", name) in protos, name
        else:
            target = name.rpartition("/")[2].partition(".")[0]
            assert re.search(rf"\b{target}\b", build_files), name


def fields(metadata: str) -> list[tuple[str, str]]:
    return list(email.message_from_string(metadata).items())


def test_metadata_differ_in_version_and_requirements_only(
    release: str, ours: Path, theirs: Path
) -> None:
    mine, upstream = text(ours, "METADATA"), text(theirs, "METADATA")
    changed = {"Version", "Requires-Dist"}
    assert [field for field in fields(mine) if field[0] not in changed] == [
        field for field in fields(upstream) if field[0] not in changed
    ]
    assert mine.partition("\n\n")[2] == upstream.partition("\n\n")[2]
    extras = [value for name, value in fields(mine) if "extra ==" in value]
    assert extras == [value for name, value in fields(upstream) if "extra ==" in value]
    assert dict(fields(mine))["Version"] == f"{release}+musa"


@pytest.mark.parametrize("name", ["entry_points.txt", "top_level.txt", "licenses/LICENSE"])
def test_all_other_metadata_are_upstreams(ours: Path, theirs: Path, name: str) -> None:
    assert text(ours, name) == text(theirs, name)
