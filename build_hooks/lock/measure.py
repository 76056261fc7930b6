"""Say of an archive what the lock holds: size, sha256, unpacked size, date, Requires-Python.

All of it follows from the bytes. Nothing is unpacked to disk and no code of the archive is run.
"""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import IO, TYPE_CHECKING

from packaging.metadata import parse_email
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from build_hooks.errors import ArtifactError
from build_hooks.fetch.cache import hash_file
from build_hooks.lock import LockedArtifact

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.lock import Kind

_METADATA_LIMIT = 8 << 20
_CHUNK = 1 << 20
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, OSError)


@dataclass(frozen=True, slots=True)
class _Inside:
    """What an archive's own members say."""

    metadata: bytes
    unpacked: int
    date: datetime


def measure(path: Path, filename: str, kind: Kind) -> LockedArtifact:
    """Make the lock's entry for a file.

    Args:
        path: the file, whose origin was verified as far as it can be.
        filename: the name under which indexes serve it.
        kind: sdist (`.tar.gz`, PEP 625) or binary wheel (PEP 427).

    Raises:
        ArtifactError: it is no whole archive of this kind, or its metadata is not there.
    """
    try:
        inside = _inside_sdist(path) if kind == "sdist" else _inside_wheel(path)
    except _BROKEN as error:
        message = f"{filename} is no whole {kind}: {type(error).__name__}: {error}"
        raise ArtifactError(message, next_step="fetch it again") from error
    if not inside.metadata:
        message = f"{filename} holds no {'PKG-INFO' if kind == 'sdist' else 'METADATA'}"
        raise ArtifactError(message)
    fields, _ = parse_email(inside.metadata)
    name, version = fields.get("name", ""), fields.get("version", "")
    try:
        release = str(Version(version))
    except InvalidVersion as error:
        message = f"{filename} calls itself {name!r} {version!r}: no version (PEP 440)"
        raise ArtifactError(message) from error
    return LockedArtifact(
        distribution=canonicalize_name(name),
        release=release,
        kind=kind,
        filename=filename,
        size=path.stat().st_size,
        unpacked=inside.unpacked,
        sha256=hash_file(path),
        date=inside.date,
        requires_python=fields.get("requires_python", ""),
    )


def _inside_sdist(path: Path) -> _Inside:
    """Read the tar once, from its first byte to its last."""
    metadata, newest = b"", 0
    with gzip.open(path) as unzipped:
        counted = _Counted(unzipped)
        with tarfile.open(fileobj=counted, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                newest = max(newest, int(member.mtime))
                folder, _, name = member.name.partition("/")
                if folder and name == "PKG-INFO" and member.isfile():
                    content = archive.extractfile(member)
                    metadata = content.read(_METADATA_LIMIT) if content else b""
        while counted.read(_CHUNK):
            pass
    return _Inside(metadata, counted.count, datetime.fromtimestamp(newest, timezone.utc))


def _inside_wheel(path: Path) -> _Inside:
    """Read the central directory only. A zip's times have no zone: they are taken as UTC."""
    metadata = b""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        for member in members:
            folder, _, name = member.filename.partition("/")
            if folder.endswith(".dist-info") and name == "METADATA":
                with archive.open(member) as content:
                    metadata = content.read(_METADATA_LIMIT)
    newest = max((member.date_time for member in members), default=(1980, 1, 1, 0, 0, 0))
    date = datetime(*newest, tzinfo=timezone.utc)
    return _Inside(metadata, sum(member.file_size for member in members), date)


class _Counted:
    """A file that knows how much was read from it."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file
        self.count = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.count += len(data)
        return data
