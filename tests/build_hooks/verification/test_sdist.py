"""`verify` finds whatever was changed in a patched sdist."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.verification.sdist import verify_sdist
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.native_platform import NAME, add_platform
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROOT = f"vllm-{RELEASE}+native"
MANIFEST, COPY = "wheelwright/manifest.json", "vllm/wheelwright.json"
TEXT_DIFF = "wheelwright/native/license_text.diff"
PLAIN, PATCHED, ADDED = "vllm/config/__init__.py", "LICENSE", "csrc/native.h"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("inspected"))
    add_platform(project)
    done = run("build", "-p", NAME, project=project.root, env=project.environment())
    assert done.returncode == 0, done.stderr
    return project


def tampered(
    project: Project, target: Path, changes: Mapping[str, bytes | None], *, root: str = ROOT
) -> Path:
    """Write the sdist anew, by Python's own tarfile, with other files."""
    files: dict[str, tuple[bytes, int]] = {}
    with tarfile.open(project.root / "dist" / f"{ROOT}.tar.gz") as archive:
        for member in archive:
            opened = archive.extractfile(member)
            if opened:
                files[member.name.partition("/")[2]] = (opened.read(), member.mode)
    for path, data in changes.items():
        mode = files.get(path, (b"", 0o644))[1]
        files.pop(path, None)
        if data is not None:
            files[path] = (data, mode)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz") as archive:
        for path, (data, mode) in files.items():
            member = tarfile.TarInfo(f"{root}/{path}")
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return target


def content(project: Project, path: str) -> bytes:
    with tarfile.open(project.root / "dist" / f"{ROOT}.tar.gz") as archive:
        opened = archive.extractfile(f"{ROOT}/{path}")
        assert opened is not None
        return opened.read()


def problems(project: Project, tmp_path: Path, changes: Mapping[str, bytes | None]) -> set[str]:
    path = tampered(project, tmp_path / f"{ROOT}.tar.gz", changes)
    words = ("verify", path)
    document = run_json(*words, code=1, project=project.root, env=project.environment())
    assert document["upstream"] == f"vllm-{RELEASE}.tar.gz"
    return {f"{item['path']} {item['problem']}" for item in document["problems"]}


def test_passes_what_another_tool_packed_anew(project: Project, tmp_path: Path) -> None:
    path = tampered(project, tmp_path / f"{ROOT}.tar.gz", {})
    done = run_json("verify", path, project=project.root, env=project.environment())
    assert (done["good"], done["upstream"]) == (True, f"vllm-{RELEASE}.tar.gz")


def test_finds_what_differs_from_upstreams(project: Project, tmp_path: Path) -> None:
    changes: dict[str, bytes | None] = {
        PLAIN: b"hostile = 1\n",
        "vllm/tool.sh": None,
        "vllm/more.py": b"hostile = 1\n",
        "csrc/more.h": b"",
        "wheelwright/more.diff": b"",
        "vllm.egg-info/SOURCES.txt": b"LICENSE",
    }
    assert problems(project, tmp_path, changes) == {
        f"{PLAIN} differs from upstream's",
        "vllm/tool.sh is upstream's and missing",
        "vllm/more.py is neither upstream's nor in the manifest",
        "csrc/more.h is neither upstream's nor in the manifest",
        "wheelwright/more.diff is neither upstream's nor in the manifest",
        "vllm.egg-info/SOURCES.txt is not what a build makes of upstream's",
    }


def test_finds_what_differs_from_the_manifest(project: Project, tmp_path: Path) -> None:
    other = content(project, PATCHED).replace(b"The", b"An")
    digest = f"{MANIFEST} has another digest than its files give"
    assert problems(project, tmp_path, {PATCHED: other}) == {
        f"{PATCHED} differs from the manifest",
        f"{TEXT_DIFF} is not what changed {PATCHED} near line 1",
        digest,
    }
    outside = content(project, PATCHED).replace(b"License", b"Licence")
    assert problems(project, tmp_path, {PATCHED: outside}) == {
        f"{PATCHED} differs from the manifest",
        f"{PATCHED} differs from upstream's outside of the sites",
        f"{TEXT_DIFF} is not what changed {PATCHED} near line 1",
        digest,
    }
    assert problems(project, tmp_path, {ADDED: None}) == {
        f"{ADDED} is in the manifest and not in the sdist",
        f"wheelwright/native/header.diff changes {ADDED}, which is not there behind it",
        digest,
    }
    diff = "wheelwright/native/header.diff"
    assert problems(project, tmp_path, {diff: None}) == {
        f"{diff} is missing",
        f"{ADDED} is not upstream's when its diffs are taken back",
        "wheelwright/sbom.cdx.json is not what the manifest and the diffs give",
    }


def test_finds_a_forged_manifest(project: Project, tmp_path: Path) -> None:
    """A file and its hashes are changed alike: what is outside of the sites gives it away."""
    import hashlib  # noqa: PLC0415

    from build_hooks.inspection import open_output  # noqa: PLC0415 - for this forger
    from build_hooks.verification.description import _digest_of  # noqa: PLC0415

    outside = content(project, PATCHED).replace(b"License", b"Licence")
    document = json.loads(content(project, MANIFEST))
    for file in document["files"]:
        if file["path"] == PATCHED:
            file["sha256_after"] = hashlib.sha256(outside).hexdigest()
    first = tampered(project, tmp_path / "first.tar.gz", {PATCHED: outside})
    digest = document["digest"]
    script = content(project, "vllm/wheelwright.py")
    document["digest"] = _digest_of(open_output(first), document)
    assert document["digest"] != digest
    forged = json.dumps(document).encode()
    bom = content(project, "wheelwright/sbom.cdx.json").replace(
        digest.encode(), document["digest"].encode()
    )
    changes = {
        PATCHED: outside,
        MANIFEST: forged,
        COPY: forged,
        "wheelwright/sbom.cdx.json": bom,
        "vllm/wheelwright.py": script,
    }
    found = problems(project, tmp_path, changes)
    assert f"{PATCHED} differs from upstream's outside of the sites" in found


@pytest.mark.parametrize(
    ("path", "data", "problem"),
    [
        (COPY, b"{}", f"is not the same as {MANIFEST}"),
        (COPY, None, f"is not the same as {MANIFEST}"),
        ("wheelwright/sbom.cdx.json", None, "is missing"),
        ("wheelwright/sbom.cdx.json", b"[]", "is not what the manifest and the diffs give"),
        ("PKG-INFO", b"Name: vllm\nVersion: 1\n", "is not of the manifest's version"),
    ],
)
def test_finds_descriptions_that_do_not_agree(
    project: Project, tmp_path: Path, path: str, data: bytes | None, problem: str
) -> None:
    assert f"{path} {problem}" in problems(project, tmp_path, {path: data})


def test_finds_permissions_that_are_not_upstreams(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "changed.tar.gz"
    with (
        tarfile.open(project.root / "dist" / f"{ROOT}.tar.gz") as old,
        tarfile.open(path, "w:gz") as new,
    ):
        for member in old:
            member.mode = 0o777 if member.name.endswith(PLAIN) else member.mode
            new.addfile(member, old.extractfile(member))
    words = ("verify", path)
    document = run_json(*words, code=1, project=project.root, env=project.environment())
    (found,) = document["problems"]
    assert found == {"path": PLAIN, "problem": "has other permissions than upstream's"}


def test_finds_another_top_folder_without_upstreams_file_too(
    project: Project, tmp_path: Path
) -> None:
    path = tampered(project, tmp_path / "x.tar.gz", {}, root="vllm-9.9")
    _, found, compared = verify_sdist(path)
    assert [(item.path, compared) for item in found] == [("vllm-9.9", None)]


def test_an_sdist_of_someone_else_is_named_as_such(project: Project, tmp_path: Path) -> None:
    stock = tampered(project, tmp_path / "x.tar.gz", {MANIFEST: None})
    for command in ("verify", "show"):
        message = assert_clean_failure(run(command, stock), 5)
        assert "carries no manifest: vllm-wheelwright has not built it" in message
        assert "makes sdists that do" in message
