"""Find the file that a build reads: a locked artifact, or one that the user has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.lock import KINDS, LockedArtifact, read_lock
from build_hooks.shipping import SDIST, WHEEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from build_hooks.settings import Settings
    from transforms.engine.patch import PatchSet


def chosen_source(settings: Settings, platforms: Iterable[PatchSet], output: str = WHEEL) -> str:
    """Say what a build reads: what the user sets, else what its platforms agree on, else sdists.

    Where there is no platform, it is the wheel of a release of which the lock holds no sdist.

    Args:
        settings: what the user set.
        platforms: those that are built for.
        output: ``wheel`` or ``sdist``; an sdist is made from an sdist.

    Returns:
        `sdist`, `wheel`, or a path.
    """
    kinds = {SDIST} if output == SDIST else {item.source for item in platforms}
    if settings.source or kinds:
        return settings.source or (kinds.pop() if len(kinds) == 1 else "sdist")
    lock = read_lock()
    release = settings.vllm or lock.default_for(settings.distribution, "sdist")
    return next(iter(lock.kinds(settings.distribution, release)), "sdist")


def locate(
    settings: Settings, platforms: Sequence[PatchSet], output: str = WHEEL
) -> tuple[Path, LockedArtifact | None]:
    """Find what a build reads, and fetch it where it is not there; with what the lock says of it.

    Raises:
        WheelwrightError: the release, the network or the file's bytes.
    """
    source = chosen_source(settings, platforms, output)
    if source not in KINDS:
        return Path(source).expanduser(), None
    from build_hooks.fetch import fetch  # noqa: PLC0415 - a local source needs no index client

    lock = read_lock()
    release = settings.vllm or lock.default_for(settings.distribution, source)
    locked = lock.find(settings.distribution, release, source)
    path = fetch(locked, cache=settings.cache, index=settings.index, offline=settings.offline)
    return path, locked
