"""Hold a patched sdist against its manifest, and against upstream's own where that is at hand.

A wheel lists the hash of every file in RECORD; an sdist has no such list. What no patch changed is
therefore compared with upstream's file, if the cache has it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from build_hooks.artifact.sdist import SdistTree
from build_hooks.fetch.cache import Cache, cache_root
from build_hooks.inspection import (
    Problem,
    against_manifest,
    in_order,
    read_manifest,
    stem_of,
)
from build_hooks.lock import read_lock
from build_hooks.manifest import FOLDER, IN_PACKAGE, MANIFEST, SBOM
from build_hooks.sdist import PKG_INFO, rewritten
from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from build_hooks.settings import Settings

_OTHER = "differs from upstream's"
# The one line that the manifest does not list among the sites; `notice.diff` shows it.
_NOTICE_LINE = b"Modified by vllm-wheelwright for "


def verify_sdist(
    path: Path, settings: Settings
) -> tuple[dict[str, Any], list[Problem], str | None]:
    """Hold a patched sdist against what it says of itself, and against upstream's.

    Args:
        path: the sdist.
        settings: where downloads are kept.

    Returns:
        The manifest, what does not agree with it, and the name of upstream's file if that was
        compared.

    Raises:
        ArtifactError: the archive is not a usable sdist.
        IntegrityError: it has no manifest.
        LockError: the lock cannot be read.
    """
    tree = SdistTree(path)
    manifest = read_manifest(tree)
    problems = [*_against_description(tree, manifest), *against_manifest(tree, manifest)]
    upstream = _upstream(manifest, settings)
    if upstream:
        problems += _against_upstream(tree, upstream, manifest)
    return manifest, in_order(problems), upstream.name if upstream else None


def _against_description(tree: SdistTree, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Compare what says the same of an sdist: its folder, PKG-INFO, two manifests and the SBOM."""
    if tree.root != stem_of(dict(manifest)):
        yield Problem(path=tree.root, problem="is not of the manifest's distribution and version")
    info = tree.read(PKG_INFO).replace(b"\r\n", b"\n") if PKG_INFO in tree else b""
    header = info.partition(b"\n\n")[0].split(b"\n")
    if f"Version: {manifest['version']}".encode() not in header:
        yield Problem(path=PKG_INFO, problem="is not of the manifest's version")
    if IN_PACKAGE not in tree or tree.read(IN_PACKAGE) != tree.read(MANIFEST):
        yield Problem(path=IN_PACKAGE, problem=f"is not the same as {MANIFEST}")
    try:
        subject = json.loads(tree.read(SBOM))["metadata"]["component"]
        said = (subject["version"], *(item["value"] for item in subject["properties"]))
    except (KeyError, TypeError, ValueError, RecursionError):
        said = ()
    if said != (manifest["version"], manifest["digest"]):
        yield Problem(path=SBOM, problem="is not of the manifest's version and digest")


def _upstream(manifest: Mapping[str, Any], settings: Settings) -> SdistTree | None:
    """Give upstream's file from the cache, as the lock knows it; None where either has none."""
    said = manifest["artifact"]
    for locked in read_lock().artifacts:
        if (locked.filename, locked.sha256) == (said["filename"], said["sha256"]):
            slot = Cache(cache_root(settings.cache)).slot(locked.sha256, locked.filename)
            if slot.state() == "good":
                return SdistTree(slot.path, unpacked=locked.unpacked)
    return None


def _against_upstream(
    tree: SdistTree, upstream: SdistTree, manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    listed = {file["path"]: file for file in manifest["files"]}
    own = _described(tree, manifest)
    added = [path for path in {*own, *listed} if path not in upstream]
    expected = rewritten(upstream, manifest["distribution"], manifest["version"], added)
    for path in sorted({*tree, *upstream}.difference(own)):
        if path not in tree:
            yield Problem(path=path, problem="is upstream's and missing")
        elif path in listed:
            yield from _against_sites(tree, upstream, manifest, listed[path])
        elif path in expected:
            if tree.read(path) != expected[path]:
                yield Problem(path=path, problem="is not what a build makes of upstream's")
        elif path not in upstream:
            yield Problem(path=path, problem="is neither upstream's nor in the manifest")
        elif tree.read(path) != upstream.read(path):
            yield Problem(path=path, problem=_OTHER)
        if path in tree and path in upstream and tree.modes[path] != upstream.modes[path]:
            yield Problem(path=path, problem="has other permissions than upstream's")


def _described(tree: SdistTree, manifest: Mapping[str, Any]) -> set[str]:
    """Give the files by which an sdist describes itself; only some have a notice to show."""
    names = [patch["name"] for patch in manifest["patches"] if patch["outcome"] == "applied"]
    notice = f"{FOLDER}/{NOTICE}.diff"
    own = {MANIFEST, SBOM, IN_PACKAGE, *(f"{FOLDER}/{name}.diff" for name in names)}
    return own | ({notice} if notice in tree else set())


def _against_sites(
    tree: SdistTree, upstream: SdistTree, manifest: Mapping[str, Any], file: Mapping[str, Any]
) -> Iterator[Problem]:
    """Compare a changed file with upstream's, outside of the sites."""
    path, sha256 = file["path"], file["sha256_before"]
    before = upstream.read(path) if path in upstream else None
    if (None if before is None else hashlib.sha256(before).hexdigest()) != sha256:
        yield Problem(path=path, problem="is listed with another file than upstream's before")
    elif before is not None:
        sites = {
            (site["start"], site["end"])
            for patch in manifest["patches"]
            for there in patch["files"]
            if there["path"] == path
            for site in there["sites"]
        }
        if not _same_outside(before, _without_notice(tree.read(path)), sorted(sites)):
            yield Problem(path=path, problem=f"{_OTHER} outside of the sites")


def _without_notice(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    notice = next((number for number, line in enumerate(lines) if _NOTICE_LINE in line), len(lines))
    return b"".join([*lines[:notice], *lines[notice + 1 :]])


def _same_outside(before: bytes, after: bytes, sites: list[tuple[int, int]]) -> bool:
    """Tell whether what lies between the sites stands in a file, in order, from end to end."""
    first, *rest = _between(before, sites)
    if not after.startswith(first):
        return False
    done = len(first)
    for part in rest[:-1]:
        done = after.find(part, done)
        if done < 0:
            return False
        done += len(part)
    return not rest or (after.endswith(rest[-1]) and len(after) - len(rest[-1]) >= done)


def _between(data: bytes, sites: list[tuple[int, int]]) -> Iterator[bytes]:
    done = 0
    for start, end in sites:
        yield data[done:start]
        done = end
    yield data[done:]
