"""Read an sdist (a gzipped tar, PEP 625) into memory, its members checked before any is used."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import deflate

from build_hooks.artifact.members import check_name, check_unique, refuse
from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
# No sdist of vLLM comes near it; a file that is not in the lock may not ask for more memory.
UNLOCKED_LIMIT = 1 << 30


class SdistTree:
    """The members of an sdist below its one top folder, in memory.

    Args:
        path: the archive.
        unpacked: the size that the lock gives for the decompressed tar, in bytes; None for an
            archive that the lock does not know.

    Raises:
        ArtifactError: the archive is truncated, malformed, larger than allowed or hostile.
    """

    kind = "sdist"

    def __init__(self, path: Path, *, unpacked: int | None = None) -> None:
        self.name = path.name
        self._tar = _decompress(path, unpacked)
        self._members: dict[str, tuple[int, int]] = {}
        self._executable: set[str] = set()
        self.newest = 0
        self._index()

    def _index(self) -> None:
        names = []
        roots = set()
        try:
            with tarfile.open(fileobj=_View(self._tar), mode="r:") as archive:
                for member in archive:
                    name = check_name(member.name, self.name)
                    names.append(name)
                    root, _, inner = name.partition("/")
                    roots.add(root)
                    if member.isfile():
                        self._add(member, inner)
                    elif not member.isdir():
                        self._check_link(member)
        except (tarfile.TarError, EOFError, UnicodeError, ValueError) as error:
            raise _broken(self.name, str(error)) from error
        check_unique(names, self.name)
        if len(roots) != 1 or not self._members:
            raise _broken(self.name, f"{len(roots)} top folders where an sdist has one")

    def _add(self, member: tarfile.TarInfo, inner: str) -> None:
        if member.issparse():
            raise refuse(self.name, f"a sparse member: {member.name!r}")
        end = member.offset_data + member.size
        if end > len(self._tar):
            raise _broken(self.name, f"{member.name!r} is cut off")
        if inner:
            self._members[inner] = (member.offset_data, end)
            self.newest = max(self.newest, int(member.mtime))
            if member.mode & 0o100:
                self._executable.add(inner)

    def _check_link(self, member: tarfile.TarInfo) -> None:
        """Refuse devices, and links that lead out of the tree; other links are not followed."""
        if not (member.issym() or member.islnk()):
            raise refuse(self.name, f"a device or pipe: {member.name!r}")
        base = member.name.split("/")[:-1] if member.issym() else []
        parts: list[str] = []
        for part in [*base, *member.linkname.split("/")]:
            if part == "..":
                if len(parts) <= 1:
                    raise refuse(self.name, f"a link out of the tree: {member.name!r}")
                parts.pop()
            elif part not in {"", "."}:
                parts.append(part)
        if member.linkname.startswith("/") or (parts and parts[0] != member.name.split("/")[0]):
            raise refuse(self.name, f"a link out of the tree: {member.name!r}")

    def __contains__(self, path: object) -> bool:
        """Tell whether the sdist holds a file."""
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files, without the top folder."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        start, end = self._members[path]
        return bytes(self._tar[start:end])

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        return path in self._executable


class _View(io.RawIOBase):
    """Bytes in memory as a file to read from; `io.BytesIO` would copy all of them."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._data) if size < 0 else self._at + size
        found = bytes(self._data[self._at : end])
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at


def _decompress(path: Path, unpacked: int | None) -> memoryview:
    data = path.read_bytes()
    if not data.startswith(_GZIP_MAGIC) or len(data) < 18:  # noqa: PLR2004 - RFC 1952: header and trailer
        raise _broken(path.name, "it is not a gzip file")
    # RFC 1952: the trailer gives the size of what was compressed, so that nothing larger than
    # allowed is ever decompressed; libdeflate stops where the promise is broken.
    promised = int.from_bytes(data[-4:], "little")
    allowed = UNLOCKED_LIMIT if unpacked is None else unpacked
    if promised > allowed:
        raise refuse(path.name, f"{promised} bytes when unpacked, more than the {allowed} allowed")
    try:
        tar = memoryview(deflate.gzip_decompress(data, promised))
    except deflate.DeflateError as error:
        raise _broken(path.name, f"it does not decompress: {error}") from error
    if len(tar) != promised:
        raise _broken(path.name, f"it unpacks to {len(tar)} bytes and promises {promised}")
    return tar


def _broken(name: str, why: str) -> ArtifactError:
    return ArtifactError(
        f"{name} is not a usable sdist: {why}",
        next_step="fetch it again; nothing of it was used",
    )
