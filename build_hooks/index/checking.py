"""Hold an index against itself: every byte, every page, every link."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import IntegrityError, WheelwrightError
from build_hooks.index.distribution import read_distribution
from build_hooks.index.entry import Entry, in_order, load_entry
from build_hooks.index.layout import (
    ENTRIES,
    FILES,
    LOCKS,
    PAGE,
    SIMPLE,
    metadata_name,
    part_name,
)
from build_hooks.index.links import targets
from build_hooks.index.publishing import render_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.index.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the index that is not as it must be, or that nobody needs.

    Attributes:
        name: where, in the index.
        problem: what.
    """

    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found.

    Attributes:
        entries: how many files the index serves.
        problems: what is wrong.
        notes: what is only left over, e.g. of an upload that was stopped.
    """

    entries: int
    problems: list[Finding]
    notes: list[Finding]


def check_index(store: Store) -> Report:
    """Hold everything that lies in an index against everything else.

    Args:
        store: the index.

    Raises:
        OutputError: it cannot be read.
    """
    there = store.names()
    problems: list[Finding] = []
    entries: list[Entry] = []
    for place, data in store.read([name for name in there if name.startswith(ENTRIES)]).items():
        loaded = _loaded(data, place)
        if isinstance(loaded, Finding):
            problems.append(loaded)
        else:
            entries.append(loaded)
    entries = in_order(entries)
    for entry in entries:
        problems += _of_files(store, entry, there)
    pages = render_pages(entries)
    problems += _of_pages(store, pages, there)
    problems += _of_links(pages, there)
    return Report(
        entries=len(entries),
        problems=sorted(problems, key=lambda item: (item.name, item.problem)),
        notes=[*_left_over(entries, pages, there)],
    )


def _loaded(data: bytes, place: str) -> Entry | Finding:
    try:
        return load_entry(data, place)
    except IntegrityError as error:
        return Finding(name=place, problem=error.what)


def _of_files(store: Store, entry: Entry, there: Mapping[str, int]) -> Iterator[Finding]:
    """Hold a file, and what is served of it by itself, against its entry and each other."""
    place = part_name(entry.sha256, entry.filename)
    parts = [part_name(entry.sha256, name) for name in entry.reports]
    if entry.metadata_sha256 is not None:
        parts.append(metadata_name(entry.sha256, entry.filename))
    for name in [place, *parts]:
        if name not in there:
            yield Finding(name=name, problem="is missing")
    if place not in there:
        return
    if there[place] != entry.size or store.digest(place) != entry.sha256:
        yield Finding(name=place, problem="is not the file that its entry names")
        return
    expected = _parts_of(store, entry, place)
    if isinstance(expected, Finding):
        yield expected
        return
    for name, data in store.read([name for name in parts if name in there]).items():
        if expected.get(name) != data:
            yield Finding(name=name, problem=f"is not what is in {entry.filename}")


def _parts_of(store: Store, entry: Entry, place: str) -> dict[str, bytes] | Finding:
    """Take a file apart once more, as it was when it was added."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, entry.filename)
        with path.open("wb") as file:
            for chunk in store.chunks(place):
                file.write(chunk)
        try:
            found = read_distribution(path)
        except WheelwrightError as error:
            return Finding(name=place, problem=error.what)
    own, read = entry, found.entry
    for field in ("project", "version", "kind", "metadata_sha256", "requires_python", "built"):
        if getattr(own, field) != getattr(read, field):
            return Finding(name=own.place, problem=f"its {field} is not that of the file")
    return found.parts


def _of_pages(
    store: Store, pages: Mapping[str, bytes], there: Mapping[str, int]
) -> Iterator[Finding]:
    """Hold the pages against what the entries say."""
    found = store.read([name for name in pages if name in there])
    for name, data in pages.items():
        if name not in found:
            yield Finding(name=name, problem="is missing: `index build` writes it")
        elif found[name] != data:
            yield Finding(name=name, problem="does not say what the entries say")
    folders = {name: f"{name}{PAGE}" for name in there if name.endswith("/")}
    for name, data in store.read(folders).items():
        if data != pages.get(folders[name]):
            yield Finding(name=name, problem="does not say what the entries say")


def _of_links(pages: Mapping[str, bytes], there: Mapping[str, int]) -> Iterator[Finding]:
    """Follow every link of every page."""
    for page, data in pages.items():
        if page.endswith(".html"):
            for name in dict.fromkeys(targets(page, data.decode())):
                if (f"{name}{PAGE}" if name.endswith("/") else name) not in there:
                    yield Finding(name=page, problem=f"leads to {name}, which is not there")


def _left_over(
    entries: list[Entry], pages: Mapping[str, bytes], there: Mapping[str, int]
) -> Iterator[Finding]:
    """Name what no page leads to."""
    digests = {digest for entry in entries for digest in (entry.sha256, *entry.earlier)}
    places = {entry.place for entry in entries}
    for name in there:
        if name.startswith(FILES):
            known = name.split("/")[1] in digests
        elif name.startswith(ENTRIES):
            known = name in places or name.endswith(".json")
        else:
            known = name in pages or name.startswith(LOCKS)
            known = known or (name.startswith(SIMPLE) and f"{name}{PAGE}" in pages)
        if not known:
            yield Finding(name=name, problem="belongs to no file of the index")
