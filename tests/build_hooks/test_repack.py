"""Any wheel is repacked so that every reader finds the same: old files, new files, RECORD."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks import zipwriter
from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.artifact.wheel import WheelTree
from build_hooks.binary_metadata import binary_metadata
from build_hooks.copying import copy_range
from build_hooks.repack import repack_wheel
from build_hooks.zipwriter import ZipWriter, _Entry
from tests.build_hooks.artifact.archives import FILES, Unseekable
from tests.build_hooks.small_release import RELEASE
from tests.build_hooks.small_wheel import (
    INFO,
    LIBRARY,
    NAME,
    RECORD,
    as_csv,
    members,
    record_rows,
    small_contents,
    wheel_of,
    write_members,
)
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO


def repacked(source: Path, folder: Path, changed: Mapping[str, bytes]) -> Path:
    """Change files without any patch."""
    wheel = BinaryWheel(WheelTree(source))
    metadata = binary_metadata(wheel, ["x"])
    target = folder / metadata.wheel_name
    repack_wheel(target, wheel=wheel, metadata=metadata, changed=changed, extra={}, timestamp=0)
    return target


@given(
    files=FILES, changed=FILES, method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
)
def test_any_wheel_and_any_change(
    files: dict[str, tuple[bytes, bool]], changed: dict[str, tuple[bytes, bool]], method: int
) -> None:
    before = {f"vllm/{name}": data for name, (data, _) in files.items()}
    after = {
        f"vllm/{name}": data for name, (data, _) in changed.items() if f"vllm/{name}" in before
    }
    after["vllm/an added file"] = b"new"
    contained = {**before, **small_contents()}
    executable = tuple(f"vllm/{name}" for name, (_, bit) in files.items() if bit)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / NAME
        everything = {**contained, RECORD: as_csv(record_rows(contained))}
        write_members(source, everything, executable=executable, method=method)
        target = repacked(source, Path(folder) / "dist", after)
        with zipfile.ZipFile(target) as archive:
            assert archive.testzip() is None
        if shutil.which("unzip"):
            subprocess.run(["unzip", "-tqq", target], check=True)
        found = contents(target)
        modes = {name: info.external_attr >> 16 for name, info in members(target).items()}
        rows = list(csv.reader(io.StringIO(found[f"vllm-{RELEASE}+x.dist-info/RECORD"].decode())))
    package = {name: data for name, data in contained.items() if name.startswith("vllm/")}
    assert {name: found[name] for name in found if name.startswith("vllm/")} == {**package, **after}
    for name in package:
        assert modes[name] == (0o100755 if name in executable else 0o100644)
    assert [row[0] for row in rows] == list(found)
    for name, digest, size in rows[:-1]:
        value = base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "=")
        assert (value, size) == (hashlib.sha256(found[name]).digest(), str(len(found[name])))


def test_the_folder_of_data_is_renamed_too(tmp_path: Path) -> None:
    data = {f"vllm-{RELEASE}.data/scripts/run": b"#!python\n"}
    target = repacked(wheel_of(tmp_path / NAME, {**data, **small_contents()}), tmp_path / "d", {})
    found = contents(target)
    assert found[f"vllm-{RELEASE}+x.data/scripts/run"] == b"#!python\n"
    assert not any(name.startswith(f"vllm-{RELEASE}.d") for name in found)


def test_signatures_and_entries_of_folders_are_left_out(tmp_path: Path) -> None:
    files = {"vllm/": b"", f"{INFO}/": b"", **small_contents(), f"{INFO}/RECORD.p7s": b"signed"}
    write_members(tmp_path / NAME, {**files, RECORD: as_csv(record_rows(small_contents()))})
    found = contents(repacked(tmp_path / NAME, tmp_path / "dist", {}))
    expected = {name.replace(INFO, f"vllm-{RELEASE}+x.dist-info") for name in small_contents()}
    assert {*found} == {*expected, f"vllm-{RELEASE}+x.dist-info/RECORD"}


def test_data_descriptors_are_kept_with_their_members(tmp_path: Path) -> None:
    stream = Unseekable()
    everything = {**small_contents(), RECORD: as_csv(record_rows(small_contents()))}
    write_members(stream, everything)  # type: ignore[arg-type]
    (tmp_path / NAME).write_bytes(stream.data)
    target = repacked(tmp_path / NAME, tmp_path / "dist", {"vllm/__init__.py": b"new\n"})
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.read(LIBRARY) == small_contents()[LIBRARY]
        licence = archive.getinfo(f"vllm-{RELEASE}+x.dist-info/licenses/LICENSE")
    assert not licence.flag_bits & 8
    BinaryWheel(WheelTree(target))
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", target], check=True)


FAR = 5 << 30


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """Give a wheel with a member of 5 GiB, which is a hole in the file, and others behind it."""
    large = "vllm/large.bin"
    empty_digest = record_rows({large: b""})[0][1]
    files = small_contents()
    rows = [[large, empty_digest, str(FAR)], *record_rows(files)]
    path = tmp_path / NAME
    with path.open("wb") as file, ZipWriter(file, 1_790_000_000) as archive:
        archive.add("vllm/__init__.py", files.pop("vllm/__init__.py"))
        archive._begin(
            _Entry(
                name=large.encode(),
                flags=0,
                method=zipfile.ZIP_STORED,
                moment=(0, 33),
                crc=0,
                packed=FAR,
                size=FAR,
                attributes=0o100755 << 16,
                offset=archive._offset,
            )
        )
        file.seek(FAR, io.SEEK_CUR)
        archive._offset += FAR
        for name, data in {**files, RECORD: as_csv(rows)}.items():
            archive.add(name, data)
    return path


def test_members_beyond_4_gib_and_of_more_than_4_gib(
    far: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaves_holes(source: BinaryIO, target: BinaryIO, start: int, length: int) -> None:
        if length > FAR:  # copying 5 GiB for real takes too long
            copy_range(source, target, start, 1 << 20)
            target.seek(FAR - (2 << 20), io.SEEK_CUR)
            start, length = start + FAR - (1 << 20), length - FAR + (1 << 20)
        copy_range(source, target, start, length)

    monkeypatch.setattr(zipwriter, "copy_range", leaves_holes)
    wheel = BinaryWheel(WheelTree(far, unpacked=2 * FAR))
    metadata = binary_metadata(wheel, ["x"])
    target = tmp_path / "dist" / metadata.wheel_name
    changed = {"vllm/__init__.py": b"changed\n", "vllm/added.py": b"added\n"}
    repack_wheel(target, wheel=wheel, metadata=metadata, changed=changed, extra={}, timestamp=0)
    found = members(target)
    large = found.pop("vllm/large.bin")
    assert (large.file_size, large.compress_size, large.header_offset) == (FAR, FAR, 0)
    assert large.external_attr == 0o100755 << 16
    with zipfile.ZipFile(target) as archive:
        assert archive.read("vllm/added.py") == b"added\n"
        assert archive.read(LIBRARY) == small_contents()[LIBRARY]
        assert archive.read(f"vllm-{RELEASE}+x.dist-info/top_level.txt") == b"vllm\n"
    assert all(info.header_offset > FAR for info in found.values())
    # One ZIP64 field, with the offset; what the old one said is gone.
    assert {len(info.extra) for info in found.values()} == {12}
    again = BinaryWheel(WheelTree(target, unpacked=2 * FAR))
    assert again.rows["vllm/large.bin"].size == FAR
    if shutil.which("unzip"):
        done = subprocess.run(["unzip", "-tqq", target, LIBRARY, "vllm/added.py"], check=False)
        assert done.returncode == 0
    far.unlink()
    target.unlink()
