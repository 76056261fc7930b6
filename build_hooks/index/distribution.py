"""A wheel or sdist that is to be served: checked, and taken apart into what is served of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.metadata import ExceptionGroup, Metadata, parse_email
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from build_hooks.artifact.binary_wheel import dist_info_of
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import ArtifactError, IntegrityError
from build_hooks.fetch.cache import hash_file
from build_hooks.index.entry import Entry
from build_hooks.index.layout import metadata_name, part_name
from build_hooks.inspection import described_in, open_output
from build_hooks.manifest import FOLDER, MANIFEST
from build_hooks.verification.sdist import verify_sdist
from build_hooks.verification.wheel import verify_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.version import Version

    from build_hooks.artifact.sdist import SdistTree

_REPORTS = (f"{FOLDER}/", "sboms/")
_SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Distribution:
    """A file that is to be served.

    Attributes:
        path: the file.
        entry: what the index is to know of it; `uploaded` is empty.
        parts: what is served beside it, by place: a wheel's METADATA, manifest, SBOMs, diffs.
    """

    path: Path
    entry: Entry
    parts: dict[str, bytes]

    @property
    def place(self) -> str:
        """Where the file itself lies."""
        return part_name(self.entry.sha256, self.entry.filename)


def read_distribution(path: Path) -> Distribution:
    """Check a wheel or sdist, and say what the index is to know of it.

    Neither pip nor uv holds RECORD against the files: a file that carries a manifest is verified
    here, before anybody can install it.

    Args:
        path: the file.

    Raises:
        ArtifactError: it is no usable wheel or sdist, or its metadata break the specification.
        IntegrityError: it carries a manifest or RECORD that its bytes contradict.
    """
    filename = path.name
    project, version, kind = _named(filename)
    tree = open_output(path)
    folder = described_in(tree)
    source = f"{folder}METADATA" if isinstance(tree, WheelTree) else "PKG-INFO"
    if source not in tree:
        raise ArtifactError(f"{filename} has no {source}")
    raw = tree.read(source)
    metadata = _metadata(raw, filename)
    if (canonicalize_name(metadata.name), metadata.version) != (project, version):
        raise ArtifactError(
            f"{filename}: its metadata are of {metadata.name} {metadata.version}",
            next_step="a file's name and its metadata must agree: rebuild it, do not rename it",
        )
    built = _built(path, tree)
    sha256 = hash_file(path)
    reports = {
        name.removeprefix(folder): tree.read(name)
        for name in sorted(tree)
        if name.removeprefix(folder).startswith(_REPORTS) and name.startswith(folder)
    }
    entry = Entry(
        filename=filename,
        project=project,
        version=str(version),
        kind=kind,
        size=path.stat().st_size,
        sha256=sha256,
        metadata_sha256=hashlib.sha256(raw).hexdigest() if kind == "wheel" else None,
        requires_python=parse_email(raw)[0].get("requires_python"),
        uploaded="",
        built=built,
        reports=tuple(reports),
    )
    parts = {part_name(sha256, name): data for name, data in reports.items()}
    if kind == "wheel":
        parts[metadata_name(sha256, filename)] = raw
    return Distribution(path, entry, parts)


def _named(filename: str) -> tuple[str, Version, str]:
    """Give the project, the version and the kind that a file's name says."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
            return name, version, "wheel"
        name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise ArtifactError(f"{filename}: {error}") from error
    return name, version, "sdist"


def _metadata(raw: bytes, filename: str) -> Metadata:
    try:
        return Metadata.from_email(raw, validate=True)
    except ExceptionGroup as error:
        said = "; ".join(sorted(map(str, error.exceptions)))
        raise ArtifactError(
            f"{filename}: its metadata break the specification: {said}",
            next_step="clients may refuse it: correct what wrote it",
        ) from error


def _built(path: Path, tree: WheelTree | SdistTree) -> dict[str, Any] | None:
    """Verify what carries a manifest, and give what people are shown of it."""
    if f"{described_in(tree)}{MANIFEST}" not in tree:
        if isinstance(tree, WheelTree):
            dist_info_of(tree)
        return None
    verify = verify_wheel if isinstance(tree, WheelTree) else verify_sdist
    # Against itself: upstream's file need not be at hand where wheels are served.
    manifest, problems, _ = verify(path)
    if problems:
        shown = [f"{item.path} {item.problem}" for item in problems[:_SHOWN_PROBLEMS]]
        raise IntegrityError(
            "\n  ".join([f"{path.name} is not as it was built, {len(problems)} problems:", *shown]),
            next_step="rebuild it; `python -m build_hooks verify` lists everything",
        )
    return _shown(manifest)


def _shown(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give what pages show of a manifest, which is served whole beside them."""
    plugin = manifest.get("plugin")
    return {
        "platforms": sorted(manifest["platforms"]),
        "release": manifest["release"],
        "distribution": manifest["distribution"],
        "artifact": manifest["artifact"],
        "digest": manifest["digest"],
        "plugin": plugin and f"{plugin['name']} {plugin['version'] or ''}".strip(),
        "files": len(manifest["files"]),
        "patches": [
            {
                **{
                    key: patch[key]
                    for key in ("name", "outcome", "why", "upstream", "drop_when", "versions")
                },
                "files": [
                    {
                        "path": file["path"],
                        "added": file["sha256_before"] is None,
                        "lines": [site["line"] for site in file["sites"]],
                    }
                    for file in patch["files"]
                ],
            }
            for patch in manifest["patches"]
        ],
    }
