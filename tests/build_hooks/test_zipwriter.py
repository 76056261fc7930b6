"""What is written is read the same by `zipfile` and by Info-ZIP, for every size and number."""

from __future__ import annotations

import hashlib
import io
import mmap
import shutil
import subprocess
import tempfile
import time
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import deflate
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build_hooks.zipwriter import EXECUTABLE, REGULAR, ZipWriter
from tests.build_hooks.artifact.archives import FILES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

TIME = 1_790_000_001
FAR = 5 << 30
needs_unzip = pytest.mark.skipif(
    shutil.which("unzip") is None, reason="Info-ZIP's unzip is not installed"
)


def write(
    file: BinaryIO, files: Mapping[str, tuple[bytes, bool]], *, timestamp: int = TIME
) -> None:
    with ZipWriter(file, timestamp) as archive:
        for name, (data, executable) in files.items():
            archive.add(name, data, mode=EXECUTABLE if executable else REGULAR)


def written(files: Mapping[str, tuple[bytes, bool]], *, timestamp: int = TIME) -> bytes:
    file = io.BytesIO()
    write(file, files, timestamp=timestamp)
    return file.getvalue()


def info_zip_accepts(path: Path) -> bool:
    done = subprocess.run(["unzip", "-tqq", path], capture_output=True, check=False)
    return done.returncode == 0


@given(FILES)
@settings(deadline=None)
def test_zipfile_reads_what_was_written(files: dict[str, tuple[bytes, bool]]) -> None:
    with zipfile.ZipFile(io.BytesIO(written(files))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        for info in archive.infolist():
            data, executable = files[info.filename]
            assert archive.read(info) == data
            assert info.external_attr >> 16 == (0o100755 if executable else 0o100644)
            assert info.create_system == 3
            assert info.compress_size <= info.file_size


@needs_unzip
@given(FILES)
@settings(deadline=None, max_examples=20)
def test_info_zip_reads_what_was_written(files: dict[str, tuple[bytes, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(written(files))
        assert info_zip_accepts(path)


def test_names_beyond_ascii_are_marked_as_utf_8() -> None:
    with zipfile.ZipFile(
        io.BytesIO(written({"gr\u00fcn": (b"", False), "g": (b"", False)}))
    ) as read:
        assert [info.flag_bits for info in read.infolist()] == [0x800, 0]


def test_stores_what_compression_does_not_make_smaller() -> None:
    noise = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(16))
    files = {"empty": (b"", False), "noise": (noise, False), "zeros": (b"\0" * 500, False)}
    with zipfile.ZipFile(io.BytesIO(written(files))) as archive:
        methods = [info.compress_type for info in archive.infolist()]
    assert methods == [zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


@given(st.integers(-(10**12), 10**12))
def test_the_time_is_in_utc_and_brought_into_what_the_format_can_say(timestamp: int) -> None:
    data = written({"a": (b"", False)}, timestamp=timestamp)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = archive.infolist()[0].date_time
    if timestamp < 315_532_800:
        assert found == (1980, 1, 1, 0, 0, 0)
    elif timestamp > 4_354_819_198:
        assert found == (2107, 12, 31, 23, 59, 58)
    else:
        assert found == time.gmtime(timestamp // 2 * 2)[:6]


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_more_members_than_16_bits_can_count(tmp_path: Path, count: int) -> None:
    path = tmp_path / "many.zip"
    with path.open("wb") as file:
        write(file, {str(number): (b"", False) for number in range(count)})
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == count
        assert archive.read(str(count - 1)) == b""
    has_zip64 = b"PK\6\6" in path.read_bytes()
    assert has_zip64 == (count >= 65_535)
    if shutil.which("unzip") and count == 65_536:
        assert info_zip_accepts(path)


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """Give an archive whose members lie beyond 4 GiB, in a file with a hole in front."""
    path = tmp_path / "far.zip"
    with path.open("wb") as file:
        file.seek(FAR)
        archive = ZipWriter(file, TIME)
        archive._offset = FAR
        archive.add("far.py", b"x = 1\n" * 100)
        archive.add("farther.py", b"")
        archive.close()
    return path


def test_zipfile_reads_members_beyond_4_gib(far: Path) -> None:
    with zipfile.ZipFile(far) as archive:
        assert archive.testzip() is None
        assert archive.read("far.py") == b"x = 1\n" * 100
        assert [info.header_offset >= FAR for info in archive.infolist()] == [True, True]


@needs_unzip
def test_info_zip_reads_members_beyond_4_gib(far: Path) -> None:
    assert info_zip_accepts(far)


def test_a_member_of_more_than_4_gib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hole, path = tmp_path / "hole", tmp_path / "large.zip"
    with hole.open("wb") as file:
        file.truncate(FAR)
    # Compressing and summing 5 GiB for real takes too long; the headers are what is tested.
    monkeypatch.setattr(deflate, "deflate_compress", lambda data, _: bytes(len(data) >> 20))
    monkeypatch.setattr(zlib, "crc32", lambda _: 0)
    with (
        hole.open("rb") as empty,
        mmap.mmap(empty.fileno(), FAR, access=mmap.ACCESS_READ) as data,
        path.open("wb") as out,
        ZipWriter(out, TIME) as archive,
    ):
        archive.add("large", data)  # type: ignore[arg-type]
        archive.add("next", b"")
    with zipfile.ZipFile(path) as archive_read:
        large, after = archive_read.infolist()
        assert (large.file_size, large.compress_size) == (FAR, 5 << 10)
        assert archive_read.read("next") == b""
    local = path.read_bytes()[: after.header_offset]
    assert int.from_bytes(local[22:26], "little") == 0xFFFFFFFF
    assert int.from_bytes(local[39:47], "little") == FAR
    assert int.from_bytes(local[47:55], "little") == 5 << 10


def test_an_archive_is_not_finished_when_the_block_fails() -> None:
    file = io.BytesIO()
    with pytest.raises(TypeError), ZipWriter(file, TIME) as archive:
        archive.add("a", None)  # type: ignore[arg-type]
    assert not zipfile.is_zipfile(file)


def test_the_bytes_say_nothing_of_the_machine() -> None:
    files = {"a.py": (b"x = 1\n" * 1000, False), "b": (zlib.compress(b"b"), True)}
    assert written(files) == written(files)
    assert written(files) != written(files, timestamp=TIME + 2)
