"""The musa wheel of real releases: named, described and recorded as it should be."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

from build_hooks.lock import read_lock
from build_hooks.platforms import load_common, load_platform
from build_hooks.record import record_hash
from tests.build_hooks.command_line import run, run_json
from tests.wheels.real import added_files, artifact, members, text

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.wheels

# W002, two files with the same bytes: upstream has such files (tuned configurations, licences of
# models), and the wheel must hold what upstream's does. Nothing else is let pass.
_UPSTREAMS = "W002"


def test_is_named_and_tagged_as_the_contract_says(release: str, wheel: Path) -> None:
    assert wheel.name == f"vllm-{release}+musa-py3-none-any.whl"
    name, version, _, tags = parse_wheel_filename(wheel.name)
    assert (name, str(version)) == ("vllm", f"{release}+musa")
    assert {str(tag) for tag in tags} == {"py3-none-any"}
    assert "Root-Is-Purelib: true\nTag: py3-none-any\n" in text(wheel, "WHEEL")


def test_verifies(wheel: Path) -> None:
    assert run_json("verify", wheel)["good"] is True


def test_metadata_are_valid_by_the_specification(release: str, wheel: Path) -> None:
    metadata = Metadata.from_email(text(wheel, "METADATA"), validate=True)
    assert str(metadata.version) == f"{release}+musa"
    assert metadata.requires_dist


def test_vllms_own_version_stays_upstreams(release: str, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        module = archive.read("vllm/_version.py")
    with tarfile.open(artifact(release)) as archive:
        upstream = archive.extractfile(f"vllm-{release}/vllm/_version.py")
        assert upstream is not None
        assert upstream.read() == module
    values = {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(module).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert values["__version__"] == release


def test_record_names_every_file_with_its_hash_and_size(wheel: Path) -> None:
    rows = list(csv.reader(io.StringIO(text(wheel, "RECORD"))))
    with zipfile.ZipFile(wheel) as archive:
        assert [row[0] for row in rows] == archive.namelist()
        for name, recorded, size in rows[:-1]:
            data = archive.read(name)
            assert (recorded, size) == (record_hash(data), str(len(data))), name
    assert rows[-1][0].endswith(".dist-info/RECORD")
    assert rows[-1][1:] == ["", ""]


def test_the_manifest_says_what_happened(release: str, wheel: Path) -> None:
    manifest = json.loads(text(wheel, "wheelwright/manifest.json"))
    locked = read_lock().find("vllm", release, "sdist")
    assert manifest["schema"] == 1
    assert (manifest["release"], manifest["version"]) == (release, f"{release}+musa")
    assert manifest["artifact"] == {
        "filename": locked.filename,
        "kind": "sdist",
        "sha256": locked.sha256,
        "size": locked.size,
    }
    expected = {
        f"{platform.name}/{stem}"
        for platform in (load_platform("musa"), load_common())
        for stem in platform.patches
    }
    outcomes = {patch["name"]: patch["outcome"] for patch in manifest["patches"]}
    assert set(outcomes) == expected
    assert set(outcomes.values()) <= {"applied", "excluded"}
    for patch in manifest["patches"]:
        assert bool(patch["files"]) == (patch["outcome"] == "applied"), patch["name"]
        assert all(patch[key] for key in ("why", "upstream", "drop_when", "versions"))
    with zipfile.ZipFile(wheel) as archive:
        for file in manifest["files"]:
            data = archive.read(file["path"])
            assert hashlib.sha256(data).hexdigest() == file["sha256_after"]


def test_all_files_but_the_patched_ones_are_the_sdists(release: str, wheel: Path) -> None:
    manifest = json.loads(text(wheel, "wheelwright/manifest.json"))
    patched = {file["path"]: file["sha256_before"] for file in manifest["files"]}
    root = f"vllm-{release}/"
    inside = {name for name in members(wheel) if name.startswith("vllm/")}
    seen = set()
    with tarfile.open(artifact(release)) as sdist, zipfile.ZipFile(wheel) as archive:
        for member in sdist:
            name = member.name.removeprefix(root)
            file = sdist.extractfile(member)
            if file is None or not name.startswith("vllm/"):
                continue
            data = file.read()
            seen.add(name)
            if name in patched:
                assert hashlib.sha256(data).hexdigest() == patched[name], name
                assert data != archive.read(name), name
            else:
                assert data == archive.read(name), name
    assert inside - seen == added_files(release)
    assert seen <= inside


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_its_diffs_lead_from_upstream_to_the_wheel(
    release: str, wheel: Path, tmp_path: Path
) -> None:
    manifest = json.loads(text(wheel, "wheelwright/manifest.json"))
    paths = [file["path"] for file in manifest["files"]]
    with tarfile.open(artifact(release)) as sdist:
        for path in sorted({*paths} - added_files(release)):
            file = sdist.extractfile(f"vllm-{release}/{path}")
            assert file is not None
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(file.read())
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    diff = run("diff", "--source", artifact(release), encoding=None).stdout
    done = subprocess.run(
        ["git", "apply"], cwd=tmp_path, input=diff, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(wheel) as archive:
        for path in paths:
            assert (tmp_path / path).read_bytes() == archive.read(path), path


def test_twine_has_nothing_to_say(wheel: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_check_wheel_contents_has_nothing_to_say_of_ours(wheel: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_wheel_contents", "--ignore", _UPSTREAMS, wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
