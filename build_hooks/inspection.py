"""Read what a built wheel or sdist says of itself, and hold it against its own bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from build_hooks.artifact.binary_wheel import dist_info_of
from build_hooks.artifact.sdist import SdistTree
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import IntegrityError
from build_hooks.manifest import FOLDER, MANIFEST, SCHEMA
from build_hooks.record import record_hash
from transforms.engine.apply import DIGEST_PLACEHOLDER, EditedFile, patch_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_RECORD_COLUMNS = 3
_ABSENT = object()
_TEXT_OR_NONE = (str, type(None))
# What is read of a manifest; docs/manifest.md describes all of it.
_SHAPE: dict[str, Any] = {
    "builder": {"version": str},
    "compression": {"library": str},
    "distribution": str,
    "release": str,
    "version": str,
    "timestamp": int,
    "artifact": {"filename": str, "sha256": _TEXT_OR_NONE},
    "platforms": [str],
    "only": [str],
    "skip": [str],
    "digest": str,
    "files": [{"path": str, "sha256_before": _TEXT_OR_NONE, "sha256_after": str}],
    "patches": [
        {
            "name": str,
            "outcome": str,
            "why": str,
            "upstream": str,
            "drop_when": str,
            "versions": str,
            "files": [{"path": str, "sites": [{"line": int}], "sha256_before": _TEXT_OR_NONE}],
        }
    ],
}
# And of what is there only where a plugin was compiled in.
_PLUGIN: dict[str, Any] = {
    "name": str,
    "version": _TEXT_OR_NONE,
    "package": str,
    "filename": str,
    "sha256": _TEXT_OR_NONE,
    "roots": [str],
    "define": dict,
    "mutations": [{"outcome": str, "patch": _TEXT_OR_NONE}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One member of a wheel or sdist that is not what that says of it."""

    path: str
    problem: str


def open_output(path: Path) -> WheelTree | SdistTree:
    """Open a built wheel or sdist.

    Raises:
        ArtifactError: the archive is not usable.
    """
    return WheelTree(path) if path.suffix == ".whl" else SdistTree(path)


def described_in(tree: WheelTree | SdistTree) -> str:
    """Give the folder, with a slash, below which a wheel or sdist describes itself."""
    return f"{dist_info_of(tree)}/" if isinstance(tree, WheelTree) else ""


def read_manifest(tree: WheelTree | SdistTree) -> dict[str, Any]:
    """Read the manifest of a patched wheel or sdist.

    Raises:
        IntegrityError: there is none, or one that cannot be read.
    """
    path = f"{described_in(tree)}{MANIFEST}"
    if path not in tree:
        raise IntegrityError(
            f"{tree.name} carries no manifest: vllm-wheelwright has not built it",
            next_step=f"`python -m build_hooks build` makes {tree.kind}s that do",
        )
    try:
        document: Any = json.loads(tree.read(path))
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{tree.name}: {path} is not JSON: {error}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise IntegrityError(
            f"{tree.name}: its manifest has schema {schema!r}, not {SCHEMA}",
            next_step=f"use the version of vllm-wheelwright that built the {tree.kind}, or a newer",
        )
    shape = {**_SHAPE, "plugin": _PLUGIN} if "plugin" in document else _SHAPE
    wrong = _differs(document, shape, "manifest")
    if wrong:
        raise IntegrityError(f"{tree.name}: {path}: {wrong}")
    return cast("dict[str, Any]", document)


def _differs(value: object, shape: object, where: str) -> str:
    """Say where a document lacks something that its readers rely on; empty where it does not."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return f"{where} is no object"
        parts = ((value.get(key, _ABSENT), inner, f"{where}.{key}") for key, inner in shape.items())
    elif isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is no list"
        parts = ((item, shape[0], f"{where}[{number}]") for number, item in enumerate(value))
    else:
        return "" if isinstance(value, cast("type", shape)) else f"{where} is not as it must be"
    return next(filter(None, (_differs(*part) for part in parts)), "")


def verify_wheel(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Hold the manifest and RECORD of a wheel against its members.

    Args:
        path: the wheel.

    Returns:
        The manifest and what does not agree with it or with RECORD.

    Raises:
        ArtifactError: the archive is not a usable wheel.
        IntegrityError: it has no manifest.
    """
    wheel = WheelTree(path)
    manifest = read_manifest(wheel)
    problems = [*_against_record(wheel), *_against_name(wheel, manifest)]
    problems += against_manifest(wheel, manifest)
    return manifest, in_order(problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Order problems by member."""
    return sorted(problems, key=lambda item: (item.path, item.problem))


def _against_record(wheel: WheelTree) -> Iterator[Problem]:
    record = f"{dist_info_of(wheel)}/RECORD"
    if record not in wheel:
        yield Problem(path=record, problem="is missing")
        return
    listed: dict[str, tuple[str, str]] = {}
    try:
        rows = list(csv.reader(io.StringIO(wheel.read(record).decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        yield Problem(path=record, problem=f"cannot be read: {error}")
        return
    for row in rows:
        if len(row) != _RECORD_COLUMNS or row[0] in listed:
            yield Problem(path=record, problem=f"has a wrong or second row: {','.join(row)}")
        else:
            listed[row[0]] = (row[1], row[2])
    yield from _against_rows(wheel, record, listed)


def _against_rows(
    wheel: WheelTree, record: str, listed: dict[str, tuple[str, str]]
) -> Iterator[Problem]:
    for name in wheel:
        if name not in listed:
            yield Problem(path=name, problem="is not in RECORD")
    for name, (recorded, size) in listed.items():
        if name not in wheel:
            yield Problem(path=name, problem="is in RECORD and not in the wheel")
        elif name != record:
            data = wheel.read(name)
            if recorded != record_hash(data) or size != str(len(data)):
                yield Problem(path=name, problem="differs from RECORD")


def _against_name(wheel: WheelTree, manifest: dict[str, Any]) -> Iterator[Problem]:
    folder = dist_info_of(wheel)
    if folder != f"{stem_of(manifest)}.dist-info":
        yield Problem(path=folder, problem="is not of the manifest's distribution and version")


def stem_of(manifest: dict[str, Any]) -> str:
    """Give the name and version as the names of files and folders have them."""
    return f"{manifest['distribution'].replace('-', '_')}-{manifest['version']}"


def against_manifest(tree: WheelTree | SdistTree, manifest: dict[str, Any]) -> Iterator[Problem]:
    """Hold the files that a manifest names against their bytes.

    Args:
        tree: the wheel or sdist.
        manifest: its manifest.
    """
    folder = described_in(tree)
    for file in manifest["files"]:
        name = file["path"]
        if name not in tree:
            yield Problem(path=name, problem=f"is in the manifest and not in the {tree.kind}")
        elif hashlib.sha256(tree.read(name)).hexdigest() != file["sha256_after"]:
            yield Problem(path=name, problem="differs from the manifest")
    if _digest_of(tree, manifest) != manifest["digest"]:
        yield Problem(path=f"{folder}{MANIFEST}", problem="has another digest than its files give")
    for patch in manifest["patches"]:
        diff = f"{folder}{FOLDER}/{patch['name']}.diff"
        if patch["outcome"] == "applied" and diff not in tree:
            yield Problem(path=diff, problem="is missing")


def _digest_of(tree: WheelTree | SdistTree, manifest: dict[str, Any]) -> str:
    """Give the digest of the files that a manifest lists, as the build computed it."""
    files = []
    for file in manifest["files"]:
        path, added = file["path"], file["sha256_before"] is None
        data = tree.read(path) if path in tree else b""
        if added:
            # The digest was written into an added file after it was computed.
            data = data.replace(manifest["digest"].encode(), DIGEST_PLACEHOLDER)
        files.append(EditedFile(path=path, before=None, after=data, sites=()))
    return patch_digest(files)
