"""What upstream changed under patches that hold: the code around their edits, release by release.

A patch that is applied on two releases may stand in other code on the newer one: that its scope
is there, and its edits match, is less than that the function does what it did. `changes.py` asks
the same of patches that do not hold.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from build_hooks.collector import without_collector
from build_hooks.drift.compared import Compared, Files, compared, files_of
from build_hooks.drift.scopes import scopes_of
from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.engine.syntax.scope import Scope, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from build_hooks.pipeline import Plan
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One scope that a patch edits on two releases.

    Attributes:
        patch: the patch's full name.
        base: the older release.
        release: the newer one.
        scope: the dotted path.
        name: its part inside the module, or the module where it is one.
        found: what upstream changed in it.
    """

    patch: str
    base: str
    release: str
    scope: str
    name: str
    found: Compared

    def as_json(self) -> dict[str, Any]:
        """Give it as `check --json` writes it."""
        own = {name: getattr(self, name) for name in ("patch", "base", "release", "scope")}
        return {**own, **asdict(self.found), "notes": list(self.found.notes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A patch, or its edits of one scope, that was applied and is for no later release.

    Attributes:
        patch: the patch's full name.
        scope: the scope that is edited no more; empty for the whole patch.
        name: its part inside the module.
        last: the last of the given releases on which it was applied.
        release: the first release known that it is not for.
        versions: the releases that it is for.
        upstream: what the patch says of upstream.
    """

    patch: str
    scope: str
    name: str
    last: str
    release: str
    versions: str
    upstream: str

    def as_json(self) -> dict[str, Any]:
        """Give it as `check --json` writes it."""
        return {name: value for name, value in asdict(self).items() if name != "name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Underneath:
    """What upstream did to the code under the patches that hold.

    Attributes:
        held: every scope that a patch edits on a release and on the last one before.
        ended: what is for older releases only.
        unnamed: the patches that were applied on several releases, and whose edits name no scope
            of Python: rules over the whole tree, added files, native sources.
    """

    held: tuple[Held, ...] = ()
    ended: tuple[Ended, ...] = ()
    unnamed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as `check --json` writes it."""
        return {
            "held": [item.as_json() for item in self.held],
            "ended": [item.as_json() for item in self.ended],
            "unnamed": list(self.unnamed),
        }


@dataclass(frozen=True, slots=True)
class _Release:
    """What is kept of a release: the patches that were applied, and the files of their scopes."""

    applied: Mapping[str, Patch]
    files: Mapping[str, bytes]


class Recorder:
    """Takes releases one after the other, in any order, and compares them in the end."""

    def __init__(self) -> None:
        self._releases: dict[str, _Release] = {}
        self._contents: dict[bytes, bytes] = {}
        self._compared: dict[tuple[str, str, str], Compared] = {}

    def add(self, plan: Plan, outcomes: Iterable[Outcome]) -> None:
        """Keep what a comparison with another release needs.

        Args:
            plan: the release with its tree.
            outcomes: what became of the patches there.
        """
        applied = {
            item.patch: plan.patches[item.patch]
            for item in outcomes
            if item.status is Status.APPLIED
        }
        release = plan.metadata.release
        scopes = {scope for patch in applied.values() for scope in scopes_of(patch.edits, release)}
        # Releases share many of their files.
        files = {
            path: self._contents.setdefault(data, data)
            for path, data in files_of(sorted(scopes), plan.artifact).items()
        }
        self._releases[release] = _Release(applied, files)

    def underneath(self, known: Iterable[str]) -> Underneath:
        """Compare each release with the last one before it that a patch is applied on.

        Args:
            known: all releases of the lock, which say where exactly a patch ends.
        """
        held: list[Held] = []
        ended: list[Ended] = []
        unnamed: list[str] = []
        order = sorted({*known, *self._releases}, key=Version)
        with without_collector():
            for name in sorted({name for kept in self._releases.values() for name in kept.applied}):
                there = [
                    release
                    for release in order
                    if release in self._releases and name in self._releases[release].applied
                ]
                found = list(self._held(name, there))
                held += found
                ended += self._ended(name, there, order)
                if len(there) > 1 and not found:
                    unnamed.append(name)
        return Underneath(held=tuple(held), ended=tuple(ended), unnamed=tuple(unnamed))

    def _scopes(self, name: str, release: str) -> tuple[str, ...]:
        return scopes_of(self._releases[release].applied[name].edits, release)

    def _held(self, name: str, there: Sequence[str]) -> Iterator[Held]:
        for base, release in pairwise(there):
            newer = self._scopes(name, release)
            for scope in self._scopes(name, base):
                if scope in newer and self._file(scope, base):
                    yield Held(
                        patch=name,
                        base=base,
                        release=release,
                        scope=scope,
                        name=self._name(scope, base),
                        found=self._compare(scope, base, release),
                    )

    def _file(self, scope: str, release: str) -> Mapping[str, bytes]:
        return files_of([scope], Files(self._releases[release].files))

    def _name(self, scope: str, release: str) -> str:
        place = resolve(scope, Files(self._releases[release].files))
        return (isinstance(place, Scope) and place.dotted) or scope

    def _compare(self, scope: str, base: str, release: str) -> Compared:
        key = (scope, base, release)
        if key not in self._compared:
            before, after = self._file(scope, base), self._file(scope, release)
            self._compared[key] = (
                compared(scope, base, Files(before), release, Files(after))
                if before != after
                else Compared()
            )
        return self._compared[key]

    def _ended(self, name: str, there: Sequence[str], order: Sequence[str]) -> Iterator[Ended]:
        """Say where the patch ends, and where its edits of one scope do."""
        newest = max(self._releases, key=Version)
        until = order[: order.index(newest) + 1]
        patch = self._releases[there[-1]].applied[name]
        last_of = {scope: each for each in there for scope in self._scopes(name, each)}
        ends = [("", there[-1], [patch.versions])]
        ends += [
            (
                scope,
                last,
                [edit.versions for edit in patch.edits if scope in scopes_of([edit], last)],
            )
            for scope, last in last_of.items()
            if last != there[-1]
        ]
        for scope, last, specifiers in ends:
            later = until[until.index(last) + 1 :]
            refused = _refused(specifiers, later)
            if refused:
                yield Ended(
                    patch=name,
                    scope=scope,
                    name=self._name(scope, last),
                    last=last,
                    release=refused[-1],
                    versions=" or ".join(dict.fromkeys(specifiers)),
                    upstream=patch.upstream,
                )


def _refused(specifiers: Iterable[str], releases: Sequence[str]) -> list[str]:
    """Give the last releases, newest first, that no specifier admits."""
    wanted = list(specifiers)

    def is_refused(release: str) -> bool:
        return not any(admits(versions, release) for versions in wanted)

    return [*takewhile(is_refused, reversed(releases))]
