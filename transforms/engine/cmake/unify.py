"""Fit patterns of CMake on CMake: what each metavariable stands for, if all else is equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from transforms.engine.cmake.syntax import (
    PARENTHESES,
    Argument,
    Block,
    Command,
    Hole,
    key,
    keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from transforms.engine.cmake.syntax import Item

Bindings: TypeAlias = "Mapping[str, tuple[Item, ...]]"
"""What each metavariable stands for, by name."""


def fitted(
    pattern: Sequence[Item], items: Sequence[Item], bindings: Bindings, *, whole: bool
) -> Iterator[tuple[int, Bindings]]:
    """Fit a list of arguments or statements, shortest bindings first.

    Args:
        pattern: what is looked for.
        items: what is there.
        bindings: what names stand for already.
        whole: all of `items` must be taken, not only the first of them.

    Yields:
        How many items are taken, and the bindings, for each way to fit.
    """
    at = 0
    while at < len(pattern) and _is_plain(pattern[at]):
        if at >= len(items) or key(pattern[at]) != key(items[at]):
            return
        at += 1
    if at == len(pattern):
        if not whole or at == len(items):
            yield at, bindings
        return
    rest = pattern[at + 1 :]
    for taken, bound in _first(pattern[at], items[at:], bindings):
        for more, found in fitted(rest, items[at + taken :], bound, whole=whole):
            yield at + taken + more, found


def _is_plain(item: Item) -> bool:
    """Tell whether a piece of a pattern has no metavariable in it."""
    if isinstance(item, Hole):
        return False
    if isinstance(item, Command):
        return not any(isinstance(argument, Hole) for argument in item.meant)
    if isinstance(item, Block):
        return all(
            _is_plain(header) and all(map(_is_plain, body)) for header, body in item.branches
        )
    return True


def _first(
    wanted: Item, items: Sequence[Item], bindings: Bindings
) -> Iterator[tuple[int, Bindings]]:
    """Fit the first piece of a pattern, which has a metavariable in it."""
    if isinstance(wanted, Hole):
        for taken in range(len(items) + 1) if wanted.many else [1]:
            bound = _bound(wanted, tuple(items[:taken]), bindings)
            if bound is not None and taken <= len(items):
                yield taken, bound
    elif items:
        for bound in _item(wanted, items[0], bindings):
            yield 1, bound


def _bound(hole: Hole, taken: tuple[Item, ...], bindings: Bindings) -> Bindings | None:
    if not _can_stand_for(hole, taken):
        return None
    known = bindings.get(hole.name)
    if known is None:
        return {**bindings, hole.name: taken}
    return bindings if keys(known) == keys(taken) else None


def _can_stand_for(hole: Hole, taken: tuple[Item, ...]) -> bool:
    texts = [item.text for item in taken if isinstance(item, Argument)]
    if not hole.many:
        one = (
            isinstance(taken[0], Argument) or (isinstance(taken[0], Hole) and not taken[0].many)
            if taken
            else False
        )
        return one and PARENTHESES.isdisjoint(texts)
    depth = 0
    for text in texts:
        depth += {"(": 1, ")": -1}.get(text, 0)
        if depth < 0:
            return False
    return depth == 0


def _item(wanted: Item, item: Item, bindings: Bindings) -> Iterator[Bindings]:
    if isinstance(wanted, Command) and isinstance(item, Command):
        if wanted.name == item.name:
            for _, found in fitted(wanted.meant, item.meant, bindings, whole=True):
                yield found
    elif (
        isinstance(wanted, Block)
        and isinstance(item, Block)
        and len(wanted.branches) == len(item.branches)
    ):
        yield from _branches(wanted.branches, item.branches, bindings)


def _branches(
    wanted: Sequence[tuple[Command, tuple[Item, ...]]],
    there: Sequence[tuple[Command, tuple[Item, ...]]],
    bindings: Bindings,
) -> Iterator[Bindings]:
    if not wanted:
        yield bindings
        return
    (header, body), (other, items) = wanted[0], there[0]
    for bound in _item(header, other, bindings):
        for _, found in fitted(body, items, bound, whole=True):
            yield from _branches(wanted[1:], there[1:], found)
