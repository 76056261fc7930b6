"""Find upstream's own file, and hold a patched wheel against it, member by member."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from build_hooks.artifact import open_artifact
from build_hooks.artifact.binary_wheel import BinaryWheel, dist_info_of
from build_hooks.artifact.wheel import WheelTree
from build_hooks.binary_metadata import binary_metadata
from build_hooks.errors import IntegrityError, UsageError
from build_hooks.fetch.cache import Cache, cache_root, hash_file
from build_hooks.inspection import Problem
from build_hooks.lock import read_lock
from build_hooks.metadata import core_metadata
from build_hooks.repack import renamed, repacked_dist_info
from build_hooks.shipping import PACKAGE
from build_hooks.verification.description import described_files
from build_hooks.verification.sites import against_listed
from build_hooks.wheel import dist_info_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact
    from build_hooks.settings import Settings

OTHER = "differs from upstream's"
_GENERATOR = re.compile(rb"^Generator: vllm-wheelwright [^\n]*$", re.MULTILINE)


def find_upstream(
    manifest: Mapping[str, Any],
    settings: Settings,
    *,
    fetching: bool = False,
    given: Path | None = None,
) -> Artifact | None:
    """Give upstream's file as the manifest names it.

    Args:
        manifest: the manifest of what was built from it.
        settings: where downloads are kept and come from.
        fetching: whether it is fetched where the cache has none.
        given: the file, where the user has it.

    Returns:
        None where neither is asked for, and the cache has no such file of the lock.

    Raises:
        IntegrityError: the given file is another one.
        UsageError: it is to be fetched, and the lock does not name it.
        WheelwrightError: it cannot be fetched or read.
    """
    said = manifest["artifact"]
    if given is not None:
        if not given.is_file() or hash_file(given) != said["sha256"]:
            raise IntegrityError(
                f"{given} is not the file that this was built from: {said['filename']}, sha256 "
                f"{said['sha256']}",
                next_step="name that file, or leave --upstream out",
            )
        return _opened(given, None)
    for locked in read_lock().artifacts:
        if (locked.filename, locked.sha256) == (said["filename"], said["sha256"]):
            slot = Cache(cache_root(settings.cache)).slot(locked.sha256, locked.filename)
            if fetching:
                from build_hooks.fetch import fetch  # noqa: PLC0415 - most find it in the cache

                path = fetch(
                    locked, cache=settings.cache, index=settings.index, offline=settings.offline
                )
                return _opened(path, locked.unpacked)
            return _opened(slot.path, locked.unpacked) if slot.state() == "good" else None
    if fetching:
        raise UsageError(
            f"the lock has no {said['filename']} of this sha256: it cannot be fetched",
            next_step="name the file that this was built from with --upstream",
        )
    return None


def _opened(path: Path, unpacked: int | None) -> Artifact:
    artifact = open_artifact(path, unpacked=unpacked)
    return BinaryWheel(artifact) if isinstance(artifact, WheelTree) else artifact


def against_upstream(
    wheel: WheelTree, upstream: Artifact, manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    """Compare every member of a wheel that no patch has changed with upstream's.

    Args:
        wheel: the wheel.
        upstream: what it was built from.
        manifest: its manifest.
    """
    listed = {file["path"]: file for file in manifest["files"]}
    own = described_files(wheel, manifest) | {f"{dist_info_of(wheel)}/RECORD"}
    origins, written = _expected(upstream, manifest)
    for path in sorted({*wheel, *origins, *written}.difference(own)):
        if path not in wheel:
            yield Problem(path=path, problem="is upstream's and missing")
        elif path in written:
            if _neutral(wheel.read(path)) != _neutral(written[path]):
                yield Problem(path=path, problem="is not what a build makes of upstream's")
        elif path in listed:
            before = upstream.read(origins[path]) if path in origins else None
            yield from against_listed(listed[path], manifest, before, wheel.read(path))
        elif path not in origins:
            yield Problem(path=path, problem="is neither upstream's nor in the manifest")
        elif wheel.read(path) != upstream.read(origins[path]):
            yield Problem(path=path, problem=OTHER)
        origin = origins.get(path)
        if path in wheel and wheel.is_executable(path) != bool(
            origin and upstream.is_executable(origin)
        ):
            yield Problem(path=path, problem="has other permissions than upstream's")


def _neutral(data: bytes) -> bytes:
    """Give WHEEL without the version of this project: any of its versions may have built it."""
    return _GENERATOR.sub(b"Generator: vllm-wheelwright", data)


def _expected(
    upstream: Artifact, manifest: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Say which of upstream's files a wheel has, by its own paths, and what is made of others."""
    if isinstance(upstream, BinaryWheel):
        metadata = binary_metadata(upstream, _labels(upstream.stem.rpartition("-")[2], manifest))
        kept = {renamed(path, metadata, upstream): path for path in upstream}
        made = repacked_dist_info(metadata, upstream)
        left_out = {path for path in kept if path.startswith(f"{metadata.dist_info}/")}
        left_out -= {f"{metadata.dist_info}/{name}" for name in made}
        written = {f"{metadata.dist_info}/{name}": made[name] for name in ("METADATA", "WHEEL")}
        return {path: kept[path] for path in kept if path not in left_out}, written
    release = manifest["release"]
    metadata = core_metadata(upstream, _labels(release, manifest), upstream.name)
    made = dist_info_files(metadata, upstream)
    origins = {path: path for path in upstream if path.startswith(PACKAGE)}
    return origins, {f"{metadata.dist_info}/{name}": data for name, data in made.items()}


def _labels(release: str, manifest: Mapping[str, Any]) -> list[str]:
    """Give what the label says beyond upstream's own: in one piece, as its order is the build's."""
    own, given = (text.partition("+")[2] for text in (release, manifest["version"]))
    return [label] if (label := given.removeprefix(own).strip(".")) else []
