"""Add files to an index: the files first, then what is known of them, the pages last.

What happens when is the protocol that docs/index.md states. Files go to places of their own, by
their hash, so writers do not disturb each other, and a writer that was killed is resumed by the
next that adds the same file. Entries and pages are written by one writer at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from build_hooks.errors import IntegrityError, OutputError
from build_hooks.index.entry import Entry, in_order, load_entry
from build_hooks.index.layout import ENTRIES, FILES
from build_hooks.index.lease import ClaimLostError
from build_hooks.index.people import people_pages
from build_hooks.index.simple import simple_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from build_hooks.index.distribution import Distribution
    from build_hooks.index.store import Store

_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of the files that were to be added.

    Attributes:
        added: those that the index did not serve.
        replaced: those that it served with other bytes.
        present: those that it serves already.
        sent: the places that were written below `files/`.
        pages: the pages that changed.
    """

    added: Sequence[Entry]
    replaced: Sequence[Entry]
    present: Sequence[Entry]
    sent: Sequence[str]
    pages: Sequence[str]


def read_entries(store: Store) -> dict[str, Entry]:
    """Read everything that the index knows, in order.

    Returns:
        The entries by file name.

    Raises:
        IntegrityError: one is damaged.
    """
    places = [name for name in store.names(ENTRIES) if name.endswith(".json")]
    found = store.read(places)
    entries = [load_entry(data, place) for place, data in found.items()]
    return {entry.filename: entry for entry in in_order(entries)}


def render_pages(entries: Iterable[Entry]) -> dict[str, bytes]:
    """Render every page from the entries, in the order in which they are written."""
    listed = in_order(entries)
    projects: dict[str, list[Entry]] = {}
    for entry in listed:
        projects.setdefault(entry.project, []).append(entry)
    return {**simple_pages(projects), **people_pages(listed)}


def publish(
    store: Store,
    distributions: Sequence[Distribution],
    uploaded: str,
    on_wait: Callable[[str], None],
    *,
    replacing: bool = False,
) -> Published:
    """Serve files.

    Args:
        store: the index.
        distributions: the files.
        uploaded: the time, as PEP 700 writes it.
        on_wait: called with who holds the index, where somebody does.
        replacing: serve a file in the place of another one of the same name.

    Raises:
        IntegrityError: the index serves other bytes under one of the names.
        OutputError: the index cannot be written.
    """
    wanted = [replace(item.entry, uploaded=uploaded) for item in distributions]
    _changes(read_entries(store), wanted, replacing=replacing)
    sent = _send(store, distributions)
    _, before, pages = commit(
        store, lambda known: _changes(known, wanted, replacing=replacing), on_wait
    )
    groups: dict[str, list[Entry]] = {"added": [], "replaced": [], "present": []}
    for entry in wanted:
        old = before.get(entry.filename)
        if old is None:
            groups["added"].append(entry)
        elif old.sha256 == entry.sha256:
            groups["present"].append(old)
        else:
            groups["replaced"].append(entry)
    return Published(
        **groups,
        sent=sent,
        pages=pages,
    )


def _send(store: Store, distributions: Iterable[Distribution]) -> list[str]:
    """Write what is not there, each file last of its parts."""
    there = store.names(FILES)
    sent = []
    for item in distributions:
        for place, data in item.parts.items():
            if there.get(place) != len(data):
                store.write(place, data)
                sent.append(place)
        if there.get(item.place) != item.entry.size:
            store.send(item.place, item.path)
            sent.append(item.place)
    return sent


def _changes(
    known: Mapping[str, Entry], wanted: Iterable[Entry], *, replacing: bool
) -> list[Entry]:
    """Give the entries that are new or other than those that are there.

    Raises:
        IntegrityError: a name would be given other bytes, which nobody asked for.
    """
    changes = []
    clashes = []
    for entry in wanted:
        old = known.get(entry.filename)
        if old is None:
            changes.append(entry)
            continue
        if old.sha256 != entry.sha256:
            clashes.append(f"{entry.filename}: sha256 {old.sha256} is served, not {entry.sha256}")
            changes.append(replace(entry, earlier=(*old.earlier, old.sha256)))
            continue
        # What an older version of this project, or an accident, made of the same file.
        again = replace(entry, uploaded=old.uploaded, yanked=old.yanked, earlier=old.earlier)
        if again != old:
            changes.append(again)
    if clashes and not replacing:
        raise IntegrityError(
            "\n  ".join(["the index serves other files under these names:", *clashes]),
            next_step="clients that pinned the hash would refuse the new bytes. `--replace` serves"
            " them all the same, and keeps the old ones under their own address",
        )
    return changes


def commit(
    store: Store,
    change: Callable[[Mapping[str, Entry]], Sequence[Entry]],
    on_wait: Callable[[str], None],
) -> tuple[Sequence[Entry], Mapping[str, Entry], list[str]]:
    """Change entries, and bring every page up to date.

    Args:
        store: the index.
        change: is given the entries by file name, and gives those that are new or other.
        on_wait: called with who holds the index, where somebody does.

    Returns:
        What was changed, the entries before that, and the pages that changed.
    """
    first: Mapping[str, Entry] | None = None
    changed: dict[str, Entry] = {}
    pages: list[str] = []
    for _ in range(_ROUNDS):
        try:
            with store.claim(on_wait) as keep:
                known = read_entries(store)
                first = known if first is None else first
                changes = change(known)
                for entry in changes:
                    keep()
                    _write_entry(store, entry, known)
                    changed[entry.filename] = entry
                pages += _refresh(store, keep)
                keep()
        except ClaimLostError:
            # Another writer took this one for dead, and may have rendered without its entries.
            continue
        return list(changed.values()), first, pages
    raise OutputError(
        f"the index {store.address} could not be written: other writers took over {_ROUNDS} times",
        next_step="run it again when they are done",
    )


def _write_entry(store: Store, entry: Entry, known: Mapping[str, Entry]) -> None:
    if entry.filename in known:
        store.write(entry.place, entry.dump())
    elif not store.create(entry.place, entry.dump()):
        raise IntegrityError(
            f"another writer has just added {entry.filename}",
            next_step="run it again, to compare what each of you has",
        )


def _refresh(store: Store, keep: Callable[[], None]) -> list[str]:
    """Write the pages that are not what the entries say."""
    pages = render_pages(read_entries(store).values())
    there = store.read(pages)
    stale = [name for name, data in pages.items() if there.get(name) != data]
    # Pages of files first: those that lead to them come last.
    for name in sorted(stale, key=_last_what_leads):
        keep()
        store.write(name, pages[name])
    return stale


def _last_what_leads(name: str) -> int:
    """Order pages so that none leads to one that is not there yet."""
    return -name.count("/")
