"""What was found out before: results by the content that they follow from.

`<cache>/drift/<digest of the code>/<sha256 of the artifact>[-<question>]`: a line with the sha256
of what follows, then JSON. The digest is over everything that a result depends on besides the
artifact, so an entry is never wrong. What nobody has asked for in thirty days goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.drift.declared import COMMON
from build_hooks.errors import OutputError
from build_hooks.output import replacing
from build_hooks.platforms import platform_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FOLDER = "drift"
SCHEMA = 1
_ROOT = Path(__file__).resolve().parents[2]
# All that decides what becomes of a patch. Most of `build_hooks` does not, and telling which part
# does would be a list that somebody forgets to keep.
_CODE = ("build_hooks", "transforms")
_OTHER_PLATFORMS = "transforms/platforms"
# Libraries whose behaviour shows in an outcome: specifiers, LibCST functions, CMake files and C++.
_LIBRARIES = ("packaging", "libcst", "tree-sitter", "tree-sitter-cmake", "tree-sitter-cuda")
_UNUSED_DAYS = 30
_DAY = 24 * 60 * 60


def code_digest(platform: str, patches: Iterable[str]) -> str:
    """Name everything besides the artifact that the results of a platform follow from.

    The Python release is a part of it: whether a file compiles is asked of the one that runs.

    Args:
        platform: its name, or `COMMON`.
        patches: the full names of its patches that are matched.
    """
    whole = hashlib.sha256()
    libraries = [f"{name} {_version(name)}" for name in _LIBRARIES]
    said = [SCHEMA, sys.version_info[:2], libraries, platform, sorted(patches)]
    whole.update(repr(said).encode())
    for path in _code_files(platform):
        data = path.read_bytes()
        whole.update(f"\0{path.relative_to(_ROOT).as_posix()}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _code_files(platform: str) -> Iterator[Path]:
    own = None if platform == COMMON else platform_folder(platform)
    for folder in _CODE:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            inside = path.relative_to(_ROOT).as_posix()
            of_a_platform = inside.startswith(f"{_OTHER_PLATFORMS}/") and path.parent.name != (
                "platforms"
            )
            if not of_a_platform or (own is not None and own in path.parents):
                yield path


@dataclass(frozen=True, slots=True)
class ResultCache:
    """Results on disk.

    Args:
        root: the folder of all results; need not exist.
        note: called with a line for the user where an entry is of no use.
    """

    root: Path
    note: Callable[[str], None]

    def read(self, digest: str, name: str) -> bytes | None:
        """Give an entry; None where there is none, or none that is whole.

        Args:
            digest: `code_digest`.
            name: the artifact's sha256, and what was asked of it.
        """
        path = self._path(digest, name)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self.note(f"{path} cannot be read ({error.strerror}): computed again")
            return None
        head, _, payload = data.partition(b"\n")
        if head != _checksum(payload):
            self.note(f"{path} is damaged: computed again")
            return None
        with contextlib.suppress(PermissionError):  # a cache that may only be read still serves
            os.utime(path.parent)
        return payload

    def write(self, digest: str, name: str, payload: bytes) -> None:
        """Keep an entry; a cache that cannot be written costs time only."""
        path = self._path(digest, name)
        try:
            with replacing(path) as file:
                file.write(_checksum(payload) + b"\n" + payload)
        except OutputError as error:
            self.note(f"a result is not kept: {error.what}")

    def drop_unused(self) -> None:
        """Remove the results of other code that nobody has asked for in thirty days."""
        since = time.time() - _UNUSED_DAYS * _DAY
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            self._drop(folder, since)

    def _drop(self, folder: Path, since: float) -> None:
        try:
            if folder.stat().st_mtime < since:
                shutil.rmtree(folder)
        except OSError as error:
            self.note(f"{folder} cannot be removed: {error.strerror}")

    def _path(self, digest: str, name: str) -> Path:
        return self.root / digest / name


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(payload).hexdigest().encode()
