"""Yank files, and take that back (PEP 592): they stay, for those who pinned them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.index.publishing import commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from build_hooks.index.entry import Entry
    from build_hooks.index.store import Store


def yank(
    store: Store,
    words: Iterable[str],
    reason: str | None,
    on_wait: Callable[[str], None],
) -> tuple[Sequence[Entry], Sequence[str]]:
    """Yank files, or take it back.

    Args:
        store: the index.
        words: each a file name, or a version, of which all files are meant.
        reason: why; None takes it back.
        on_wait: called with who holds the index, where somebody does.

    Returns:
        The entries that changed, and the pages that did.

    Raises:
        UsageError: a word names no file; nothing was changed.
    """

    def change(known: Mapping[str, Entry]) -> list[Entry]:
        meant = {entry.filename: entry for word in words for entry in named(known, word)}
        return [replace(entry, yanked=reason) for entry in meant.values() if entry.yanked != reason]

    changed, _, pages = commit(store, change, on_wait)
    return changed, pages


def named(known: Mapping[str, Entry], word: str) -> list[Entry]:
    """Give the entries that a word means: a file name, or a version.

    Raises:
        UsageError: there is none.
    """
    if word in known:
        return [known[word]]
    try:
        version = Version(word)
    except InvalidVersion:
        found = []
    else:
        found = [entry for entry in known.values() if Version(entry.version) == version]
    if not found:
        there = {*known, *(entry.version for entry in known.values())}
        hint = did_you_mean(word, there) if there else ": it is empty"
        raise UsageError(f"the index has no file or version {word!r}{hint}")
    return found
