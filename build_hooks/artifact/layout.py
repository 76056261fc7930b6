"""Where the members of a zip lie, checked as one must before their bytes are copied unread.

A reader that goes by the central directory (pip, `zipfile`) and one that goes by the headers before
each member (uv, while it downloads) must see the same files. So the records must fill the archive
from its first byte to the directory, each one must say what the directory says, and nothing may
follow the end record. Section numbers are those of PKWARE's APPNOTE.TXT 6.3.3.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, NamedTuple

from build_hooks.artifact.members import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO
    from zipfile import ZipInfo

_HEADER = struct.Struct("<4s5H3L2H")  # 4.3.7
_CENTRAL_SIZE = 46  # 4.3.12
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_FIELD = struct.Struct("<2H")  # 4.5.1
_SIZES = struct.Struct("<2Q")  # 4.5.3: unpacked, packed
_HAS_DESCRIPTOR = 0x8  # 4.4.4
_ZIP64, _WIDE = 1, 0xFFFFFFFF  # 4.5.3
_UNICODE_PATH = 0x7075  # 4.6.9: another name for the member, which some readers take
# With and without signature, sizes in 4 or 8 bytes: 4.3.9.
_DESCRIPTORS = ("<4sL2L", "<4sL2Q", "<L2L", "<L2Q")


class Member(NamedTuple):
    """One member of a zip, and where it is. A wheel has thousands: a tuple is made in no time.

    Attributes:
        info: what the central directory says of it.
        entry: the bytes by which it says so.
        start: where its record begins, with the header.
        data: where its compressed bytes begin.
        end: behind its record: what follows the compressed bytes can be a data descriptor.
    """

    info: ZipInfo
    entry: bytes
    start: int
    data: int
    end: int


def check_layout(
    file: BinaryIO, infos: Sequence[ZipInfo], comment: bytes, archive: str
) -> dict[str, Member]:
    """Find every member's record, and hold it against the central directory.

    Args:
        file: the archive.
        infos: all entries of its directory, in their order there.
        comment: its comment.
        archive: its file name, for messages.

    Returns:
        The members by name, in the order in which they lie in the archive.

    Raises:
        ArtifactError: records overlap, do not fill the archive, or are not as the directory says.
    """
    if comment:
        raise refuse(archive, "an archive comment")
    names = [info.orig_filename.encode() for info in infos]
    length = sum(
        _CENTRAL_SIZE + len(name) + len(info.extra) + len(info.comment)
        for name, info in zip(names, infos, strict=True)
    )
    end = _directory_start(file, len(infos), length, archive)
    directory = read_at(file, end, length)
    order: list[tuple[ZipInfo, bytes, bytes]] = []
    at = 0
    for name, info in zip(names, infos, strict=True):
        begin, at = at, at + _CENTRAL_SIZE + len(name) + len(info.extra) + len(info.comment)
        order.append((info, name, directory[begin:at]))
    order.sort(key=lambda item: item[0].header_offset)
    starts = [info.header_offset for info, _, _ in order]
    members: dict[str, Member] = {}
    before = 0
    for (info, name, entry), limit in zip(order, [*starts[1:], end], strict=True):
        if info.header_offset != before:
            raise refuse(archive, _misplaced(info, before))
        members[info.filename] = member = _member(file, info, name, entry, limit, archive)
        before = member.end
    if before != end:
        raise refuse(archive, "bytes between its members and its directory, or both overlap")
    return members


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Read some bytes of a file that others read as well."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), size, offset)
    file.seek(offset)
    return file.read(size)


def _misplaced(info: ZipInfo, before: int) -> str:
    if info.header_offset < before:
        return f"members that overlap: {info.filename!r} begins inside of another one"
    return f"{info.header_offset - before} bytes that belong to no member, before {info.filename!r}"


def _directory_start(file: BinaryIO, count: int, length: int, archive: str) -> int:
    """Find the directory from the end of the file, and hold the end records against it."""
    size = os.fstat(file.fileno()).st_size
    at = size - _END.size
    tail = read_at(file, at, _END.size)
    if tail[:4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        raise refuse(archive, "bytes behind its end record")
    _, disk, first_disk, here, total, said_length, said_start, _ = _END.unpack(tail)
    locator = read_at(file, max(at - _LOCATOR.size, 0), _LOCATOR.size)
    if locator[:4] == b"PK\6\7":
        at -= _LOCATOR.size + _END64.size
        end64 = read_at(file, max(at, 0), _END64.size)
        if end64[:4] != b"PK\6\6" or _LOCATOR.unpack(locator)[1:] != (0, at, 1):
            raise refuse(archive, "an end record (ZIP64) that is not where it must be")
        _, _, _, _, disk, first_disk, here, total, said_length, said_start = _END64.unpack(end64)
    found = (0, 0, count, count, length, at - length)
    if (disk, first_disk, here, total, said_length, said_start) != found:
        raise refuse(archive, "an end record that disagrees with its directory")
    return at - length


def _member(  # noqa: PLR0913, PLR0917 - all that is known of one member
    file: BinaryIO, info: ZipInfo, name: bytes, entry: bytes, limit: int, archive: str
) -> Member:
    """Hold a member's header against the directory.

    Args:
        file: the archive.
        info: what the directory says.
        name: the member's name in bytes.
        entry: its bytes in the directory, which has in 6 to 30 what a header has in 4 to 28.
        limit: where the next record, or the directory, begins.
        archive: the archive's file name, for messages.
    """
    start = info.header_offset
    header = read_at(file, start, _HEADER.size + len(name))
    if len(header) != _HEADER.size + len(name) or header[:4] != b"PK\3\4":
        raise refuse(archive, f"no header where its directory has one: {info.filename!r}")
    data = start + len(header) + int.from_bytes(header[28:30], "little")
    end = data + info.compress_size
    same = header[4:28] == entry[6:30] and header[30:] == name and not info.extra
    # The usual case first, as bytes: some wheels have thousands of members.
    if same and header[28:30] == b"\0\0" and not info.flag_bits & _HAS_DESCRIPTOR:
        return Member(info, entry, start, data, end)
    extra = _fields(read_at(file, start + len(header), data - start - len(header)))
    if not _agrees(header, extra, info, name):
        raise refuse(archive, f"a header that disagrees with its directory: {info.filename!r}")
    if _UNICODE_PATH in {*extra, *_fields(info.extra)}:
        raise refuse(archive, f"a member with two names: {info.filename!r}")
    if info.flag_bits & _HAS_DESCRIPTOR:
        end = _behind_descriptor(file, info, end, limit, archive)
    return Member(info, entry, start, data, end)


def _agrees(header: bytes, extra: dict[int, bytes], info: ZipInfo, name: bytes) -> bool:
    _, _, flags, method, _, _, crc, packed, size, _, _ = _HEADER.unpack(header[: _HEADER.size])
    if (flags, method, header[_HEADER.size :]) != (info.flag_bits, info.compress_type, name):
        return False
    wide = extra.get(_ZIP64, b"")
    if _WIDE in {packed, size} and len(wide) >= _SIZES.size:
        size, packed = _SIZES.unpack_from(wide)
    found = (crc, packed, size)
    if flags & _HAS_DESCRIPTOR and found == (0, 0, 0):
        return True
    return found == (info.CRC, info.compress_size, info.file_size)


def _fields(extra: bytes) -> dict[int, bytes]:
    """Take an extra field apart (4.5.1); what is no field of its own is left out."""
    found = {}
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        found[kind] = extra[_FIELD.size : _FIELD.size + length]
        extra = extra[_FIELD.size + length :]
    return found


def _behind_descriptor(file: BinaryIO, info: ZipInfo, at: int, limit: int, archive: str) -> int:
    """Hold the data descriptor behind a member against the directory; give where it ends."""
    found = read_at(file, at, max(0, min(limit - at, 24)))
    values = (info.CRC, info.compress_size, info.file_size)
    for layout in _DESCRIPTORS:
        if struct.calcsize(layout) == len(found):
            read = struct.unpack(layout, found)
            if read in {values, (b"PK\7\x08", *values)}:
                return at + len(found)
    raise refuse(archive, f"a data descriptor that disagrees with its directory: {info.filename!r}")
