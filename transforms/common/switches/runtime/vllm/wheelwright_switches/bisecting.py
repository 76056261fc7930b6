# SPDX-License-Identifier: Apache-2.0
"""Find the patches that make a command fail, by halving.

Patches are put into one order, each behind those that it needs. In that order, the shortest
beginning with which the command fails ends with a patch that it takes to fail. For one such patch
among n, this takes 2 + log2(n) runs, rounded up: one with none of the patches, the halving, and one
with that patch alone. Where that passes, the patch needs others to fail, and the next is looked for
among those before it. One run more, with all patches, is needed where no run before it has failed.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from .choosing import needed_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Verdict(str, Enum):
    """What a search has come to."""

    ONE = "one"
    """One patch, or several of which each needs the others, make the command fail."""
    SEVERAL = "several"
    """The command fails with all of these together, and passes with fewer."""
    FAILS_WITHOUT = "fails-without"
    """The command fails with upstream's code, too."""
    PASSES = "passes"
    """The command passes with all patches."""


class Found(NamedTuple):
    """What a search has come to.

    Attributes:
        verdict: which of the four cases it is.
        culprits: the patches that make the command fail; empty where none do.
        needed: further patches that were on because a culprit needs them.
    """

    verdict: Verdict
    culprits: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


def search(patches: Mapping[str, Sequence[str]], fails: Callable[[frozenset[str]], bool]) -> Found:
    """Find what makes a command fail.

    Args:
        patches: the candidates, each with those that it needs.
        fails: runs the command with some patches on and all others off, and tells whether it
            fails. It is called once for each set.
    """
    known: dict[frozenset[str], bool] = {}
    every = {name: needed_by(name, patches) & patches.keys() for name in patches}
    groups = _in_order(every)

    def failing(count: int, culprits: Iterable[int]) -> bool:
        chosen = {*range(count), *culprits}
        names = {name for index in chosen for name in groups[index]}
        on = frozenset(names.union(*(every[name] for name in names)))
        if on not in known:
            known[on] = fails(on)
        return known[on]

    culprits: list[int] = []
    bound = len(groups)
    while not failing(0, culprits):
        if not groups or (culprits and not any(known.values()) and not failing(len(groups), ())):
            return Found(Verdict.PASSES)
        low, high = 0, bound
        while high - low > 1:
            middle = (low + high) // 2
            if failing(middle, culprits):
                high = middle
            else:
                low = middle
        culprits.insert(0, high - 1)
        bound = high - 1
    if not culprits:
        return Found(Verdict.FAILS_WITHOUT)
    names = tuple(name for index in culprits for name in groups[index])
    needed = {each for name in names for each in every[name]}.difference(names)
    verdict = Verdict.ONE if len(culprits) == 1 else Verdict.SEVERAL
    return Found(verdict, names, tuple(name for name in patches if name in needed))


def _in_order(every: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Put patches behind those that they need; what needs each other is one."""
    groups: list[tuple[str, ...]] = []
    done: set[str] = set()
    # Who needs more comes later; patches that need each other need the same.
    for name in sorted(every, key=lambda name: len(every[name] | {name})):
        if name not in done:
            group = [name, *(other for other in every[name] if name in every[other])]
            groups.append(tuple(sorted(group)))
            done.update(group)
    return groups
