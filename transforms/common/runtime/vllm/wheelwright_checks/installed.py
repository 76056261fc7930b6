# SPDX-License-Identifier: Apache-2.0
"""Are the installed files those that were built? Neither pip nor uv asks when it installs them."""

from __future__ import annotations

import base64
import csv
import hashlib
from typing import TYPE_CHECKING, Any

from . import bytecode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def verify(info: Path, described: dict[str, Any], package: Path) -> list[dict[str, str]]:
    """Compare the installed files with what the wheel says of them.

    Args:
        info: the `.dist-info` folder.
        described: the manifest.
        package: the folder of the package.

    Returns:
        A list of dicts with `path` and `problem`, empty where all is as built.

    Raises:
        OSError: RECORD cannot be read.
    """
    site = info.parent
    with (info / "RECORD").open(encoding="utf-8", newline="") as rows:
        listed = {row[0]: row[1] for row in csv.reader(rows) if len(row) > 1}
    # Native sources are compiled, and stay behind.
    start = f"{package.name}/"
    files = [file for file in described["files"] if file["path"].startswith(start)]
    expected = {file["path"]: file["sha256_after"] for file in files}
    found = {
        path: problem
        for path in {*listed, *expected}
        if (problem := _check(site, path, listed.get(path, ""), expected.get(path)))
    }
    found.update(_added(site, package, {*listed, *expected}))
    found.update(bytecode.check(site, package))
    return [{"path": path, "problem": found[path]} for path in sorted(found)]


def _check(site: Path, path: str, recorded: str, expected: str | None) -> str:
    """Say what is wrong with one installed file; an empty text where nothing is."""
    if not recorded and expected is None:
        return ""  # RECORD itself, and byte code that the installer compiled
    try:
        data = (site / path).read_bytes()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error}"
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        return "is a patched file and was changed after the build"
    algorithm, _, value = recorded.partition("=")
    if algorithm not in hashlib.algorithms_guaranteed:
        return f"is recorded with an unknown algorithm: {recorded!r}"
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=")
    return "" if digest.decode() == value else "was changed after the build"


def _added(site: Path, package: Path, known: set[str]) -> Iterator[tuple[str, str]]:
    """Find files of the package's folder that nobody has installed with it."""
    for path in package.rglob("*"):
        name = path.relative_to(site).as_posix()
        # Byte code is looked at by itself.
        if name not in known and path.suffix not in {".pyc", ".pyo"} and not path.is_dir():
            yield name, f"was added after the build{_by(site, name)}"


def _by(site: Path, name: str) -> str:
    """Say which other distribution has brought a file, if one says so."""
    for record in sorted(site.glob("*.dist-info/RECORD")):
        text = record.read_text(encoding="utf-8", errors="replace")
        if any(line.startswith((f"{name},", f'"{name}",')) for line in text.splitlines()):
            return f" by {record.parent.name.removesuffix('.dist-info')}"
    return ""
