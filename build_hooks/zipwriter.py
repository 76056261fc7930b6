"""Write a zip archive in one pass, reproducibly: fixed order, one time stamp, no machine in it.

The standard library's `zipfile` cannot take members that are already compressed, and compresses
with whatever zlib the interpreter was linked to, so that its bytes differ between machines. The
format is PKWARE's APPNOTE.TXT 6.3.3, as far as the wheel specification allows: methods 0 and 8,
UTF-8 names, ZIP64 where a size or an offset needs it. Members of another archive are taken over as
they are.
"""

from __future__ import annotations

import struct
import time
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

import deflate

from build_hooks.copying import copy_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from build_hooks.artifact.layout import Member

LEVEL = 6
REGULAR, EXECUTABLE = 0o100644, 0o100755
_STORED, _DEFLATED = 0, 8
_DESCRIPTOR, _UTF8 = 0x8, 0x800
_ZIP64 = 1
_HEADER = struct.Struct("<4s5H3L2H")  # 4.3.7
_CENTRAL = struct.Struct("<4s2B5H3L5H2L")  # 4.3.12
_OFFSET = 42  # of the offset in it
_LIMIT32 = 0xFFFFFFFF
_LIMIT16 = 0xFFFF
_UNIX = 3
_VERSION, _VERSION_ZIP64 = 20, 45
_FIRST_TIME = 315532800  # 1980-01-01, the first that the format can say
_LAST_TIME = 4354819198  # 2107-12-31 23:59:58, the last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One member's line in the central directory (4.3.12); what is missing there is 0.

    Attributes:
        moment: time and date in MS-DOS form.
        made_by: version and system of the tool that made it.
        needs: version that is needed to read it; more where the line needs ZIP64.
        attributes: the external ones; the mode is in the upper half.
    """

    name: bytes
    flags: int
    method: int
    moment: tuple[int, int]
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int
    made_by: tuple[int, int] = (_VERSION, _UNIX)
    needs: int = _VERSION
    internal: int = 0
    extra: bytes = b""
    comment: bytes = b""


class ZipWriter:
    """Write members one after the other; `close` writes the central directory.

    Args:
        file: where to write; only `write` is used.
        timestamp: the time of every member, in seconds since 1970 UTC; brought into 1980 to 2107.
    """

    def __init__(self, file: BinaryIO, timestamp: int) -> None:
        self._file = file
        self._offset = 0
        self._directory: list[bytes] = []
        self._moment = _dos_time(time.gmtime(min(max(timestamp, _FIRST_TIME), _LAST_TIME)))

    def add(self, name: str, data: bytes, *, mode: int = REGULAR) -> None:
        """Compress and write one member; what does not get smaller is stored.

        Args:
            name: the member's name, with forward slashes.
            data: its bytes.
            mode: type and permissions as `stat` has them.
        """
        packed = bytes(deflate.deflate_compress(data, LEVEL))
        method = _DEFLATED
        if len(packed) >= len(data):
            packed, method = data, _STORED
        encoded = name.encode()
        entry = _Entry(
            name=encoded,
            flags=0 if encoded.isascii() else _UTF8,
            method=method,
            moment=self._moment,
            crc=zlib.crc32(data),
            packed=len(packed),
            size=len(data),
            attributes=mode << 16,
            offset=self._offset,
        )
        self._begin(entry)
        self._file.write(packed)
        self._offset += len(packed)

    def rename(self, name: str, member: Member, source: BinaryIO) -> None:
        """Take over one member of another archive under another name.

        Args:
            name: the new name.
            member: the member.
            source: the archive that it is in.
        """
        info, encoded = member.info, name.encode()
        entry = replace(
            _taken_over(member, self._offset),
            name=encoded,
            # What follows the bytes, a data descriptor, is left behind.
            flags=(info.flag_bits & ~_DESCRIPTOR & ~_UTF8) | (0 if encoded.isascii() else _UTF8),
        )
        self._begin(entry)
        copy_range(source, self._file, member.data, entry.packed)
        self._offset += entry.packed

    def keep(self, members: Iterable[Member], source: BinaryIO) -> None:
        """Take over members of another archive with all that belongs to them.

        Args:
            members: those to take over, in the order in which they lie there.
            source: the archive that they are in.
        """
        begin = end = 0
        for member in members:
            if member.start != end:
                self._copy(source, begin, end)
                begin = member.start
            end = member.end
            self._directory.append(_moved(member, self._offset + member.start - begin))
        self._copy(source, begin, end)

    def _copy(self, source: BinaryIO, begin: int, end: int) -> None:
        copy_range(source, self._file, begin, end - begin)
        self._offset += end - begin

    def _begin(self, entry: _Entry) -> None:
        """Write a member's header."""
        header = _local_header(entry)
        self._file.write(header)
        self._offset += len(header)
        self._directory.append(_central_header(entry))

    def close(self) -> None:
        """Write the central directory. The file itself stays open."""
        directory = b"".join(self._directory)
        count, size, offset = len(self._directory), len(directory), self._offset
        self._file.write(directory)
        if count >= _LIMIT16 or max(size, offset) >= _LIMIT32:
            versions = (_VERSION_ZIP64, _VERSION_ZIP64)
            self._file.write(
                struct.pack(
                    "<4sQ2H2L4Q", b"PK\6\6", 44, *versions, 0, 0, count, count, size, offset
                )
            )
            self._file.write(struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1))
        count, size, offset = min(count, _LIMIT16), min(size, _LIMIT32), min(offset, _LIMIT32)
        self._file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, 0))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the archive, unless something failed on the way."""
        if kind is None:
            self.close()


def _moved(member: Member, offset: int) -> bytes:
    """Give the line of a member that lies elsewhere now; nothing else of it changes."""
    before = int.from_bytes(member.entry[_OFFSET : _OFFSET + 4], "little")
    if max(offset, member.start) < _LIMIT32 and before == member.start:
        return member.entry[:_OFFSET] + struct.pack("<L", offset) + member.entry[_OFFSET + 4 :]
    return _central_header(_taken_over(member, offset))


def _taken_over(member: Member, offset: int) -> _Entry:
    info = member.info
    return _Entry(
        name=info.orig_filename.encode(),
        flags=info.flag_bits,
        method=info.compress_type,
        moment=_dos_time(info.date_time),
        crc=info.CRC,
        packed=info.compress_size,
        size=info.file_size,
        attributes=info.external_attr,
        offset=offset,
        made_by=(info.create_version, info.create_system),
        needs=info.extract_version,
        internal=info.internal_attr,
        extra=_without_zip64(info.extra),
        comment=info.comment,
    )


def _local_header(entry: _Entry) -> bytes:
    extra, needs = b"", entry.needs
    packed, size = entry.packed, entry.size
    if max(packed, size) >= _LIMIT32:
        extra = struct.pack("<2H2Q", _ZIP64, 16, size, packed)
        needs = max(needs, _VERSION_ZIP64)
        packed = size = _LIMIT32
    return b"".join(
        (
            _HEADER.pack(
                b"PK\3\4",
                needs,
                entry.flags,
                entry.method,
                *entry.moment,
                entry.crc,
                packed,
                size,
                len(entry.name),
                len(extra),
            ),
            entry.name,
            extra,
        )
    )


def _central_header(entry: _Entry) -> bytes:
    extra, needs = entry.extra, entry.needs
    sizes = (entry.size, entry.packed, entry.offset)
    size, packed, offset = sizes
    if max(sizes) >= _LIMIT32:
        wide = [value for value in sizes if value >= _LIMIT32]
        extra = struct.pack(f"<2H{len(wide)}Q", _ZIP64, 8 * len(wide), *wide) + extra
        needs = max(needs, _VERSION_ZIP64)
        size, packed, offset = (min(value, _LIMIT32) for value in sizes)
    return b"".join(
        (
            _CENTRAL.pack(
                b"PK\1\2",
                *entry.made_by,
                needs,
                entry.flags,
                entry.method,
                *entry.moment,
                entry.crc,
                packed,
                size,
                len(entry.name),
                len(extra),
                len(entry.comment),
                0,
                entry.internal,
                entry.attributes,
                offset,
            ),
            entry.name,
            extra,
            entry.comment,
        )
    )


def _dos_time(moment: Sequence[int]) -> tuple[int, int]:
    """Give time and date as MS-DOS has them (4.4.6), in steps of two seconds."""
    year, month, day, hour, minute, second = moment[:6]
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _without_zip64(extra: bytes) -> bytes:
    """Take the sizes and offsets of another archive out of an extra field (4.5.1, 4.5.3)."""
    kept = b""
    while len(extra) >= 4:  # noqa: PLR2004 - id and length
        kind, length = struct.unpack_from("<2H", extra)
        if kind != _ZIP64:
            kept += extra[: 4 + length]
        extra = extra[4 + length :]
    return kept + extra
