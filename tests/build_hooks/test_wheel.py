"""A wheel holds the package, its metadata, and a RECORD of both."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.errors import ArtifactError, OutputError
from build_hooks.metadata import core_metadata
from build_hooks.wheel import dist_info_files, write_wheel
from tests.build_hooks.small_release import PKG_INFO, small_sdist, write_folder

if TYPE_CHECKING:
    from pathlib import Path


def write(target: Path, source: Path, **changed: bytes) -> Path:
    artifact = open_artifact(source)
    write_wheel(
        target,
        artifact=artifact,
        metadata=core_metadata(artifact, ["musa"], artifact.name),
        changed={"vllm/__init__.py": b"changed\n", "vllm/added.py": b"added\n", **changed},
        extra={"wheelwright/manifest.json": b"{}\n"},
        timestamp=artifact.newest,
    )
    return target


@pytest.fixture
def archive(sdist: Path, tmp_path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(write(tmp_path / "dist" / "v.whl", sdist))


INFO = "vllm-0.33.0+musa.dist-info"


def test_holds_the_package_and_nothing_else_of_the_sdist(
    archive: zipfile.ZipFile, sdist: Path
) -> None:
    package = {name for name in open_artifact(sdist) if name.startswith("vllm/")}
    described = {
        f"{INFO}/{name}"
        for name in (
            "METADATA",
            "RECORD",
            "WHEEL",
            "entry_points.txt",
            "top_level.txt",
            "licenses/LICENSE",
            "wheelwright/manifest.json",
        )
    }
    assert set(archive.namelist()) == package | {"vllm/added.py"} | described
    assert archive.namelist()[-1] == f"{INFO}/RECORD"


def test_changed_files_are_shipped_and_all_others_are_upstreams(
    archive: zipfile.ZipFile, sdist: Path
) -> None:
    artifact = open_artifact(sdist)
    assert archive.read("vllm/__init__.py") == b"changed\n"
    assert archive.read("vllm/added.py") == b"added\n"
    for name in set(artifact) & set(archive.namelist()) - {"vllm/__init__.py"}:
        assert archive.read(name) == artifact.read(name), name


def test_keeps_what_is_executable(archive: zipfile.ZipFile) -> None:
    modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes.pop("vllm/tool.sh") == 0o100755
    assert set(modes.values()) == {0o100644}


def test_record_names_every_file_and_uv_can_read_names_with_commas(
    archive: zipfile.ZipFile,
) -> None:
    text = archive.read(f"{INFO}/RECORD").decode()
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(text))}
    assert list(rows) == archive.namelist()
    for name, (recorded, size) in rows.items():
        data = archive.read(name)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        expected = ("", "") if name.endswith("/RECORD") else (f"sha256={digest}", str(len(data)))
        assert (recorded, size) == expected, name
    assert '"vllm/configs/E=1,N=2,device_name=A.json",sha256=' in text


def test_record_survives_quotes_and_letters_beyond_ascii(tmp_path: Path) -> None:
    names = ['vllm/a"b".json', "vllm/gr\u00fcn, blau.json", "vllm/plain.json"]
    folder = write_folder(tmp_path / "tree", {"PKG-INFO": PKG_INFO.encode(), "LICENSE": b""})
    write_folder(folder, {"requirements/common.txt": b"", **dict.fromkeys(names, b"{}")})
    with zipfile.ZipFile(write(tmp_path / "v.whl", folder)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read(f"{INFO}/RECORD").decode())))
    assert [row[0] for row in rows] == archive.namelist()
    assert set(names) <= {row[0] for row in rows}


def test_says_what_made_it_and_that_it_is_pure(archive: zipfile.ZipFile) -> None:
    lines = archive.read(f"{INFO}/WHEEL").decode().splitlines()
    assert "Root-Is-Purelib: true" in lines
    assert "Tag: py3-none-any" in lines
    assert lines[0] == "Wheel-Version: 1.0"
    assert lines[1].startswith("Generator: vllm-wheelwright ")


def test_members_have_the_time_of_the_newest_upstream_file(archive: zipfile.ZipFile) -> None:
    assert {info.date_time for info in archive.infolist()} == {(2026, 9, 21, 14, 13, 20)}


def test_a_licence_that_is_not_there_is_named(tmp_path: Path) -> None:
    source = small_sdist(tmp_path, pkg_info=PKG_INFO.replace("LICENSE", "../../etc/passwd"))
    artifact = open_artifact(source)
    with pytest.raises(ArtifactError, match=r"has no \.\./\.\./etc/passwd, which its PKG-INFO"):
        dist_info_files(core_metadata(artifact, ["musa"], artifact.name), artifact)


def test_leaves_nothing_and_the_old_wheel_when_the_source_fails(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tree", {"PKG-INFO": PKG_INFO.encode(), "LICENSE": b""})
    write_folder(folder, {"requirements/common.txt": b"", "vllm/z.py": b""})
    target = tmp_path / "dist" / "v.whl"
    target.parent.mkdir()
    target.write_bytes(b"old")
    artifact = open_artifact(folder)
    (folder / "vllm/z.py").unlink()
    with pytest.raises(ArtifactError, match=r"z\.py cannot be read"):
        write_wheel(
            target,
            artifact=artifact,
            metadata=core_metadata(artifact, ["musa"], "tree"),
            changed={},
            extra={},
            timestamp=0,
        )
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_cannot_be_made_is_an_output_error(sdist: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"v\.whl cannot be written: its folder is a file"):
        write(tmp_path / "file" / "v.whl", sdist)
