"""The matrix as one self-contained page for a browser: no network, no fonts, no libraries.

The table is in the page as HTML; what stands behind its cells is JSON that the page's own script
turns into text, never into markup. A Content-Security-Policy allows this script and this style and
nothing else, so that no upstream code and no message can do anything in a reader's browser.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from build_hooks.drift.cell import OUTCOMES
from build_hooks.drift.text import LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FOLDER = Path(__file__).resolve().parent
# A hunk's lines move from release to release while its text stays.
_HUNK = re.compile(r"^(@@ [^\n]*\n|diff --git [^\n]*\n)", re.MULTILINE)
# What could end a script element, or a line of a script.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def page(document: Mapping[str, Any]) -> str:
    """Render the page.

    Args:
        document: what `build_hooks.drift.document.document` gives.

    Returns:
        HTML that needs nothing else.
    """
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    rows = document["patches"]
    counts = Counter(cell["outcome"] for row in rows for cell in row["outcomes"].values())
    return environment.get_template("page.html").render(
        policy=_policy(style, script),
        # Both are this project's own files, and the JSON cannot end its element.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=Markup(_embedded(packed(document))),  # noqa: S704
        document=document,
        letters=LETTERS,
        counts=[(item, counts[item]) for item in OUTCOMES if counts[item]],
        groups=[*_groups(document)],
    )


def _policy(style: str, script: str) -> str:
    """Allow this very style and script, and nothing from anywhere else."""
    hashes = {"style": style, "script": script}
    allowed = [f"{kind}-src '{_source_hash(text)}'" for kind, text in hashes.items()]
    rest = ["img-src data:", "base-uri 'none'", "form-action 'none'"]
    return "; ".join(["default-src 'none'", *allowed, *rest])


def _source_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


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
