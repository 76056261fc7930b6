"""Open an artifact by what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from build_hooks.artifact.folder import FolderTree
from build_hooks.artifact.sdist import SdistTree
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import ArtifactError, UsageError
from transforms.engine.syntax.source import Tree

if TYPE_CHECKING:
    from pathlib import Path

_SOURCES = "a source is `sdist`, `wheel`, or the path of an sdist, a wheel or an unpacked sdist"


class Artifact(Tree, Protocol):
    """A read-only tree of upstream files, whatever it came in.

    Attributes:
        name: the archive's file name, for messages.
        kind: ``sdist``, ``wheel`` or ``folder``.
        newest: when its newest member was changed, in seconds since 1970 UTC.
    """

    name: str
    kind: str
    newest: int

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute a file."""


def open_artifact(path: Path, *, unpacked: int | None = None) -> Artifact:
    """Open an sdist, a wheel or an unpacked sdist.

    Args:
        path: the archive or folder.
        unpacked: how large it is when unpacked, in bytes, by the lock; None where it is not locked.

    Raises:
        ArtifactError: the archive is truncated, malformed or hostile.
        UsageError: there is no such file, or it is none of these.
    """
    try:
        if not path.exists():
            raise UsageError(f"no such file or folder: {path}", next_step=_SOURCES)
        if path.is_dir():
            return FolderTree(path)
        if path.name.endswith(".whl"):
            return WheelTree(path, unpacked=unpacked)
        if path.name.endswith(".tar.gz"):
            return SdistTree(path, unpacked=unpacked)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror or error}") from error
    raise UsageError(f"{path} is neither a .whl, nor a .tar.gz, nor a folder", next_step=_SOURCES)
