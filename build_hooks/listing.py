"""Patches by what their end can be told by: for the maintainer who cleans up.

"Anytime, clean the patch code is welcome": what is for older releases only comes first, then
what names a release, a change upstream or code that can be looked up, and last what has to be
read and judged.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.engine.said import UNSAID, Named, named_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transforms.engine.patch import Patch

_HEADS = {
    Named.RELEASE: "the condition names a release",
    Named.CHANGE: "the condition names a change",
    Named.CODE: "the condition names code",
    Named.NOTHING: "the condition names no release, change or code",
}
_UPSTREAM_HAS_IT = "upstream has what they write"
_OLDER_ONLY = "for older releases only"
_UNSAID = "nobody has said when"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One patch, and whether it may go.

    Attributes:
        name: its full name.
        patch: its declaration.
        ended: the first release of the lock that it is not for, nor any later one; empty while it
            is for the newest.
        outcome: what became of it on the release that was asked for; None where none was.
    """

    name: str
    patch: Patch
    ended: str
    outcome: Status | None = None

    @property
    def named(self) -> Named:
        """What its end can be told by."""
        return named_by(self.patch.drop_when, self.patch.upstream)

    def as_json(self) -> dict[str, str | None]:
        """Give it as `list --json` writes it."""
        patch = self.patch
        return {
            "name": self.name,
            "why": patch.why,
            "upstream": patch.upstream,
            "drop_when": patch.drop_when,
            "versions": patch.versions,
            "names": self.named.value,
            "ended": self.ended or None,
            "outcome": self.outcome.value if self.outcome else None,
        }


def ended_at(versions: str, releases: Sequence[str]) -> str:
    """Give the first release from which on no release is admitted; nothing while the last one is.

    Args:
        versions: the specifier of a patch.
        releases: all releases, oldest first.
    """
    later = [*takewhile(lambda release: not admits(versions, release), reversed(releases))]
    return later[-1] if later else ""


def grouped(items: Iterable[Listed]) -> Iterator[tuple[str, dict[str, list[Listed]]]]:
    """Group patches by what their end can be told by, and in a group by condition.

    Args:
        items: the patches.

    Yields:
        A heading, and the patches of the group by their `drop_when`, sorted.
    """
    groups: defaultdict[str, defaultdict[str, list[Listed]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for item in items:
        groups[_head(item)][item.patch.drop_when].append(item)
    for head in (_UPSTREAM_HAS_IT, _OLDER_ONLY, *_HEADS.values(), _UNSAID):
        if head in groups:
            yield head, dict(sorted(groups[head].items()))


def _head(item: Listed) -> str:
    if item.outcome is Status.OBSOLETE:
        return _UPSTREAM_HAS_IT
    if item.ended:
        return _OLDER_ONLY
    return _UNSAID if item.patch.drop_when.startswith(UNSAID) else _HEADS[item.named]


def grouped_lines(items: Sequence[Listed], release: str) -> Iterator[str]:
    """Write the groups as text.

    Args:
        items: the patches.
        release: the release that the outcomes are for; empty where there are none.
    """
    for head, conditions in grouped(items):
        yield f"{head}: {sum(map(len, conditions.values()))}"
        for condition, there in conditions.items():
            yield f"  drop it when: {condition}"
            for item in there:
                until = f"; not for {item.ended} and later" if item.ended else ""
                found = f": {item.outcome.value} on {release}" if item.outcome else ""
                yield f"      {item.name}  ({item.patch.versions}{until}){found}"
                yield f"          upstream: {item.patch.upstream}"
