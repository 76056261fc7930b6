"""Patch a binary wheel: what is not changed is copied as it lies there, compressed.

Upstream's members come first, in upstream's order, without those that are replaced: a reader that
goes by the headers, as uv does while it downloads, must not meet an old one. Then come the changed
and added files, then `.dist-info`, each in the order of their names, and RECORD last. Rows of
RECORD are taken over with the files that they name, and computed for the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.binary_metadata import wheel_text
from build_hooks.output import replacing
from build_hooks.record import SIGNATURES, Row, row_of, write_rows
from build_hooks.zipwriter import REGULAR, ZipWriter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from build_hooks.artifact.binary_wheel import BinaryWheel
    from build_hooks.metadata import CoreMetadata

# What holds for upstream's RECORD only.
_LEFT_OUT = frozenset({"RECORD", *SIGNATURES})


def repack_wheel(  # noqa: PLR0913 - each is one part of the wheel
    target: Path,
    *,
    wheel: BinaryWheel,
    metadata: CoreMetadata,
    changed: Mapping[str, bytes],
    extra: Mapping[str, bytes],
    timestamp: int,
) -> None:
    """Write a wheel that is another one but for some files.

    Args:
        target: the new wheel's path.
        wheel: upstream's wheel.
        metadata: the new wheel's metadata.
        changed: the files that differ from upstream's, or are added.
        extra: further files below `.dist-info`, by their path in it.
        timestamp: the time of the members that are written anew, in seconds since 1970 UTC.

    Raises:
        ArtifactError: upstream's `WHEEL` is malformed, or its archive became shorter meanwhile.
        OutputError: the new wheel cannot be written; nothing is left.
    """
    described = {**_rewritten(metadata, wheel), **extra}
    written = {**changed, **{f"{metadata.dist_info}/{name}": described[name] for name in described}}
    record = f"{metadata.dist_info}/RECORD"
    # Folders that are named by the version get the new one.
    names = {renamed(path, metadata, wheel): path for path in wheel.members}
    left_out = {f"{metadata.dist_info}/{name}" for name in _LEFT_OUT}
    kept = [
        path for path, old in names.items() if path == old and path not in {*written, *left_out}
    ]
    behind = sorted({*names, *written}.difference(kept, changed, left_out))
    rows = [(path, wheel.rows[path]) for path in kept]
    with replacing(target) as file, ZipWriter(file, timestamp) as archive:
        archive.keep((wheel.members[path] for path in kept), wheel.file)
        for path in (*sorted(changed), *behind):
            if path in written:
                archive.add(path, written[path], mode=_mode(names.get(path), wheel))
                rows.append((path, row_of(written[path])))
            else:
                archive.rename(path, wheel.members[names[path]], wheel.file)
                rows.append((path, wheel.rows[names[path]]))
        listed = write_rows([*rows, (record, Row("", None))])
        archive.add(record, listed, mode=_mode(names.get(record), wheel))


def repacked_dist_info(metadata: CoreMetadata, wheel: BinaryWheel) -> dict[str, bytes]:
    """Give the files of `.dist-info` that a patched wheel has of upstream, all but RECORD.

    Args:
        metadata: the new wheel's metadata.
        wheel: upstream's wheel.

    Raises:
        ArtifactError: one of them cannot be read.
        IntegrityError: one of them is not what RECORD names.
    """
    prefix = f"{wheel.dist_info}/"
    names = {path.removeprefix(prefix) for path in wheel if path.startswith(prefix)} - _LEFT_OUT
    return {name: wheel.read(prefix + name) for name in names} | _rewritten(metadata, wheel)


def renamed(path: str, metadata: CoreMetadata, wheel: BinaryWheel) -> str:
    """Give the path of a member in the new wheel, whose version names some of its folders.

    Args:
        path: in upstream's wheel.
        metadata: the new wheel's metadata.
        wheel: upstream's wheel.
    """
    folder, slash, rest = path.partition("/")
    for suffix in (".dist-info", ".data"):
        if folder == wheel.stem + suffix:
            return f"{metadata.stem}{suffix}{slash}{rest}"
    return path


def _rewritten(metadata: CoreMetadata, wheel: BinaryWheel) -> dict[str, bytes]:
    return {"METADATA": metadata.text.encode(), "WHEEL": wheel_text(wheel).encode()}


def _mode(path: str | None, wheel: BinaryWheel) -> int:
    """Give a file the mode of the one that it replaces, if that has one."""
    return (path and wheel.members[path].info.external_attr >> 16) or REGULAR
