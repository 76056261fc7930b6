"""A gzipped tar that every reader takes, and that says nothing of who wrote it."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.tarwriter import TarWriter

if TYPE_CHECKING:
    from pathlib import Path

TIME = 1_790_000_000
# As long as the field for a name, one more, and as long as both fields together.
NAMES = (
    "a",
    "n" * 100,
    "n" * 101,
    f"{'d' * 50}/{'n' * 100}",
    f"{'d' * 155}/{'n' * 100}",
    f"{'d' * 156}/{'n' * 100}",
    f"{'d' * 155}/{'n' * 101}",
    f"{'d/' * 80}{'n' * 90}",
    "E=1,N=2,device_name=A B.json",
    "ünïcode/文件.txt",
)


def read(data: bytes) -> tarfile.TarFile:
    # `tarfile` stops at the first block of zeros, or at a damaged header.
    return tarfile.open(fileobj=io.BytesIO(data), mode="r:gz", encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_length_comes_back(name: str, tmp_path: Path) -> None:
    writer = TarWriter(TIME)
    writer.folder(f"{name}.d", 0o755)
    writer.file(f"{name}.d/x", b"data", 0o640)
    writer.link(f"{name}.d/y", f"x{name}" if "/" not in name else "x")
    data = writer.compressed()
    folder, file, link = read(data).getmembers()
    assert (folder.name, folder.type, folder.mode) == (f"{name}.d", tarfile.DIRTYPE, 0o755)
    assert (file.name, file.size, file.mode) == (f"{name}.d/x", 4, 0o640)
    assert link.linkname.startswith("x")
    path = tmp_path / "x.tar.gz"
    path.write_bytes(data)
    listed = subprocess.run(
        ["tar", "--quoting-style=literal", "-tzf", path],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert listed.stderr == ""
    assert listed.stdout.splitlines() == [f"{name}.d/", f"{name}.d/x", f"{name}.d/y"]


@given(
    st.dictionaries(
        st.lists(st.text("aé/-._ ", min_size=1, max_size=120), min_size=1, max_size=3).map(
            lambda parts: "/".join(f"x{part.replace('/', '_')}" for part in parts)
        ),
        st.tuples(st.binary(max_size=1500), st.integers(0, 0o777)),
        max_size=6,
    )
)
def test_what_is_written_is_what_tarfile_reads(files: dict[str, tuple[bytes, int]]) -> None:
    writer = TarWriter(TIME)
    for path, (data, mode) in files.items():
        writer.file(path, data, mode)
    archive = read(writer.compressed())
    found = {}
    for member in archive.getmembers():
        opened = archive.extractfile(member)
        assert opened is not None
        found[member.name] = (opened.read(), member.mode)
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        assert member.mtime == TIME
    assert found == files


def test_the_stream_names_neither_file_nor_time() -> None:
    data = TarWriter(TIME).compressed()
    # RFC 1952: no flags, no time, an unknown system.
    assert data[:8] == b"\x1f\x8b\x08\0\0\0\0\0"
    assert data[9] == 255
    assert gzip.decompress(data) == bytes(10240)


@pytest.mark.parametrize(("asked", "written"), [(-5, 0), (2**40, 8**11 - 1), (7, 7)])
def test_a_time_that_the_format_cannot_say_is_brought_near(asked: int, written: int) -> None:
    writer = TarWriter(asked)
    writer.file("a", b"", 0o644)
    (member,) = read(writer.compressed()).getmembers()
    assert member.mtime == written


def test_the_bytes_are_those_that_the_specification_gives() -> None:
    """Every field of one header, written by hand from POSIX.1-2017, pax, ustar interchange."""
    writer = TarWriter(0o14)
    writer.file("d/a", b"xyz", 0o755)
    block = gzip.decompress(writer.compressed())[:512]
    fields = {
        (0, 100): b"d/a" + bytes(97),
        (100, 108): b"0000755\0",
        (108, 124): b"0000000\0" * 2,
        (124, 136): b"00000000003\0",
        (136, 148): b"00000000014\0",
        (156, 257): b"0" + bytes(100),
        (257, 265): b"ustar\x0000",
        (265, 329): bytes(64),
        (329, 345): b"0000000\0" * 2,
        (345, 512): bytes(167),
    }
    assert {span: block[slice(*span)] for span in fields} == fields
    total = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    assert block[148:156] == f"{total:06o}\0 ".encode()
