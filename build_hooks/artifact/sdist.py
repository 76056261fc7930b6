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
_END = 2 * tarfile.BLOCKSIZE


class SdistTree:
    """The members of an sdist below its one top folder, in memory.

    Args:
        path: the archive.
        unpacked: the size that the lock gives for the decompressed tar, in bytes; None for an
            archive that the lock does not know.

    Raises:
        ArtifactError: the archive is truncated, malformed, larger than allowed or hostile.

    Attributes:
        root: the name of its top folder.
        modes: the permissions of every file.
        folders: those of every folder that is a member of its own; the top folder is "".
        symlinks: where each symbolic link leads, as the archive has it.
    """

    kind = "sdist"

    def __init__(self, path: Path, *, unpacked: int | None = None) -> None:
        self.name = path.name
        self._tar = _decompress(path, unpacked)
        self._members: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        self.modes: dict[str, int] = {}
        self.folders: dict[str, int] = {}
        self.symlinks: dict[str, str] = {}
        self.newest = 0
        self._index()

    def _index(self) -> None:
        names: list[str] = []
        try:
            # The encoding must not be the locale's.
            with tarfile.open(fileobj=_View(self._tar), mode="r:", encoding="utf-8") as archive:
                for member in archive:
                    name = check_name(member.name, self.name)
                    names.append(f"{name}/" if member.isdir() else name)
                    inner = name.partition("/")[2]
                    if member.isfile():
                        self._add(member, inner)
                    elif member.isdir():
                        self.folders[inner] = member.mode & 0o777
                    else:
                        self._links[inner] = self._target(member)
                        if member.issym():
                            self.symlinks[inner] = member.linkname
                rest = bytes(self._tar[archive.offset :])
        except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
            raise _broken(self.name, str(error)) from error
        # `tarfile` takes a damaged header for the end: only two blocks of zeros are one (POSIX).
        if len(rest) < _END or rest.count(0) != len(rest):
            raise _broken(self.name, f"it ends or is damaged after {len(names)} members")
        check_unique(names, self.name)
        roots = {name.partition("/")[0] for name in names}
        if len(roots) != 1:
            raise _broken(self.name, f"{len(roots)} top folders where an sdist has one")
        (self.root,) = roots
        self._follow_links()
        if not self._members:
            raise _broken(self.name, "no file in its top folder")

    def _add(self, member: tarfile.TarInfo, inner: str) -> None:
        if member.issparse():
            raise refuse(self.name, f"a sparse member: {member.name!r}")
        if member.name.endswith("/"):
            raise refuse(self.name, f"a file that is named as a folder: {member.name!r}")
        end = member.offset_data + member.size
        # A negative size would make `tarfile` read the same header for ever.
        if member.size < 0 or end > len(self._tar):
            raise _broken(self.name, f"{member.name!r} is cut off")
        if inner:
            self._members[inner] = (member.offset_data, end)
            self.newest = max(self.newest, int(member.mtime))
            self.modes[inner] = member.mode & 0o777

    def _follow_links(self) -> None:
        """Give links to files the files' bytes, as unpacking would."""
        for name, target in self._links.items():
            passed = {name}
            while target in self._links and target not in passed:
                passed.add(target)
                target = self._links[target]  # noqa: PLW2901 - one step further
            if target not in self._members:
                raise refuse(self.name, f"a link to no file of it: {name!r}")
            self._members[name] = self._members[target]
            self.modes[name] = self.modes[target]

    def _target(self, member: tarfile.TarInfo) -> str:
        """Say where in the tree a link leads; refuse links out of it, and devices."""
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
        return "/".join(parts[1:])

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
        return bool(self.modes[path] & 0o100)

    def resolved(self, path: str) -> str:
        """Give the file that a link leads to, and any other path as it is."""
        while path in self._links:
            path = self._links[path]
        return path


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
        what = f"{promised} bytes when unpacked, more than the {allowed} allowed"
        raise refuse(path.name, f"{what}: it is cut off, or hostile")
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
