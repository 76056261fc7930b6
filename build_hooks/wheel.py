"""Write a wheel: members in a fixed order, RECORD last, the same bytes on every machine.

The format is the binary distribution format of the Python packaging specifications (PEP 427).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks import __version__
from build_hooks.errors import ArtifactError
from build_hooks.metadata import CoreMetadata, license_files
from build_hooks.output import replacing
from build_hooks.record import Row, row_of, write_rows
from build_hooks.shipping import PACKAGE
from build_hooks.zipwriter import EXECUTABLE, REGULAR, ZipWriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact


def write_wheel(  # noqa: PLR0913 - each is one part of the wheel
    target: Path,
    *,
    artifact: Artifact,
    metadata: CoreMetadata,
    changed: Mapping[str, bytes],
    extra: Mapping[str, bytes],
    timestamp: int,
) -> None:
    """Write a wheel of the package in an sdist's tree.

    Args:
        target: the wheel's path.
        artifact: the pristine tree; every file of the package goes into the wheel, as upstream's
            own wheels have it.
        metadata: the wheel's metadata.
        changed: the files that differ from the tree, or are added to it.
        extra: further files below `.dist-info`, by their path in it.
        timestamp: the time of all members, in seconds since 1970 UTC.

    Raises:
        OutputError: the wheel cannot be written; nothing is left.
    """
    with replacing(target) as file, ZipWriter(file, timestamp) as archive:
        record = _Record(archive)
        package = {path for path in artifact if path.startswith(PACKAGE)}
        for path in sorted(package | set(changed)):
            data = changed[path] if path in changed else artifact.read(path)
            executable = path in package and artifact.is_executable(path)
            record.add(path, data, mode=EXECUTABLE if executable else REGULAR)
        described = dist_info_files(metadata, artifact)
        for path, data in sorted({**described, **extra}.items()):
            record.add(f"{metadata.dist_info}/{path}", data)
        record.close(f"{metadata.dist_info}/RECORD")


def dist_info_files(metadata: CoreMetadata, artifact: Artifact) -> dict[str, bytes]:
    """Give the files of `.dist-info` that every wheel has, all but RECORD.

    Args:
        metadata: the wheel's metadata.
        artifact: the sdist's tree, for licences and entry points.

    Raises:
        ArtifactError: the metadata name a licence file that the sdist does not have.
    """
    pure = str(metadata.tag.endswith("-none-any")).lower()
    wheel = (
        f"Wheel-Version: 1.0\nGenerator: vllm-wheelwright {__version__}\n"
        f"Root-Is-Purelib: {pure}\nTag: {metadata.tag}\n"
    )
    files = {"METADATA": metadata.text.encode(), "WHEEL": wheel.encode()}
    for name in ("entry_points.txt", "top_level.txt"):
        path = f"{metadata.distribution.replace('-', '_')}.egg-info/{name}"
        if path in artifact:
            files[name] = artifact.read(path)
    for name in license_files(metadata.text):
        if name not in artifact:
            raise ArtifactError(f"{artifact.name} has no {name}, which its PKG-INFO names")
        files[f"licenses/{name}"] = artifact.read(name)
    return files


def write_members(
    target: Path, members: Mapping[str, bytes], metadata: CoreMetadata, timestamp: int
) -> None:
    """Write a wheel of given files, such as an editable one.

    Args:
        target: the wheel's path.
        members: all of its files but RECORD.
        metadata: the wheel's metadata.
        timestamp: the time of all members, in seconds since 1970 UTC.

    Raises:
        OutputError: the wheel cannot be written; nothing is left.
    """
    with replacing(target) as file, ZipWriter(file, timestamp) as archive:
        record = _Record(archive)
        for path in sorted(members):
            record.add(path, members[path])
        record.close(f"{metadata.dist_info}/RECORD")


class _Record:
    """Write members and remember what RECORD says of them."""

    def __init__(self, archive: ZipWriter) -> None:
        self._archive = archive
        self._rows: list[tuple[str, Row]] = []

    def add(self, path: str, data: bytes, *, mode: int = REGULAR) -> None:
        self._archive.add(path, data, mode=mode)
        self._rows.append((path, row_of(data)))

    def close(self, path: str) -> None:
        self._archive.add(path, write_rows([*self._rows, (path, Row("", None))]))
