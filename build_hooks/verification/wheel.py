"""Hold a patched wheel against what it says of itself, and against upstream's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from build_hooks.artifact.binary_wheel import dist_info_of
from build_hooks.artifact.wheel import WheelTree
from build_hooks.inspection import Problem, in_order, read_manifest, stem_of
from build_hooks.verification.description import against_manifest, against_sbom, described_files
from build_hooks.verification.record import against_record
from build_hooks.verification.upstream import against_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact

_OURS = ("wheelwright/", "sboms/vllm-wheelwright")


def verify_wheel(
    path: Path, find: Callable[[Mapping[str, Any]], Artifact | None] = lambda _: None
) -> tuple[dict[str, Any], list[Problem], str | None]:
    """Hold a patched wheel against what it says of itself, and against upstream's.

    Args:
        path: the wheel.
        find: gives upstream's file for a manifest, or None where it is not at hand.

    Returns:
        The manifest, what does not agree with it, and the name of upstream's file if that was
        compared.

    Raises:
        ArtifactError: the archive is not a usable wheel.
        IntegrityError: it has no manifest.
    """
    wheel = WheelTree(path)
    manifest = read_manifest(wheel)
    problems = [*against_record(wheel), *_against_name(wheel, manifest)]
    problems += against_manifest(wheel, manifest)
    problems += _undescribed(wheel, manifest)
    info = f"{dist_info_of(wheel)}/METADATA"
    problems += against_sbom(wheel, manifest, wheel.read(info) if info in wheel else b"")
    upstream = find(manifest)
    if upstream is not None:
        problems += against_upstream(wheel, upstream, manifest)
    return manifest, in_order(problems), upstream.name if upstream else None


def _against_name(wheel: WheelTree, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    folder, stem = dist_info_of(wheel), stem_of(manifest)
    if folder != f"{stem}.dist-info":
        yield Problem(path=folder, problem="is not of the manifest's distribution and version")
    if not wheel.name.startswith(f"{stem}-"):
        yield Problem(path=wheel.name, problem="is not named by the manifest's version")


def _undescribed(wheel: WheelTree, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Find files among those that describe the wheel of which the manifest knows nothing."""
    starts = tuple(f"{dist_info_of(wheel)}/{name}" for name in _OURS)
    for path in sorted(set(wheel) - described_files(wheel, manifest)):
        if path.startswith(starts):
            yield Problem(path=path, problem="is of no patch in the manifest")
