"""What stands in a patched sdist: upstream's tree, its diffs, and what readers make of it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from build_hooks.artifact.sdist import SdistTree
from tests.build_hooks.command_line import run, run_json
from tests.sdists.real import PLATFORM, build_patched, package
from tests.wheels.real import artifact, real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sdists
DESCRIBED = ("PKG-INFO", "vllm.egg-info/PKG-INFO", "vllm.egg-info/SOURCES.txt")


def test_its_diffs_lead_back_to_upstreams_tree(release: str, patched: Path, tmp_path: Path) -> None:
    """The oracle is `git apply`: reversed, the series gives upstream's bytes."""
    subprocess.run(["tar", "-xzf", patched, "-C", tmp_path], check=True)
    root = tmp_path / patched.name.removesuffix(".tar.gz")
    manifest = json.loads((root / "wheelwright/manifest.json").read_text(encoding="utf-8"))
    names = [item["name"] for item in manifest["patches"]] + ["wheelwright/notice"]
    for name in reversed(names):
        diff = root / "wheelwright" / f"{name}.diff"
        if diff.exists():
            subprocess.run(["git", "apply", "-R", diff], cwd=root, check=True)
    upstream = SdistTree(artifact(release))
    for path in set(upstream).difference(DESCRIBED):
        assert (root / path).read_bytes() == upstream.read(path), path
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    more = {path for path in left.difference(upstream) if not path.startswith("wheelwright/")}
    assert more == {"vllm/wheelwright.json"}


def test_verify_compares_every_file_with_upstreams(release: str, patched: Path) -> None:
    document = run_json("verify", patched, env=real_environment())
    assert document["good"] is True
    assert document["upstream"] == artifact(release).name
    assert f"vllm {release}+{PLATFORM}\n" in run("show", patched).stdout


def test_permissions_and_folders_are_upstreams(release: str, patched: Path) -> None:
    old, new = SdistTree(artifact(release)), SdistTree(patched)
    assert {path: new.modes[path] for path in old} == old.modes
    assert {path: new.folders[path] for path in old.folders} == old.folders


def test_gnu_tar_and_pythons_data_filter_take_it(patched: Path, tmp_path: Path) -> None:
    listed = subprocess.run(["tar", "-tzf", patched], capture_output=True, text=True, check=True)
    assert listed.stderr == ""
    with tarfile.open(patched) as archive:
        names = [f"{item.name}/" if item.isdir() else item.name for item in archive]
        if sys.version_info >= (3, 12):
            archive.extractall(tmp_path, filter="data")
    assert listed.stdout.splitlines() == names
    assert patched.read_bytes()[4:8] == bytes(4)
    assert gzip.decompress(patched.read_bytes())


def test_its_sbom_is_one(patched: Path) -> None:
    text = SdistTree(patched).read("wheelwright/sbom.cdx.json").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    pedigree = json.loads(text)["metadata"]["component"]["pedigree"]
    manifest = json.loads(SdistTree(patched).read("wheelwright/manifest.json"))
    applied = [item["name"] for item in manifest["patches"] if item["outcome"] == "applied"]
    urls = sorted(item["diff"]["url"] for item in pedigree["patches"])
    # The notices are a change like any other, and have a diff of their own.
    assert urls == sorted(f"{name}.diff" for name in (*applied, "wheelwright/notice"))


def test_the_pure_wheel_has_the_same_python(release: str, patched: Path, tmp_path: Path) -> None:
    wheel = package(build_patched(release, tmp_path, "wheel"))
    tree = SdistTree(patched)
    inside = {path: tree.read(path) for path in tree if path.startswith("vllm/")}
    del inside["vllm/wheelwright.json"]
    differ = {path for path in inside if wheel.get(path) != inside[path]}
    assert differ == {"vllm/wheelwright.py"}, "its digest is that of the native sources too"
    assert set(wheel) == set(inside)
