"""Read an unpacked sdist from a folder, without following what leads out of it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NoReturn

from build_hooks.artifact.members import check_name, check_unique, refuse
from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEFT_OUT = frozenset({".git", "__pycache__"})


class FolderTree:
    """The files of a folder. Byte code and version control are left out.

    Args:
        path: the folder.

    Raises:
        ArtifactError: it cannot be read, or holds what an sdist may not hold: links out of it or to
            no file, pipes and devices, names that are not UTF-8 or differ by case only.
    """

    kind = "folder"

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._root = path.resolve()
        self._members: dict[str, Path] = {}
        self.newest = 0
        for folder, subfolders, files in os.walk(self._root, onerror=self._unreadable):
            subfolders[:] = sorted(set(subfolders) - _LEFT_OUT)
            for name in (*files, *subfolders):
                self._add(self._root / folder / name, is_folder=name in subfolders)
        check_unique(self._members, self.name)

    def _add(self, file: Path, *, is_folder: bool) -> None:
        name = check_name(file.relative_to(self._root).as_posix(), self.name)
        try:
            if file.is_symlink():
                self._check_link(file, name)
            elif is_folder:
                return
            if not file.is_file():
                raise refuse(self.name, f"a device or pipe: {name!r}")
            if file.suffix != ".pyc":
                self._members[name] = file
                self.newest = max(self.newest, int(file.stat().st_mtime))
        except OSError as error:
            self._unreadable(error)

    def _check_link(self, file: Path, name: str) -> None:
        try:
            target = file.resolve(strict=True)
        except (OSError, RuntimeError):  # before Python 3.13, a loop is a RuntimeError
            target = None
        if target is not None and not target.is_relative_to(self._root):
            raise refuse(self.name, f"a link out of the tree: {name!r}")
        if target is None or not target.is_file():
            raise refuse(self.name, f"a link to no file of it: {name!r}")

    def _unreadable(self, error: OSError) -> NoReturn:
        raise ArtifactError(
            f"{error.filename or self.name} cannot be read: {error.strerror or error}"
        ) from error

    def __contains__(self, path: object) -> bool:
        """Tell whether the folder holds a file."""
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        try:
            return self._members[path].read_bytes()
        except OSError as error:
            self._unreadable(error)

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        try:
            return bool(self._members[path].stat().st_mode & stat.S_IXUSR)
        except OSError as error:
            self._unreadable(error)
