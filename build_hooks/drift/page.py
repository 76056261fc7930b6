"""The matrix as one self-contained page for a browser: the table as HTML, and JSON behind it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.drift.cell import OUTCOMES
from build_hooks.drift.compatibility import STATES
from build_hooks.drift.text import LETTERS
from build_hooks.self_contained import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SIGNS = dict(zip(STATES, "●◐○-", strict=True))
_FOLDER = Path(__file__).resolve().parent
# A hunk's lines move from release to release while its text stays.
_HUNK = re.compile(r"^(@@ [^\n]*\n|diff --git [^\n]*\n)", re.MULTILINE)


def page(document: Mapping[str, Any]) -> str:
    """Render the page.

    Args:
        document: what `build_hooks.drift.document.document` gives.

    Returns:
        HTML that needs nothing else.
    """
    rows = document["patches"]
    counts = Counter(cell["outcome"] for row in rows for cell in row["outcomes"].values())
    context = {
        "document": document,
        "letters": LETTERS,
        "counts": [(item, counts[item]) for item in OUTCOMES if counts[item]],
        "groups": [*_groups(document)],
        "states": _states(document),
        "signs": _SIGNS,
        "meanings": STATES.items(),
    }
    return render(_FOLDER, packed(document), context)


def _states(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Give the state of each platform on each artifact."""
    states: dict[str, dict[str, str]] = {}
    for support in document["compatibility"]:
        states.setdefault(support["platform"], {})[support["artifact"]] = support["state"]
    return states


def _groups(document: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[int, dict[str, Any]]]]]:
    """Give each platform with its patches and their numbers."""
    for platform in document["platforms"]:
        numbered = enumerate(document["patches"])
        rows = [(number, row) for number, row in numbered if row["platform"] == platform]
        if rows:
            yield platform, rows


def packed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give what stands behind the cells, each text once.

    Args:
        document: what `build_hooks.drift.document.document` gives.

    Returns:
        `columns`, `patches`; `grid`, for each patch the number in `cells` of each column's cell;
        `diffs`, each a list of numbers in `pieces`.
    """
    pieces = _Numbered()
    digests = {digest: number for number, digest in enumerate(document["diffs"])}
    cells = _Numbered()
    columns = [artifact["name"] for artifact in document["artifacts"]]
    grid = [
        [cells.number(json.dumps(_cell(row["outcomes"][column], digests))) for column in columns]
        for row in document["patches"]
    ]
    diffs = [
        [pieces.number(piece) for piece in _HUNK.split(diff) if piece]
        for diff in document["diffs"].values()
    ]
    described = ("name", "platform", "why", "upstream", "drop_when", "versions", "stopped")
    return {
        "columns": columns,
        "patches": [{key: row[key] for key in described} for row in document["patches"]],
        "grid": grid,
        "cells": [json.loads(cell) for cell in cells.items],
        "diffs": diffs,
        "pieces": pieces.items,
    }


def _cell(cell: Mapping[str, Any], digests: Mapping[str, int]) -> dict[str, Any]:
    """Give what the page shows of one cell; of one that holds, the diff says the rest."""
    paths = [site["path"] for site in cell["sites"]]
    good = cell["outcome"] in {"applied", "excluded"}
    change = cell["change"]
    return {
        "outcome": cell["outcome"],
        "sites": len(paths),
        "files": len(set(paths)),
        "message": [] if good else cell["message"],
        "diff": _number(cell["diff"], digests),
        "error": cell["error"]
        and f"{cell['error']['kind']}, exit code {cell['error']['exit_code']}",
        "change": change and {**change, "diff": _number(change["diff"], digests)},
    }


def _number(digest: str | None, digests: Mapping[str, int]) -> int | None:
    return None if digest is None else digests[digest]


class _Numbered:
    """Texts in the order in which they come, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Give a text's number."""
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def items(self) -> Sequence[str]:
        """All texts."""
        return list(self._numbers)
