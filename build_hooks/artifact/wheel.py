"""Read a wheel (a zip, binary distribution format) member by member, checked before any is used."""

from __future__ import annotations

import calendar
import stat
import struct
import weakref
import zipfile
import zlib
from typing import TYPE_CHECKING, cast

from build_hooks.artifact.members import check_name, check_unique, refuse
from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

# General purpose flags (APPNOTE 4.4.4); what wheels have: level, data descriptor, UTF-8.
_ENCRYPTED, _UTF8 = 0x1 | 0x40 | 0x2000, 0x800
_USUAL = 0x2 | 0x4 | 0x8 | _UTF8
_LOCAL = struct.Struct("<4s5H3L2H")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
UNLOCKED_LIMIT = 4 << 30


class WheelTree:
    """The members of a wheel; each is decompressed when it is read.

    Args:
        path: the archive.
        unpacked: the sum of the members' sizes that the lock gives, in bytes; None for an archive
            that the lock does not know.

    Attributes:
        file: the open archive.

    Raises:
        ArtifactError: the archive is truncated, malformed, larger than allowed or hostile.
    """

    kind = "wheel"

    def __init__(self, path: Path, *, unpacked: int | None = None) -> None:
        self.name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except (
            zipfile.BadZipFile,
            EOFError,
            ValueError,
            NotImplementedError,
            OverflowError,
            struct.error,
        ) as error:
            raise ArtifactError(
                f"{path.name} is not a usable wheel: {error}",
                next_step="fetch it again; nothing of it was used",
            ) from error
        self.file = cast("BinaryIO", self._zip.fp)
        # Else the file might be collected before the `ZipFile` that closes it.
        weakref.finalize(self, self._zip.close)
        infos = self._zip.infolist()
        allowed = UNLOCKED_LIMIT if unpacked is None else unpacked
        total = sum(info.file_size for info in infos)
        if total > allowed:
            raise refuse(self.name, f"{total} bytes when unpacked, more than the {allowed} allowed")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._check(info)
            if not info.is_dir():
                self._members[info.filename] = info
        times = {info.date_time for info in self._members.values()}
        self.newest = max(map(_seconds, times), default=0)
        check_unique((info.filename for info in infos), self.name)

    def _check(self, info: zipfile.ZipInfo) -> None:
        name = check_name(info.orig_filename, self.name)
        if not (name.isascii() or info.flag_bits & _UTF8):
            raise refuse(self.name, f"a name that is not marked as UTF-8: {name!r}")
        mode = info.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise refuse(self.name, f"a link or device: {info.filename!r}")
        if info.flag_bits & _ENCRYPTED:
            raise refuse(self.name, f"an encrypted member: {info.filename!r}")
        if info.compress_type not in _METHODS or info.flag_bits & ~_USUAL:
            raise refuse(self.name, f"an unexpected compression method: {info.filename!r}")

    @property
    def infos(self) -> Sequence[zipfile.ZipInfo]:
        """All entries of the directory, those of folders included, in their order there."""
        return self._zip.infolist()

    @property
    def comment(self) -> bytes:
        """The archive's own comment."""
        return self._zip.comment

    def __contains__(self, path: object) -> bool:
        """Tell whether the wheel holds a file."""
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes.

        Raises:
            ArtifactError: the member is cut off, is not what the directory says, or its checksum
                is wrong.
        """
        info = self._members[path]
        try:
            data = self._unpack(info)
        except (OSError, ValueError, OverflowError, struct.error, zlib.error) as error:
            raise self._unreadable(path, str(error)) from error
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise self._unreadable(path, "its size or its checksum is wrong")
        return data

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        """Decompress a member, and never more of it than the directory promises.

        `zipfile` would keep in memory whatever comes out, and then cut it to the promised size.
        """
        file = self.file
        file.seek(info.header_offset)
        fields = _LOCAL.unpack(file.read(_LOCAL.size))
        there = (fields[0], fields[2], fields[3], file.read(fields[9]))
        if there != (b"PK\3\4", info.flag_bits, info.compress_type, info.orig_filename.encode()):
            raise ValueError("its header and the directory differ")
        file.seek(fields[10], 1)
        packed = file.read(info.compress_size)
        if len(packed) != info.compress_size:
            raise ValueError("it is cut off")
        if info.compress_type == zipfile.ZIP_STORED:
            return packed
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        data = inflate.decompress(packed, info.file_size + 1)
        if not inflate.eof or inflate.unused_data:
            raise ValueError("it is longer or shorter than it promises")
        return data

    def _unreadable(self, path: str, why: str) -> ArtifactError:
        return ArtifactError(
            f"{self.name}: the member {path!r} cannot be read: {why}",
            next_step="fetch the wheel again",
        )

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        return bool((self._members[path].external_attr >> 16) & 0o100)


def _seconds(time: tuple[int, int, int, int, int, int]) -> int:
    """Give a member's time; 0 where it has none, as tools write that keep no times."""
    try:
        return calendar.timegm((*time, 0, 0, 0))
    except ValueError:
        return 0
