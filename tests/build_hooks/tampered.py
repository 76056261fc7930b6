"""Wheels that were changed after they were built."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

from build_hooks.record import record_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def contents(wheel: Path) -> dict[str, bytes]:
    """Give a wheel's files by name.

    Args:
        wheel: the wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tampered(
    wheel: Path, target: Path, changes: Mapping[str, bytes | None], *, record: bool = False
) -> Path:
    """Write a wheel anew with other files.

    Args:
        wheel: the wheel.
        target: where the other one goes.
        changes: bytes by name; None takes a file away.
        record: whether RECORD is made to agree, as one would who wants to hide it.
    """
    files: dict[str, bytes | None] = {**contents(wheel), **changes}
    name = next(name for name in files if name.endswith(".dist-info/RECORD"))
    kept = {path: data for path, data in files.items() if data is not None}
    if record:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        for path, data in kept.items():
            rows.writerow((path, "", "") if path == name else (path, record_hash(data), len(data)))
        kept[name] = text.getvalue().encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w") as archive:
        modes = {info.filename: info.external_attr for info in old.infolist()}
        for path, data in kept.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = modes.get(path, 0o100644 << 16)
            archive.writestr(info, data)
    return target
