"""Members that are copied unread lie where the directory says, and are what it says."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.artifact.layout import check_layout
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import ArtifactError
from tests.build_hooks.artifact.archives import FILES, Unseekable
from tests.build_hooks.small_wheel import write_members

if TYPE_CHECKING:
    from collections.abc import Callable

    from build_hooks.artifact.layout import Member

FILES_HERE = {"vllm/a.py": b"a = 1\n" * 50, "vllm/b.so": bytes(range(256)) * 40, "vllm/c": b""}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vllm-1.0-py3-none-any.whl"
    write_members(path, FILES_HERE)
    return path


def layout(path: Path) -> dict[str, Member]:
    tree = WheelTree(path)
    return check_layout(tree.file, tree.infos, tree.comment, tree.name)


def refused(path: Path, why: str) -> None:
    with pytest.raises(ArtifactError, match=why) as caught:
        layout(path)
    assert path.name in str(caught.value)
    assert "nothing of it was used" in str(caught.value)


def streamed(path: Path, *, wide: bool = False) -> Path:
    """Write the files with data descriptors, in 4 or in 8 bytes."""
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES_HERE.items():
            with archive.open(name, "w", force_zip64=wide) as member:
                member.write(data)
    path.write_bytes(target.data)
    return path


def without_signatures(path: Path) -> Path:
    """Take the signatures, which are optional, off the data descriptors."""
    data = path.read_bytes()
    pieces, at, removed = [], 0, 0
    offsets = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            offsets.append(info.header_offset - removed)
            name_length, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
            end = info.header_offset + 30 + name_length + extra + info.compress_size
            assert data[end : end + 4] == b"PK\7\x08"
            pieces.append(data[at:end])
            at, removed = end + 4, removed + 4
        begin = archive.start_dir
    pieces.append(data[at:begin])
    directory = bytearray(data[begin:])
    where = 0
    for offset in offsets:
        struct.pack_into("<L", directory, where + 42, offset)
        where += 46 + sum(struct.unpack_from("<3H", directory, where + 28))
    struct.pack_into("<L", directory, len(directory) - 6, begin - removed)
    path.write_bytes(b"".join([*pieces, directory]))
    return path


def test_finds_what_the_headers_say(path: Path) -> None:
    data = path.read_bytes()
    members = layout(path)
    assert list(members) == list(FILES_HERE)
    at = 0
    for name, member in members.items():
        assert member.start == at
        packed = data[member.data : member.end]
        assert len(packed) == member.info.compress_size
        assert zlib.decompress(packed, -15) == FILES_HERE[name]
        at = member.end
    assert data[at : at + 4] == b"PK\1\2"


@given(files=FILES, stream=st.booleans())
def test_takes_whatever_zipfile_writes(
    files: dict[str, tuple[bytes, bool]], *, stream: bool
) -> None:
    buffer = Unseekable() if stream else io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, _) in files.items():
            archive.writestr(name, data)
    written = buffer.data if isinstance(buffer, Unseekable) else buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vllm-1.0-py3-none-any.whl"
        path.write_bytes(written)
        found = layout(path)
    for name, member in found.items():
        packed = written[member.data : member.data + member.info.compress_size]
        assert zlib.decompress(packed, -15) == files[name][0]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("change", [lambda path: path, without_signatures])
def test_reads_data_descriptors_of_every_form(
    path: Path, change: Callable[[Path], Path], *, wide: bool
) -> None:
    members = layout(change(streamed(path, wide=wide)))
    length = (20 if wide else 12) + (0 if change is without_signatures else 4)
    for member in members.values():
        assert member.end == member.data + member.info.compress_size + length


@pytest.mark.parametrize("field", [0, 4, 8])
def test_refuses_a_data_descriptor_that_says_something_else(path: Path, field: int) -> None:
    streamed(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\7\x08") + 4 + field
    data[at] ^= 1
    path.write_bytes(data)
    refused(path, r"a data descriptor that disagrees with its directory: 'vllm/a\.py'")


# Offset and length in a header (4.3.7) of what must agree with the directory.
@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (6, b"\x02\x00"),  # flags
        (8, b"\x00\x00"),  # method
        (14, b"\x01\x02\x03\x04"),  # checksum
        (18, b"\x01\x00\x00\x00"),  # compressed size
        (22, b"\x01\x00\x00\x00"),  # size
        (30, b"vllm/z.py"),  # name
    ],
)
def test_refuses_a_header_that_says_something_else(path: Path, offset: int, value: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[offset : offset + len(value)] = value
    path.write_bytes(data)
    refused(path, r"a header that disagrees with its directory: 'vllm/a\.py'")


def test_refuses_a_place_without_a_header(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[0:4] = b"PK\1\2"
    path.write_bytes(data)
    refused(path, r"no header where its directory has one: 'vllm/a\.py'")


def moved(path: Path, by: int, *, insert: bytes = b"", at: int | None = None) -> Path:
    """Insert bytes in front of a member (the first one's end), and let the directory follow."""
    members = layout(path)
    place = members["vllm/a.py"].end if at is None else at
    data = path.read_bytes()
    begin = data.index(b"PK\1\2")
    directory = bytearray(data[begin:])
    where = 0
    for member in members.values():
        if member.start >= place:
            struct.pack_into("<L", directory, where + 42, member.start + by)
        where += 46 + sum(struct.unpack_from("<3H", directory, where + 28))
    struct.pack_into("<L", directory, len(directory) - 6, begin + len(insert))
    path.write_bytes(data[:place] + insert + data[place:begin] + directory)
    return path


def test_refuses_bytes_between_members(path: Path) -> None:
    moved(path, 7, insert=b"smuggle")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    refused(path, r"7 bytes that belong to no member, before 'vllm/b\.so'")


def test_refuses_bytes_in_front_of_all_members(path: Path) -> None:
    moved(path, 7, insert=b"smuggle", at=0)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    refused(path, r"7 bytes that belong to no member, before 'vllm/a\.py'")


def test_refuses_what_stands_in_front_of_a_whole_zip(path: Path) -> None:
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    refused(path, "an end record that disagrees with its directory")


def test_refuses_bytes_in_front_of_the_directory(path: Path) -> None:
    moved(path, 0, insert=b"smuggle", at=path.read_bytes().index(b"PK\1\2"))
    refused(path, "bytes between its members and its directory")


def test_refuses_members_that_overlap(path: Path) -> None:
    members = layout(path)
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    struct.pack_into("<L", data, second + 42, members["vllm/b.so"].start - 3)
    path.write_bytes(data)
    refused(path, r"members that overlap: 'vllm/b\.so' begins inside of another one")


def test_refuses_two_entries_for_one_place(path: Path) -> None:
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    struct.pack_into("<L", data, second + 42, 0)
    path.write_bytes(data)
    refused(path, "members that overlap|a header that disagrees")


def test_refuses_an_archive_comment(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"hello"
    refused(path, "an archive comment")


@pytest.mark.parametrize("more", [b"more", b"\0" * 4])
def test_refuses_data_behind_the_end(path: Path, more: bytes) -> None:
    path.write_bytes(path.read_bytes() + more)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    refused(path, "bytes behind its end record")


def test_refuses_a_comment_that_is_promised_and_not_there(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2] + b"\5\0")
    refused(path, "bytes behind its end record")


# Offset in the end record (4.3.16): number of this disk, entries here, entries in all, offset.
@pytest.mark.parametrize("offset", [4, 6, 8, 10])
def test_refuses_an_end_record_that_says_something_else(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) - 22 + offset] += 1
    path.write_bytes(data)
    refused(path, "an end record that disagrees with its directory|is not a usable wheel")


def test_refuses_a_member_with_two_names(path: Path) -> None:
    info = zipfile.ZipInfo("vllm/a.py")
    other = b"vllm/b.py"
    field = struct.pack("<BL", 1, zlib.crc32(b"vllm/a.py")) + other
    info.extra = struct.pack("<2H", 0x7075, len(field)) + field
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"x = 1\n")
    refused(path, "a member with two names|a header that disagrees")


def test_takes_other_extra_fields(path: Path) -> None:
    info = zipfile.ZipInfo("vllm/a.py")
    info.extra = struct.pack("<2HBL", 0x5455, 5, 1, 1_790_000_000)  # a time, as Info-ZIP writes it
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"x = 1\n")
    member = layout(path)["vllm/a.py"]
    assert path.read_bytes()[member.data : member.end] == b"x = 1\n"


def wide(size: int) -> bytes:
    """Give a stored member whose header has its sizes in ZIP64 form (4.5.3)."""
    name, data = b"vllm/a.py", b"x = 1\n"
    field = struct.pack("<2H2Q", 1, 16, size, len(data))
    fixed = struct.pack("<5HL", 45, 0, 0, 0, 33, zlib.crc32(data))
    header = b"PK\3\4" + fixed + b"\xff" * 8 + struct.pack("<2H", len(name), len(field))
    sizes = struct.pack("<2L5H2L", len(data), len(data), len(name), 0, 0, 0, 0, 0, 0)
    line = b"PK\1\2\x2d\3" + fixed + sizes + name
    record = header + name + field + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(line), len(record), 0)
    return record + line + end


def test_reads_sizes_in_zip64_form(path: Path) -> None:
    path.write_bytes(wide(6))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    member = layout(path)["vllm/a.py"]
    assert path.read_bytes()[member.data : member.end] == b"x = 1\n"
    path.write_bytes(wide(7))
    refused(path, "a header that disagrees")


def test_reads_an_end_record_in_zip64_form(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(65_536):
            archive.writestr(str(number), b"")
    assert len(layout(path)) == 65_536
    data = bytearray(path.read_bytes())
    assert data[-42:-38] == b"PK\6\7"
    data[-98 + 24] ^= 1  # entries on this disk
    path.write_bytes(data)
    refused(path, "an end record that disagrees with its directory")
    data[-98 + 24] ^= 1
    data[-42 + 8] ^= 1  # where that record is
    path.write_bytes(data)
    refused(path, r"an end record \(ZIP64\) that is not where it must be")
