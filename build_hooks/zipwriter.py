"""Write a zip archive in one pass, reproducibly: fixed order, one time stamp, no machine in it.

The standard library's `zipfile` cannot take members that are already compressed, and compresses
with whatever zlib the interpreter was linked to, so that its bytes differ between machines. The
format is PKWARE's APPNOTE.TXT 6.3.3, as far as the wheel specification allows: methods 0 and 8,
UTF-8 names, ZIP64 where a size or an offset needs it.
"""

from __future__ import annotations

import struct
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import deflate

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

LEVEL = 6
_STORED, _DEFLATED = 0, 8
_UTF8 = 0x800
_LIMIT32 = 0xFFFFFFFF
_LIMIT16 = 0xFFFF
_UNIX = 3
_VERSION, _VERSION_ZIP64 = 20, 45
_FIRST_TIME = 315532800  # 1980-01-01, the first that the format can say
_LAST_TIME = 4354819198  # 2107-12-31 23:59:58, the last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One member's line in the central directory."""

    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    offset: int


class ZipWriter:
    """Write members one after the other; `close` writes the central directory.

    Args:
        file: where to write; only `write` is used.
        timestamp: the time of every member, in seconds since 1970 UTC; brought into 1980 to 2107.
    """

    def __init__(self, file: BinaryIO, timestamp: int) -> None:
        self._file = file
        self._offset = 0
        self._entries: list[_Entry] = []
        moment = time.gmtime(min(max(timestamp, _FIRST_TIME), _LAST_TIME))
        self._date = (moment.tm_year - 1980) << 9 | moment.tm_mon << 5 | moment.tm_mday
        self._time = moment.tm_hour << 11 | moment.tm_min << 5 | moment.tm_sec // 2

    def add(self, name: str, data: bytes, *, executable: bool = False) -> None:
        """Compress and write one member; what does not get smaller is stored.

        Args:
            name: the member's name, with forward slashes.
            data: its bytes.
            executable: whether it gets mode 0755 rather than 0644.
        """
        packed = bytes(deflate.deflate_compress(data, LEVEL))
        method = _DEFLATED
        if len(packed) >= len(data):
            packed, method = data, _STORED
        entry = _Entry(
            name=name.encode(),
            method=method,
            crc=zlib.crc32(data),
            packed=len(packed),
            size=len(data),
            mode=0o100755 if executable else 0o100644,
            offset=self._offset,
        )
        header = self._local_header(entry)
        self._file.write(header)
        self._file.write(packed)
        self._offset += len(header) + len(packed)
        self._entries.append(entry)

    def _local_header(self, entry: _Entry) -> bytes:
        extra = b""
        packed, size = entry.packed, entry.size
        if max(packed, size) >= _LIMIT32:
            extra = struct.pack("<2H2Q", 1, 16, size, packed)
            packed = size = _LIMIT32
        fixed = struct.pack(
            "<4s5H3L2H",
            b"PK\3\4",
            _VERSION_ZIP64 if extra else _VERSION,
            self._flags(entry),
            entry.method,
            self._time,
            self._date,
            entry.crc,
            packed,
            size,
            len(entry.name),
            len(extra),
        )
        return fixed + entry.name + extra

    @staticmethod
    def _flags(entry: _Entry) -> int:
        return 0 if entry.name.isascii() else _UTF8

    def _central_header(self, entry: _Entry) -> bytes:
        wide: list[int] = []

        def fit(value: int) -> int:
            if value < _LIMIT32:
                return value
            wide.append(value)
            return _LIMIT32

        size, packed, offset = fit(entry.size), fit(entry.packed), fit(entry.offset)
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        version = _VERSION_ZIP64 if wide else _VERSION
        fixed = struct.pack(
            "<4s2B5H3L5H2L",
            b"PK\1\2",
            version,
            _UNIX,
            version,
            self._flags(entry),
            entry.method,
            self._time,
            self._date,
            entry.crc,
            packed,
            size,
            len(entry.name),
            len(extra),
            0,
            0,
            0,
            entry.mode << 16,
            offset,
        )
        return fixed + entry.name + extra

    def close(self) -> None:
        """Write the central directory. The file itself stays open."""
        directory = b"".join(map(self._central_header, self._entries))
        count, size, offset = len(self._entries), len(directory), self._offset
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
