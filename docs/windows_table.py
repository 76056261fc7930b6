"""The tables of docs/windows.md: what the hand-made patch for Windows does, and what does it here.

`windows.toml` says which patch does what, and which test proves it; the sites come from the
patches. `generate.py` puts the tables between the markers of the page.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.platforms import load_platform
from docs.proofs import between, linked
from transforms.engine.expected import CountsSites
from transforms.engine.patch import Patch, admits

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transforms.engine.edit import Edit

PLATFORM = "windows"
RELEASES = ("0.14.1", "0.20.0", "0.25.1", "0.28.0", "0.33.0")
"""The releases whose sites are shown: those between which files moved."""
ITEMS = Path(__file__).resolve().parent / "windows.toml"
BEGIN, END = "<!-- made by docs/generate.py: begin -->", "<!-- made by docs/generate.py: end -->"
_HEADER = f"| what it does | here | {' | '.join(RELEASES)} | proof |"
_EXCLUDED = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the hand-made patch, or something that it misses.

    Attributes:
        group: the table it stands in.
        line: what is done, as Markdown.
        patches: the stems of the patches that do it.
        proofs: tests, as `FILE::FUNCTION` or `FILE::FUNCTION[CASE]` below `tests/`.
        note: what stands in the place of a patch, or beside it.
        msvc: what only a real MSVC, or a real Windows, can prove.
    """

    group: str
    line: str
    patches: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    note: str = ""
    msvc: str = ""


def read_items() -> list[Item]:
    """Read all items, in the order of the file."""
    data = tomllib.loads(ITEMS.read_text(encoding="utf-8"))
    return [Item(**{key: _frozen(value) for key, value in item.items()}) for item in data["item"]]


def _frozen(value: Any) -> Any:  # noqa: ANN401 - what TOML holds
    return tuple(value) if isinstance(value, list) else value


def page(text: str) -> str:
    """Give the page with its tables up to date.

    Args:
        text: the page as it is; what stands between the two markers is replaced.
    """
    return between(text, BEGIN, END, tables())


def tables() -> str:
    """Make one table for each group of items, and the list of what stays unproven here."""
    items, patches = read_items(), load_platform(PLATFORM).patches
    parts = []
    for group in dict.fromkeys(item.group for item in items):
        rows = [_row(item, patches) for item in items if item.group == group]
        rule = "|---" * (3 + len(RELEASES)) + "|"
        parts.append("\n".join([f"### {group}", "", _HEADER, rule, *rows]))
    unproven = [f"- {item.line}: {item.msvc}." for item in items if item.msvc]
    parts.append("\n".join(["### What only a real MSVC can prove", "", *unproven]))
    return "\n\n".join(parts)


def _row(item: Item, patches: Mapping[str, Patch]) -> str:
    done_by = ", ".join(f"`{stem}`" for stem in item.patches)
    here = ". ".join(filter(None, (done_by, item.note)))
    chosen = [patches[stem] for stem in item.patches]
    sites = [sites_of(chosen, release) if chosen else "" for release in RELEASES]
    return f"| {item.line} | {here} | {' | '.join(sites)} | {linked(item.proofs)} |"


def sites_of(patches: Iterable[Patch], release: str) -> str:
    """Say how many places patches change in a release; a dash where none of them is for it.

    Args:
        patches: the patches.
        release: the release.
    """
    admitted = [patch for patch in patches if admits(patch.versions, release)]
    edits = [edit for patch in admitted for edit in patch.edits if admits(edit.versions, release)]
    return str(sum(_count(edit, release) for edit in edits)) if admitted else _EXCLUDED


def _count(edit: Edit, release: str) -> int:
    if isinstance(edit, CountsSites):
        return edit.expected.get(release, 0)
    return int(getattr(edit, "count", 1))
