"""Read a wheel (a zip, binary distribution format) member by member, checked before any is used."""

from __future__ import annotations

import calendar
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING

from build_hooks.artifact.members import check_name, check_unique, refuse
from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
UNLOCKED_LIMIT = 4 << 30


class WheelTree:
    """The members of a wheel; each is decompressed when it is read.

    Args:
        path: the archive.
        unpacked: the sum of the members' sizes that the lock gives, in bytes; None for an archive
            that the lock does not know.

    Raises:
        ArtifactError: the archive is truncated, malformed, larger than allowed or hostile.
    """

    kind = "wheel"

    def __init__(self, path: Path, *, unpacked: int | None = None) -> None:
        self.name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError, ValueError) as error:
            raise ArtifactError(
                f"{path.name} is not a usable wheel: {error}",
                next_step="fetch it again; nothing of it was used",
            ) from error
        infos = self._zip.infolist()
        allowed = UNLOCKED_LIMIT if unpacked is None else unpacked
        total = sum(info.file_size for info in infos)
        if total > allowed:
            raise refuse(self.name, f"{total} bytes when unpacked, more than the {allowed} allowed")
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.newest = 0
        for info in infos:
            self._check(info)
            if not info.is_dir():
                self._members[info.filename] = info
                self.newest = max(self.newest, calendar.timegm((*info.date_time, 0, 0, 0)))
        check_unique((info.filename for info in infos), self.name)

    def _check(self, info: zipfile.ZipInfo) -> None:
        check_name(info.orig_filename, self.name)
        mode = info.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise refuse(self.name, f"a link or device: {info.filename!r}")
        if info.flag_bits & _ENCRYPTED:
            raise refuse(self.name, f"an encrypted member: {info.filename!r}")
        if info.compress_type not in _METHODS:
            raise refuse(self.name, f"an unexpected compression method: {info.filename!r}")

    def __contains__(self, path: object) -> bool:
        """Tell whether the wheel holds a file."""
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes.

        Raises:
            ArtifactError: the member is cut off, or its checksum is wrong.
        """
        try:
            return self._zip.read(self._members[path])
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise ArtifactError(
                f"{self.name}: the member {path!r} cannot be read: {error}",
                next_step="fetch the wheel again",
            ) from error

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        return bool((self._members[path].external_attr >> 16) & 0o100)
