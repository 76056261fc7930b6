"""Hold a patched sdist against its manifest, and against upstream's own where that is at hand.

A wheel lists the hash of every file in RECORD; an sdist has no such list. What no patch changed is
therefore compared with upstream's file, if the cache has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from build_hooks.artifact.sdist import SdistTree
from build_hooks.inspection import Problem, in_order, read_manifest, stem_of
from build_hooks.manifest import IN_PACKAGE, MANIFEST
from build_hooks.sdist import PKG_INFO, rewritten
from build_hooks.verification.description import against_manifest, against_sbom, described_files
from build_hooks.verification.sites import against_listed
from build_hooks.verification.upstream import OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact


def verify_sdist(
    path: Path, find: Callable[[Mapping[str, Any]], Artifact | None] = lambda _: None
) -> tuple[dict[str, Any], list[Problem], str | None]:
    """Hold a patched sdist against what it says of itself, and against upstream's.

    Args:
        path: the sdist.
        find: gives upstream's file for a manifest, or None where it is not at hand.

    Returns:
        The manifest, what does not agree with it, and the name of upstream's file if that was
        compared.

    Raises:
        ArtifactError: the archive is not a usable sdist.
        IntegrityError: it has no manifest.
    """
    tree = SdistTree(path)
    manifest = read_manifest(tree)
    problems = [*_against_description(tree, manifest), *against_manifest(tree, manifest)]
    problems += against_sbom(tree, manifest, tree.read(PKG_INFO) if PKG_INFO in tree else b"")
    upstream = find(manifest)
    if isinstance(upstream, SdistTree):
        problems += _against_upstream(tree, upstream, manifest)
    return manifest, in_order(problems), upstream.name if upstream else None


def _against_description(tree: SdistTree, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Compare what says the same of an sdist: its folder, PKG-INFO, two manifests."""
    if tree.root != stem_of(manifest):
        yield Problem(path=tree.root, problem="is not of the manifest's distribution and version")
    info = tree.read(PKG_INFO).replace(b"\r\n", b"\n") if PKG_INFO in tree else b""
    header = info.partition(b"\n\n")[0].split(b"\n")
    if f"Version: {manifest['version']}".encode() not in header:
        yield Problem(path=PKG_INFO, problem="is not of the manifest's version")
    if IN_PACKAGE not in tree or tree.read(IN_PACKAGE) != tree.read(MANIFEST):
        yield Problem(path=IN_PACKAGE, problem=f"is not the same as {MANIFEST}")


def _against_upstream(
    tree: SdistTree, upstream: SdistTree, manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    listed = {file["path"]: file for file in manifest["files"]}
    own = described_files(tree, manifest)
    added = [path for path in {*own, *listed} if path not in upstream]
    expected = rewritten(upstream, manifest["distribution"], manifest["version"], added)
    for path in sorted({*tree, *upstream}.difference(own)):
        if path not in tree:
            yield Problem(path=path, problem="is upstream's and missing")
        elif path in listed:
            before = upstream.read(path) if path in upstream else None
            yield from against_listed(listed[path], manifest, before, tree.read(path))
        elif path in expected:
            if tree.read(path) != expected[path]:
                yield Problem(path=path, problem="is not what a build makes of upstream's")
        elif path not in upstream:
            yield Problem(path=path, problem="is neither upstream's nor in the manifest")
        elif tree.read(path) != upstream.read(path):
            yield Problem(path=path, problem=OTHER)
        if path in tree and path in upstream and tree.modes[path] != upstream.modes[path]:
            yield Problem(path=path, problem="has other permissions than upstream's")
