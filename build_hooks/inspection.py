"""Read what a built wheel or sdist says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from build_hooks.artifact.binary_wheel import dist_info_of
from build_hooks.artifact.sdist import SdistTree
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import IntegrityError
from build_hooks.manifest import MANIFEST, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ABSENT = object()
_TEXT_OR_NONE = (str, type(None))
_SITE = {"line": int, "start": int, "end": int}
# What is read of a manifest; docs/manifest.md describes all of it.
_SHAPE: dict[str, Any] = {
    "builder": {"name": str, "version": str},
    "compression": {"library": str},
    "sbom": {"library": str},
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
            "files": [{"path": str, "sites": [_SITE], "sha256_before": _TEXT_OR_NONE}],
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


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Order problems by member, each once: two comparisons may find the same."""
    return sorted(set(problems), key=lambda item: (item.path, item.problem))


def stem_of(manifest: Mapping[str, Any]) -> str:
    """Give the name and version as the names of files and folders have them."""
    return f"{manifest['distribution'].replace('-', '_')}-{manifest['version']}"
