"""The pages for people: what the index serves, and what was done to each file.

Each is one file that fetches nothing from anywhere. They are rendered from the entries alone, with
links to what the index serves itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.index.layout import PAGE, SIMPLE, about_name, address_of, part_name
from build_hooks.manifest import FOLDER
from build_hooks.self_contained import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from build_hooks.index.entry import Entry

_HERE = Path(__file__).resolve().parent
_UP = "../../"
_UNITS = ("B", "kB", "MB", "GB")
_KILO = 1000
_SHORT = 12
OTHERS = "not built by vllm-wheelwright"


@dataclass(frozen=True, slots=True)
class Row:
    """One file, as the page of the whole index shows it."""

    entry: Entry
    platforms: tuple[str, ...]
    release: str
    about: str
    download: str
    size: str
    patches: str


def people_pages(entries: Sequence[Entry]) -> dict[str, bytes]:
    """Render every page for people: those of the files, then that of the whole index."""
    pages = {about_name(entry.filename): _about(entry) for entry in entries}
    pages[PAGE] = _face(entries)
    return pages


def _face(entries: Sequence[Entry]) -> bytes:
    rows = [_row(entry) for entry in reversed(entries)]
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (not row.platforms, row.platforms)):
        groups.setdefault(" + ".join(row.platforms) or OTHERS, []).append(row)
    context = {
        "groups": groups,
        "platforms": sorted({name for row in rows for name in row.platforms}),
        "projects": sorted({entry.project for entry in entries}),
        "simple": f"{SIMPLE}{PAGE}",
        "files": len(rows),
    }
    return render(_HERE / "face", {}, context).encode()


def _row(entry: Entry) -> Row:
    built = entry.built
    return Row(
        entry=entry,
        platforms=tuple(built["platforms"]) if built else (),
        release=built["release"] if built else entry.version,
        about=address_of(about_name(entry.filename)),
        download=address_of(part_name(entry.sha256, entry.filename)),
        size=readable_size(entry.size),
        patches=_counted(built["patches"]) if built else "",
    )


def _counted(patches: Iterable[Mapping[str, Any]]) -> str:
    outcomes = [patch["outcome"] for patch in patches]
    excluded = outcomes.count("excluded")
    said = f"{outcomes.count('applied')} applied"
    return f"{said}, {excluded} excluded" if excluded else said


def _about(entry: Entry) -> bytes:
    reports = {name: _UP + address_of(part_name(entry.sha256, name)) for name in entry.reports}
    built = entry.built
    patches = [
        {**patch, "diff": reports.get(f"{FOLDER}/{patch['name']}.diff")}
        for patch in (built["patches"] if built else ())
    ]
    shown = {f"{FOLDER}/{patch['name']}.diff" for patch in patches}
    context = {
        "entry": entry,
        "built": built,
        "row": _row(entry),
        "patches": patches,
        "reports": {name: link for name, link in reports.items() if name not in shown},
        "up": f"{_UP}{PAGE}",
        "download": f"{_UP}{address_of(part_name(entry.sha256, entry.filename))}",
        "earlier": [digest[:_SHORT] for digest in entry.earlier],
    }
    return render(_HERE / "about", {}, context).encode()


def readable_size(size: int) -> str:
    """Write a size as people read it, e.g. ``336.1 MB``."""
    number, unit = float(size), 0
    while number >= _KILO and unit < len(_UNITS) - 1:
        number, unit = number / _KILO, unit + 1
    return f"{number:.1f} {_UNITS[unit]}" if unit else f"{size} {_UNITS[0]}"
