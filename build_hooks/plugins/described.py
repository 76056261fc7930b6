"""What a wheel, a command and a log say of the plugin that was compiled in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from build_hooks.report import counted
from transforms.importers.monkeypatch.table import LEFT_OUT
from transforms.importers.monkeypatch.table_text import table_lines
from transforms.importers.monkeypatch.translation.result import Became

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from build_hooks.plugins.weaving import Woven
    from transforms.importers.monkeypatch.table import Row

# For each outcome, how one of them has it, and how several do.
_SAID = {
    Became.COMPILED.value: ("compiled", "compiled"),
    Became.NOTHING.value: ("needs nothing", "need nothing"),
    Became.HINT.value: ("needs a hint", "need a hint"),
    Became.CANNOT.value: ("cannot be compiled", "cannot be compiled"),
    LEFT_OUT: ("left out", "left out"),
}


def plugin_document(woven: Woven) -> dict[str, object]:
    """Give what the manifest says of a plugin, as docs/manifest.md describes it.

    Args:
        woven: the plugin.
    """
    opened = woven.opened
    return {
        "name": opened.name,
        "version": opened.version,
        "package": opened.plugin.package,
        "filename": opened.filename,
        "kind": opened.kind,
        "sha256": opened.sha256,
        "size": opened.size,
        "roots": list(opened.plugin.roots),
        "define": dict(sorted(opened.define.items())),
        "mutations": [_mutation(row, opened.plugin.package) for row in woven.rows],
    }


def _mutation(row: Row, package: str) -> dict[str, object]:
    own = f"{package}/{row.patch}" if row.patch else None
    return {
        "file": row.place.file,
        "line": row.place.line,
        "target": row.target,
        "form": row.form,
        "outcome": row.outcome,
        "what": row.what,
        "processes": list(row.processes),
        "patch": row.by[0] if row.by else own,
    }


def plugin_lines(woven: Woven, *, verbose: bool) -> Iterator[str]:
    """Say what became of a plugin on a release.

    Args:
        woven: the plugin.
        verbose: say it of everything that it does.
    """
    if verbose:
        yield from table_lines(woven.rows)
    yield f"plugin {plugin_summary(plugin_document(woven))}"
    for note in woven.notes:
        yield f"note: {note}"


def plugin_summary(document: Mapping[str, object]) -> str:
    """Say in a line what became of a plugin.

    Args:
        document: what the manifest says of it.
    """
    rows: Sequence[Mapping[str, object]] = document["mutations"]  # type: ignore[assignment]
    own = f"{document['package']}/"
    by_hand = sum(bool(row["patch"]) and not str(row["patch"]).startswith(own) for row in rows)
    found = Counter(str(row["outcome"]) for row in rows)
    parts = [
        f"{found[name]} {several if found[name] > 1 else one}"
        for name, (one, several) in _SAID.items()
        if found[name]
    ]
    if by_hand:
        parts[0] += f" ({by_hand} of them by patches of the platform)"
    version = f" {document['version']}" if document["version"] else ""
    return f"{document['name']}{version}: {counted(len(rows), 'mutation')}: {', '.join(parts)}"
