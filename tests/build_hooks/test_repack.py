"""A patched binary wheel: what is changed is new, all else is upstream's, byte for byte."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks import zipwriter
from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.artifact.wheel import WheelTree
from build_hooks.backend import prepare_metadata_for_build_wheel
from build_hooks.binary_metadata import binary_metadata
from build_hooks.copying import copy_range
from build_hooks.errors import UsageError
from build_hooks.pipeline import build_wheel
from build_hooks.repack import repack_wheel
from build_hooks.settings import Settings
from build_hooks.zipwriter import ZipWriter, _Entry
from tests.build_hooks.artifact.archives import FILES, Unseekable
from tests.build_hooks.command_line import run_json
from tests.build_hooks.index_server import IndexServer
from tests.build_hooks.small_release import PATCHES, PKG_INFO, RELEASE
from tests.build_hooks.small_wheel import (
    INFO,
    LIBRARY,
    NAME,
    OURS,
    RECORD,
    TAG,
    TOOL,
    as_csv,
    record_rows,
    small_contents,
    small_wheel,
    wheel_of,
    write_members,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

CHANGED = {
    "vllm/config/vllm.py",
    "vllm/platforms/interface.py",
    "vllm/v1/worker/gpu_worker.py",
}
ADDED = {"vllm/wheelwright.py"}
MANIFEST = f"{OURS}/wheelwright/manifest.json"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def settings(source: Path) -> Settings:
    return Settings(source=str(source), only=PATCHES)


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_wheel(tmp_path_factory.mktemp("upstream"))


@pytest.fixture(scope="module")
def built(upstream: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        return build_wheel(settings(upstream), tmp_path_factory.mktemp("built"))


def members(path: Path) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info for info in archive.infolist()}


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def headers(data: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Walk the records from the first byte on, as a reader does that sees no directory yet."""
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        flags = int.from_bytes(data[at + 6 : at + 8], "little")
        assert not flags & 8, "a length is unknown"
        packed, _, name, extra = struct.unpack_from("<2L2H", data, at + 18)
        start = at + 30 + name + extra
        yield (
            data[at + 30 : at + 30 + name].decode(),
            data[at : start + packed],
            data[start:][:packed],
        )
        at = start + packed
    assert data[at : at + 4] == b"PK\1\2"


def packed_bytes(path: Path) -> dict[str, bytes]:
    return {name: packed for name, _, packed in headers(path.read_bytes())}


def test_is_named_as_upstreams_with_the_label(built: Path) -> None:
    assert built.name == f"vllm-{RELEASE}+musa-{TAG}.whl"


def test_what_is_not_changed_is_upstreams_record_bit_for_bit(upstream: Path, built: Path) -> None:
    theirs = {name: record for name, record, _ in headers(upstream.read_bytes())}
    ours = {name: record for name, record, _ in headers(built.read_bytes())}
    kept = {name for name in theirs if name.startswith("vllm/")} - CHANGED
    assert LIBRARY in kept
    for name in kept:
        assert ours[name] == theirs[name], name


def test_modes_and_times_of_kept_files_stay_and_ours_have_the_newest(
    upstream: Path, built: Path
) -> None:
    before, after = members(upstream), members(built)
    assert after[LIBRARY].external_attr >> 16 == after[TOOL].external_attr >> 16 == 0o100755
    for name, info in after.items():
        old = before.get(name.replace(OURS, INFO))
        assert info.external_attr == (old.external_attr if old else 0o100644 << 16), name
        assert info.date_time == (2026, 9, 21, 14, 13, 20), name
        assert info.create_system == 3, name


def test_times_of_new_members_can_be_set(
    upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    times = {
        name: info.date_time
        for name, info in members(build_wheel(settings(upstream), tmp_path)).items()
    }
    ours = {name for name, time in times.items() if time == (2020, 9, 13, 12, 26, 40)}
    described = {name for name in times if name.startswith(f"{OURS}/wheelwright/")}
    assert len(described) > 3
    rewritten = {f"{OURS}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    assert ours == CHANGED | ADDED | described | rewritten
    assert {times[name] for name in times if name not in ours} == {(2026, 9, 21, 14, 13, 20)}


def test_changed_and_added_files_are_those_of_the_manifest(upstream: Path, built: Path) -> None:
    before, after = contents(upstream), contents(built)
    assert {name for name in before if after.get(name) != before[name]} - CHANGED == {
        name for name in before if name.startswith(INFO)
    }
    manifest = json.loads(after[MANIFEST])
    assert {file["path"] for file in manifest["files"]} == CHANGED | ADDED
    for file in manifest["files"]:
        assert hashlib.sha256(after[file["path"]]).hexdigest() == file["sha256_after"]
    assert manifest["artifact"] == {
        "filename": NAME,
        "kind": "wheel",
        "sha256": hashlib.sha256(upstream.read_bytes()).hexdigest(),
        "size": upstream.stat().st_size,
    }


def test_no_old_record_is_left(built: Path) -> None:
    seen = [name for name, _, _ in headers(built.read_bytes())]
    assert seen == list(members(built))
    assert len(seen) == len({*seen})
    assert not any(name.startswith(INFO) for name in seen)


def test_members_are_in_upstreams_order_then_ours_and_record_is_last(
    upstream: Path, built: Path
) -> None:
    order = list(members(built))
    kept = [name for name in members(upstream) if name.startswith("vllm/") and name not in CHANGED]
    assert order[: len(kept)] == kept
    rest = order[len(kept) :]
    assert rest[: len(CHANGED | ADDED)] == sorted(CHANGED | ADDED)
    described = rest[len(CHANGED | ADDED) : -1]
    assert described == sorted(described)
    assert order[-1] == f"{OURS}/RECORD"


def test_record_names_every_file_with_its_hash_and_size(built: Path) -> None:
    files = contents(built)
    text = files[f"{OURS}/RECORD"].decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows] == list(files)
    for name, digest, size in rows[:-1]:
        value = base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "=")
        assert value == hashlib.sha256(files[name]).digest(), name
        assert size == str(len(files[name]))
    assert rows[-1] == [f"{OURS}/RECORD", "", ""]
    assert '"vllm/configs/E=1,N=2,device_name=A.json",sha256=' in text


def test_upstreams_own_description_stays(upstream: Path, built: Path) -> None:
    before, after = contents(upstream), contents(built)
    for name in ("licenses/LICENSE", "entry_points.txt", "top_level.txt"):
        assert after[f"{OURS}/{name}"] == before[f"{INFO}/{name}"]
        assert packed_bytes(built)[f"{OURS}/{name}"] == packed_bytes(upstream)[f"{INFO}/{name}"]
    expected = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {RELEASE}+musa")
    assert after[f"{OURS}/METADATA"].decode() == expected
    assert after[f"{OURS}/WHEEL"].decode().splitlines()[2:] == [
        "Root-Is-Purelib: false",
        f"Tag: {TAG}",
    ]


def test_prepared_metadata_are_those_of_the_wheel(
    upstream: Path, built: Path, tmp_path: Path
) -> None:
    prepared = prepare_metadata_for_build_wheel(
        str(tmp_path), {"source": str(upstream), "only": ",".join(PATCHES)}
    )
    assert prepared == OURS
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    files = contents(built)
    expected = {name for name in files if name.startswith(OURS)}
    expected -= {name for name in expected if "/wheelwright/" in name or name.endswith("/RECORD")}
    assert written == {name: files[name] for name in expected}


def test_show_and_verify_know_it(built: Path) -> None:
    assert run_json("verify", built)["good"] is True
    manifest = run_json("show", built)["manifest"]
    assert (manifest["version"], manifest["artifact"]["kind"]) == (f"{RELEASE}+musa", "wheel")


def test_two_builds_give_the_same_bytes(upstream: Path, built: Path, tmp_path: Path) -> None:
    copy = shutil.copy(upstream, tmp_path)
    again = build_wheel(settings(Path(copy)), tmp_path / "dist")
    assert again.read_bytes() == built.read_bytes()


def test_a_wheel_of_our_own_is_refused(built: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was built by vllm-wheelwright") as caught:
        build_wheel(settings(built), tmp_path)
    assert "all platforms in one build" in caught.value.next_step


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


def with_pip(wheel: Path, folder: Path) -> list[str]:
    return ["-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), str(wheel)]


def with_uv(wheel: Path, folder: Path) -> list[str]:
    return ["-m", "uv", "pip", "install", "-q", "--no-deps", "--target", str(folder), str(wheel)]


@pytest.mark.parametrize("install", [with_pip, with_uv])
def test_pip_and_uv_install_it(built: Path, tmp_path: Path, install: object) -> None:
    subprocess.run([sys.executable, *install(built, tmp_path)], check=True)  # type: ignore[operator]
    files = contents(built)
    for name, data in files.items():
        if not name.endswith("/RECORD"):
            assert (tmp_path / name).read_bytes() == data, name
    assert (tmp_path / LIBRARY).stat().st_mode & 0o111 == 0o111


def over_http(wheel: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let uv install a wheel from an index: it unpacks while it downloads."""
    with IndexServer({wheel.name: wheel.read_bytes()}).running() as index:
        words = ["--no-deps", "--no-config", "--cache-dir", str(folder / "cache")]
        return subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--target", str(folder / "site")),
                *("--index-url", index.url, *words, f"vllm=={RELEASE}+musa"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )


def test_uv_takes_it_over_http(built: Path, tmp_path: Path) -> None:
    done = over_http(built, tmp_path)
    assert done.returncode == 0, done.stderr
    for name, data in contents(built).items():
        if not name.endswith("/RECORD"):
            assert (tmp_path / "site" / name).read_bytes() == data, name


def test_uv_over_http_would_not_take_an_old_record(built: Path, tmp_path: Path) -> None:
    """The oracle above can fail: this is what appending to an archive leaves behind."""
    name = b"vllm/config/vllm.py"
    deflate = zlib.compressobj(wbits=-15)
    old = deflate.compress(b"old") + deflate.flush()
    fields = (20, 0, 8, 0, 33, zlib.crc32(b"old"), len(old), 3, len(name), 0)
    record = struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name + old
    data = built.read_bytes()
    begin = data.index(b"PK\1\2")
    directory = bytearray(data[begin:])
    at = 0
    while directory[at : at + 4] == b"PK\1\2":
        offset = int.from_bytes(directory[at + 42 : at + 46], "little")
        struct.pack_into("<L", directory, at + 42, offset + len(record))
        at += 46 + sum(struct.unpack_from("<3H", directory, at + 28))
    struct.pack_into("<L", directory, len(directory) - 6, begin + len(record))
    wheel = tmp_path / built.name
    wheel.write_bytes(record + data[:begin] + directory)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
    assert over_http(wheel, tmp_path).returncode != 0


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
    again = BinaryWheel(WheelTree(target, unpacked=2 * FAR))
    assert again.rows["vllm/large.bin"].size == FAR
    if shutil.which("unzip"):
        done = subprocess.run(["unzip", "-tqq", target, LIBRARY, "vllm/added.py"], check=False)
        assert done.returncode == 0
    far.unlink()
    target.unlink()
