"""The manifest and the diffs say what was done, and nothing that differs between machines."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.small_release import RELEASE, TIME, small_files
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path

INFO = f"vllm-{RELEASE}+musa.dist-info/wheelwright"


@pytest.fixture(scope="module")
def files(wheel: Path) -> dict[str, bytes]:
    return contents(wheel)


@pytest.fixture(scope="module")
def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files[f"{INFO}/manifest.json"])
    return document


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_names_every_file_that_differs_from_upstream(
    files: dict[str, bytes], manifest: dict[str, Any]
) -> None:
    upstream = small_files()
    differ = {
        name: data
        for name, data in files.items()
        if name.startswith("vllm/") and upstream.get(name) != data
    }
    listed = {item["path"]: item for item in manifest["files"]}
    assert set(listed) == set(differ)
    for name, data in differ.items():
        before = upstream.get(name)
        assert listed[name]["sha256_after"] == sha256(data)
        assert listed[name]["sha256_before"] == (None if before is None else sha256(before))


def test_sites_are_where_the_pristine_file_has_them(manifest: dict[str, Any]) -> None:
    upstream = small_files()
    (patch,) = (item for item in manifest["patches"] if item["name"] == "musa/worker_device_type")
    (file,) = patch["files"]
    (site,) = file["sites"]
    text = upstream[file["path"]]
    assert text[site["start"] : site["end"]] == b'== "cuda"'
    assert text[: site["start"]].count(b"\n") + 1 == site["line"]


def test_the_digest_is_in_the_added_module(
    files: dict[str, bytes], manifest: dict[str, Any]
) -> None:
    assert f'DIGEST = "{manifest["digest"]}"'.encode() in files["vllm/wheelwright.py"]
    assert len(manifest["digest"]) == 64


def test_holds_what_it_was_built_from_and_when(manifest: dict[str, Any]) -> None:
    assert manifest["schema"] == 1
    assert manifest["timestamp"] == TIME
    assert manifest["platforms"] == ["musa"]
    assert manifest["builder"]["name"] == "vllm-wheelwright"


def test_there_is_a_diff_for_each_patch_and_for_the_notices(
    files: dict[str, bytes], manifest: dict[str, Any]
) -> None:
    diffs = {name.removeprefix(f"{INFO}/") for name in files if name.endswith(".diff")}
    names = {patch["name"] for patch in manifest["patches"]} | {"wheelwright/notice"}
    assert diffs == {f"{name}.diff" for name in names}


def test_every_changed_file_carries_the_notice(
    files: dict[str, bytes], manifest: dict[str, Any]
) -> None:
    for item in manifest["files"]:
        if item["sha256_before"] is not None:
            assert b"\n# Modified by vllm-wheelwright for musa: " in files[item["path"]]


def test_says_nothing_of_the_machine(files: dict[str, bytes], wheel: Path) -> None:
    for name, data in files.items():
        assert str(wheel.parent).encode() not in data, name
