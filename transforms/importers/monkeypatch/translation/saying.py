"""What a plugin's documentation says of each patch: why, where upstream has it, when it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.translation.writing import Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.importers.monkeypatch.comments import Entry
    from transforms.importers.monkeypatch.documentation import Documentation
    from transforms.importers.monkeypatch.translation.result import Translated

# A docstring of one line, with its quotes and full stop.
_WIDTH = 90
_ENDS = (".", "!", "?", ":", ";")


def said_of(rows: Iterable[Translated], documentation: Documentation) -> dict[str, Said]:
    """Give what is said of each patch, by stem.

    Of a patch of several mutations all of their entries count, each once. Where there is none, the
    docstring or the first comment of the module is the reason. What nobody said stays empty.

    Args:
        rows: what became of each mutation.
        documentation: what the plugin says.
    """
    of_stem: dict[str, list[Translated]] = {}
    for row in rows:
        if row.edits and row.stem:
            of_stem.setdefault(row.stem, []).append(row)
    return {stem: _said(found, documentation) for stem, found in of_stem.items()}


def _said(rows: Sequence[Translated], documentation: Documentation) -> Said:
    entries: list[Entry] = []
    for row in rows:
        entry = documentation.of(row.mutation)
        if entry is not None and entry not in entries:
            entries.append(entry)
    files = dict.fromkeys(row.mutation.place.file for row in rows)
    notes = [documentation.notes[file] for file in files if file in documentation.notes]
    return Said(
        docstring=_first_sentence(notes),
        why=_joined(item.why for item in entries) or _joined(notes),
        upstream=_joined(item.related for item in entries),
        drop_when=_joined(item.future for item in entries),
    )


def _joined(texts: Iterable[str]) -> str:
    """Write texts on one line, each of them once and as sentences where there are several."""
    plain = dict.fromkeys(" ".join(text.split()) for text in texts)
    several = [text for text in plain if text]
    if len(several) < 2:  # noqa: PLR2004 - one text stays as it is
        return "".join(several)
    ended = [text if text.endswith(_ENDS) else _ended(text) for text in several]
    return " ".join(ended)


def _ended(text: str) -> str:
    """End a sentence; a full stop behind a link would be taken for a part of it."""
    return f"{text};" if "://" in text.rpartition(" ")[2] else f"{text}."


def _first_sentence(notes: Sequence[str]) -> str:
    """Give the first line of a module's docstring, where it stands alone and fits on a line."""
    if not notes:
        return ""
    first = " ".join(notes[0].partition("\n\n")[0].split())
    return first if len(first) <= _WIDTH else ""
