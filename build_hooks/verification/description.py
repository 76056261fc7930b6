"""Hold what describes a wheel or sdist against each other: manifest, files, diffs and SBOM."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from build_hooks.inspection import Problem, described_in
from build_hooks.manifest import (
    FOLDER,
    IN_PACKAGE,
    MANIFEST,
    SBOM,
    SBOM_LIBRARY,
    TO_DIFFS,
    WHEEL_SBOM,
)
from build_hooks.verification.reversal import DiffError, taken_back
from build_hooks.verification.sites import OUTSIDE, same_outside, sites_of
from transforms.engine.apply import DIGEST_PLACEHOLDER, NOTICE, EditedFile, patch_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.artifact.sdist import SdistTree
    from build_hooks.artifact.wheel import WheelTree

_SUFFIX = ".diff"


def sbom_of(tree: WheelTree | SdistTree) -> str:
    """Give the path of the SBOM in what describes a wheel or sdist."""
    return WHEEL_SBOM if tree.kind == "wheel" else SBOM


def diffs_of(tree: WheelTree | SdistTree, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Give the diffs by the full names of their patches, in the order in which they apply.

    Args:
        tree: the wheel or sdist.
        manifest: its manifest.
    """
    folder = f"{described_in(tree)}{FOLDER}/"
    names = [item["name"] for item in manifest["patches"] if item["outcome"] == "applied"]
    paths = {name: f"{folder}{name}{_SUFFIX}" for name in (*names, NOTICE)}
    return {name: tree.read(path) for name, path in paths.items() if path in tree}


def against_manifest(tree: WheelTree | SdistTree, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Hold the files that a manifest names against their bytes, and against the diffs.

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
    diffs = diffs_of(tree, manifest)
    for patch in manifest["patches"]:
        if patch["outcome"] == "applied" and patch["name"] not in diffs:
            path = f"{folder}{FOLDER}/{patch['name']}{_SUFFIX}"
            yield Problem(path=path, problem="is missing")
    yield from _against_diffs(tree, manifest, diffs)


def described_files(tree: WheelTree | SdistTree, manifest: Mapping[str, Any]) -> set[str]:
    """Give the paths of all files by which a wheel or sdist describes itself.

    Args:
        tree: the wheel or sdist; only where it has notices, there is a diff of them.
        manifest: its manifest.
    """
    folder = described_in(tree)
    names = [patch["name"] for patch in manifest["patches"] if patch["outcome"] == "applied"]
    notice = f"{folder}{FOLDER}/{NOTICE}{_SUFFIX}"
    own = {f"{folder}{path}" for path in (MANIFEST, sbom_of(tree))}
    if tree.kind == "sdist":
        own.add(IN_PACKAGE)
    own |= {f"{folder}{FOLDER}/{name}{_SUFFIX}" for name in names}
    return own | ({notice} if notice in tree else set())


def _digest_of(tree: WheelTree | SdistTree, manifest: Mapping[str, Any]) -> str:
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


def _against_diffs(
    tree: WheelTree | SdistTree, manifest: Mapping[str, Any], diffs: Mapping[str, bytes]
) -> Iterator[Problem]:
    """Take the diffs back, last first: that must give upstream's files, outside of sites too."""
    folder = f"{described_in(tree)}{FOLDER}/"
    listed = {file["path"]: file for file in manifest["files"]}
    after = {path: tree.read(path) for path in listed if path in tree}
    before: dict[str, bytes | None] = dict(after)
    unclear: set[str] = set()
    for name, diff in reversed([*diffs.items()]):
        there = {path: data for path, data in before.items() if data is not None}
        result = _taken_back(diff, there)
        if isinstance(result, DiffError):
            yield Problem(path=f"{folder}{name}{_SUFFIX}", problem=str(result))
            unclear |= _named(manifest, name)
        else:
            before.update(result)
    # What a diff that cannot be taken back has changed is not known.
    for path in sorted(before.keys() - unclear):
        found, sha256 = before[path], listed[path]["sha256_before"]
        if (None if found is None else hashlib.sha256(found).hexdigest()) != sha256:
            yield Problem(path=path, problem="is not upstream's when its diffs are taken back")
        elif found is not None and not same_outside(
            path, found, after[path], sites_of(manifest, path)
        ):
            yield Problem(path=path, problem=OUTSIDE)


def _taken_back(diff: bytes, files: Mapping[str, bytes]) -> dict[str, bytes | None] | DiffError:
    try:
        return taken_back(diff, files)
    except DiffError as error:
        return error


def _named(manifest: Mapping[str, Any], name: str) -> set[str]:
    """Give the files that a patch changes; the notice is in all."""
    if name == NOTICE:
        return {file["path"] for file in manifest["files"]}
    patches = [item for item in manifest["patches"] if item["name"] == name]
    return {file["path"] for patch in patches for file in patch["files"]}


def against_sbom(
    tree: WheelTree | SdistTree, manifest: Mapping[str, Any], metadata: bytes
) -> Iterator[Problem]:
    """Make the SBOM again from the manifest and the diffs, and compare.

    Args:
        tree: the wheel or sdist.
        manifest: its manifest.
        metadata: its METADATA or PKG-INFO.
    """
    from build_hooks.sbom import make_sbom  # noqa: PLC0415 - its library takes a while to import

    folder, name = described_in(tree), sbom_of(tree)
    path = f"{folder}{name}"
    if path not in tree:
        yield Problem(path=path, problem="is missing")
        return
    found = tree.read(path)
    try:
        text = metadata.decode("utf-8").replace("\r\n", "\n")
        data = tree.read(f"{folder}{MANIFEST}")
        expected = make_sbom(data, diffs_of(tree, manifest), text, TO_DIFFS[name])
    # The libraries below refuse impossible names, times and texts in many ways.
    except Exception as error:  # noqa: BLE001
        yield Problem(path=path, problem=f"cannot be made again from the manifest: {error}")
        return
    same = found == expected
    if not same and manifest["sbom"]["library"] != SBOM_LIBRARY:
        same = _same_content(found, expected)
    if not same:
        yield Problem(path=path, problem="is not what the manifest and the diffs give")


def _same_content(found: bytes, expected: bytes) -> bool:
    """Compare what two versions of the library may have written differently."""
    try:
        return bool(json.loads(found) == json.loads(expected))
    except (ValueError, RecursionError):
        return False
