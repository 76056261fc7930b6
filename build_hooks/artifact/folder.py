"""Read an unpacked sdist from a folder, without following what leads out of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from build_hooks.artifact.members import check_unique, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEFT_OUT = frozenset({".git", "__pycache__"})


class FolderTree:
    """The files of a folder. Byte code and version control are left out.

    Args:
        path: the folder.

    Raises:
        ArtifactError: a link in it leads out of it, or names differ by case only.
    """

    kind = "folder"

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._root = path.resolve()
        self._members: dict[str, Path] = {}
        self.newest = 0
        for folder, subfolders, files in os.walk(self._root):
            subfolders[:] = sorted(set(subfolders) - _LEFT_OUT)
            for file in files:
                self._add(self._root / folder / file)
        check_unique(self._members, self.name)

    def _add(self, file: Path) -> None:
        if file.is_symlink() and not file.resolve().is_relative_to(self._root):
            raise refuse(self.name, f"a link out of the tree: {str(file)!r}")
        if file.is_file() and file.suffix != ".pyc":
            self._members[file.relative_to(self._root).as_posix()] = file
            self.newest = max(self.newest, int(file.stat().st_mtime))

    def __contains__(self, path: object) -> bool:
        """Tell whether the folder holds a file."""
        return path in self._members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self._members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self._members[path].read_bytes()

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        return os.access(self._members[path], os.X_OK)
