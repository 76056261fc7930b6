"""What something carries as one self-contained page: why each patch is there, and what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.plugins.described import plugin_summary
from build_hooks.self_contained import render
from build_hooks.showing.columns import columns, style
from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from build_hooks.showing.carried import Carried

_FOLDER = Path(__file__).resolve().parent
_NOTICE = {
    "name": NOTICE,
    "outcome": "applied",
    "why": "Every changed file says that it was changed (Apache-2.0, section 4(b)).",
    "upstream": "none: upstream has not changed them",
    "drop_when": "upstream's licence no longer asks for it",
    "files": [],
}


def page(carried: Carried) -> str:
    """Render the page.

    Args:
        carried: what is shown.

    Returns:
        HTML that needs nothing else.
    """
    manifest = carried.manifest
    patches = [*manifest["patches"], *([_NOTICE] if NOTICE in carried.diffs else [])]
    shown = [_patch(patch, carried.diffs.get(patch["name"], b"")) for patch in patches]
    applied = sum(patch["outcome"] == "applied" for patch in manifest["patches"])
    context = {
        "carried": carried,
        "manifest": manifest,
        "patches": shown,
        "applied": applied,
        "excluded": len(manifest["patches"]) - applied,
        "plugin": plugin_summary(manifest["plugin"]) if "plugin" in manifest else "",
    }
    return render(_FOLDER, [], context, more_style=style())


def _patch(patch: Mapping[str, Any], diff: bytes) -> dict[str, Any]:
    """Give what the page says of a patch; without its diff, where it has sites."""
    changed = dict(columns(diff))
    sites = {file["path"]: file for file in patch["files"]}
    return {
        "versions": "",
        "reason": "",
        **patch,
        "anchor": patch["name"].replace("/", "-"),
        "changed": [
            {
                "path": path,
                "added": bool(rows) and all(row.kind == "added" for row in rows),
                "lines": [site["line"] for site in sites[path]["sites"]] if path in sites else [],
                "rows": rows,
                "counts": _counts(rows),
            }
            for path, rows in {**{path: [] for path in sites}, **changed}.items()
        ],
    }


def _counts(rows: list[Any]) -> str:
    return " ".join(_signed(rows))


def _signed(rows: list[Any]) -> Iterator[str]:
    for sign, kind in (("+", "added"), ("\u2212", "removed")):
        count = sum(row.kind in {kind, "changed"} for row in rows)
        if count:
            yield f"{sign}{count}"
