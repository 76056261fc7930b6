"""Apply one change to another version of its file: as a typed patch, and with three text tools."""

from __future__ import annotations

import subprocess
from enum import Enum
from typing import TYPE_CHECKING

from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.patch import bare_patch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from transforms.engine.edit import Edit

TYPED, APPLY, FUZZ, THREE_WAY = "typed patch", "git apply", "patch --fuzz=2", "git apply --3way"
TEXT_TOOLS = (APPLY, FUZZ, THREE_WAY)
_NAME = "survival/change"


class Result(str, Enum):
    """What became of one application."""

    CORRECT = "correct"
    WRONG = "wrong"
    LOUD = "loud"


class OneFile:
    """A tree of one file: the others have nothing to do with the change."""

    def __init__(self, path: str, data: bytes) -> None:
        self._files = {path: data}

    def __contains__(self, path: object) -> bool:
        """Tell whether it is the file."""
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        """Give the path."""
        return iter(self._files)

    def read(self, path: str) -> bytes:
        """Give the bytes."""
        return self._files[path]


def typed(edits: Sequence[Edit], path: str, data: bytes) -> bytes | None:
    """Apply edits; None where one of them does not hold."""
    patch = bare_patch(edits)
    tree = OneFile(path, data)
    outcomes = match_patches({_NAME: patch}, tree, "0")
    if any(not item.status.is_good for item in outcomes):
        return None
    (file,) = apply_sites(outcomes, tree)
    return file.after


class TextTools:
    """A repository in which patches are made and applied.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._git("init", "-q")
        self._git("config", "core.autocrlf", "false")

    def _git(self, *words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return self._run("git", *words, data=data)

    def _run(self, *words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(words, cwd=self._folder, input=data, capture_output=True, check=False)

    def make(self, path: str, before: bytes, after: bytes) -> bytes:
        """Make the patch that a user of git has, with both versions known to the repository."""
        self._write(path, before)
        self._git("add", path)
        self._write(path, after)
        made = self._git("diff", "--full-index", "--", path).stdout
        self._git("add", path)
        return made

    def apply(self, patch: bytes, path: str, data: bytes) -> dict[str, bytes | None]:
        """Apply a patch to another version of the file with each tool; None where one refuses."""
        words: Mapping[str, tuple[str, ...]] = {
            APPLY: ("git", "apply", "-"),
            FUZZ: ("patch", "-p1", "--fuzz=2", "--batch", "--forward", "-r", "-", "-s"),
            THREE_WAY: ("git", "apply", "--3way", "-"),
        }
        found: dict[str, bytes | None] = {}
        for tool, command in words.items():
            self._write(path, data)
            self._git("add", path)
            done = self._run(*command, data=patch)
            found[tool] = (self._folder / path).read_bytes() if done.returncode == 0 else None
        self._git("rm", "-q", "-f", "--cached", path)
        return found

    def _write(self, path: str, data: bytes) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
