"""Where an import goes in a file, and how it is written there."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.definition import is_text
from transforms.engine.syntax.elements import import_elements
from transforms.engine.syntax.source import SourceError
from transforms.engine.writing.element_sites import insert_elements
from transforms.engine.writing.import_order import (
    Import,
    module_of,
    name_key,
    section_of,
    statement_key,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_LINE_LENGTH = 88


def import_sites(
    new: Import, comment: str, body: Sequence[ast.stmt], source: Source, first_party: str
) -> tuple[Site, ...]:
    """Make the sites that add one import to a block.

    Args:
        new: the import, as it is parsed from the patch.
        comment: what stands behind it, e.g. ``# noqa: F401``.
        body: the statements of the module, or of its `if TYPE_CHECKING`.
        source: the module's file.
        first_party: the name of the project's own package.

    Raises:
        SourceError: the place for it shares a line with other code.
    """
    if isinstance(new, ast.ImportFrom) and not comment and not new.names[0].asname:
        for there in body:
            if isinstance(there, ast.ImportFrom) and _takes_names(there, new):
                return _joined(there, new.names, source)
    return (_inserted(new, comment, body, source, first_party),)


def _takes_names(there: ast.ImportFrom, new: ast.ImportFrom) -> bool:
    """Tell whether names can join an import: of the same module, all without `as`."""
    plain = not any(item.asname or item.name == "*" for item in there.names)
    return plain and module_of(there) == module_of(new)


def _joined(there: ast.ImportFrom, names: Sequence[ast.alias], source: Source) -> tuple[Site, ...]:
    """Write names into an import that is there, in its own layout."""
    start, end = source.span(there)
    line_end = source.line_start(source.line_of(end) + 1)
    rest = source.data[end:line_end].strip()
    plain = b"(" not in source.data[start:end] and b"\n" not in source.data[start:end]
    if plain and (not rest or rest.startswith(b"#")):
        merged = [item.name for item in _merged(there.names, names)]
        stop = end + len(source.data[end:line_end].rstrip()) if rest else end
        text = _statement(module_of(there), merged, rest.decode(), source.indentation(start))
        if "\n" in text:
            return (text_site(source, start, stop, text),)
        # Only the names are inserted, so that other patches can insert theirs.
    elements = import_elements(there, source)
    ordered = sorted(names, key=lambda item: (_place(item, there.names), name_key(item)))
    return tuple(
        insert_elements(elements, place, [item.name for item in group])
        for place, group in groupby(ordered, key=lambda item: _place(item, there.names))
    )


def _merged(there: Sequence[ast.alias], new: Sequence[ast.alias]) -> list[ast.alias]:
    """Put names behind their nearest smaller neighbour; the others keep their order."""
    merged = list(there)
    for item in sorted(new, key=name_key):
        merged.insert(_place(item, merged), item)
    return merged


def _place(name: ast.alias, there: Sequence[ast.alias]) -> int:
    """Give the index behind a name's nearest smaller neighbour; 0 before all others."""
    smaller = [at for at, old in enumerate(there) if name_key(old) < name_key(name)]
    return max(smaller, key=lambda at: (name_key(there[at]), at), default=-1) + 1


def _statement(module: str, names: Sequence[str], comment: str, margin: str) -> str:
    """Write a `from` import; what is too long for a line has one name on each."""
    behind = f"  {comment}" if comment else ""
    line = f"from {module} import {', '.join(names)}{behind}"
    if len(margin) + len(line) <= _LINE_LENGTH or len(names) == 1:
        return line
    inside = "".join(f"{margin}    {name},\n" for name in names)
    return f"from {module} import ({behind}\n{inside}{margin})"


def _inserted(
    new: Import, comment: str, body: Sequence[ast.stmt], source: Source, first_party: str
) -> Site:
    """Write a statement of its own."""
    run = _run_for(new, body, first_party)
    mine = statement_key(new, first_party)
    keys = [(statement_key(item, first_party), item) for item in run]
    section = [(key, item) for key, item in keys if key[0] == mine[0]]
    smaller = [(key, item) for key, item in section if key <= mine]
    greater = [(key, item) for key, item in section if key > mine]
    lower = [item for key, item in keys if key[0] < mine[0]]
    if smaller:
        nearest = max(key for key, _ in smaller)
        return _below([item for key, item in smaller if key == nearest][-1], new, comment, source)
    if greater:
        nearest = min(key for key, _ in greater)
        neighbour = next(item for key, item in greater if key == nearest)
        return _above(neighbour, new, comment, source, blank_lines=0)
    if lower:
        return _below(lower[-1], new, comment, source, blank_lines=1)
    if run:
        return _above(run[0], new, comment, source, blank_lines=1)
    return _first(new, comment, body, source)


def _run_for(new: Import, body: Sequence[ast.stmt], first_party: str) -> list[Import]:
    """Choose the run of consecutive imports that a new one belongs to."""
    runs = [
        [item for item in items if isinstance(item, Import)]
        for is_import, items in groupby(body, key=lambda item: isinstance(item, Import))
        if is_import
    ]
    section = section_of(new, first_party)
    if module_of(new) == "__future__":
        # Nothing but a docstring may stand before it.
        return runs[0] if runs and runs[0][0] in body[:2] and _is_early(runs[0][0], body) else []
    for run in runs:
        if any(section_of(item, first_party) == section for item in run):
            return run
    later = [run for run in runs if any(module_of(item) != "__future__" for item in run)]
    return next(iter([*later, *runs]), [])


def _is_early(statement: ast.stmt, body: Sequence[ast.stmt]) -> bool:
    return statement is body[0] or (statement is body[1] and is_text(body[0]))


def _first(new: Import, comment: str, body: Sequence[ast.stmt], source: Source) -> Site:
    """Write the first import of a block, below its docstring."""
    said = body[0] if body and is_text(body[0]) else None
    rest = body[1:] if said else body
    if not rest:
        if said is not None and said.col_offset:
            return _below(said, new, comment, source, blank_lines=1)
        at = len(source.data)
        lines = source.data.splitlines(keepends=True)
        begin = "" if not lines or lines[-1].endswith((b"\n", b"\r")) else "\n"
        if said is not None and lines[-1].strip():
            begin += "\n"
        return text_site(source, at, at, f"{begin}{_text(new, comment, '')}\n")
    blank_lines = 2 if isinstance(rest[0], Definition) and not rest[0].col_offset else 1
    site = _above(rest[0], new, comment, source, blank_lines=blank_lines)
    if said is not None and source.line_of(site.start) == source.line_of(source.span(said).end) + 1:
        return replace(site, replacement=source.newline + site.replacement)
    return site


def _below(
    there: ast.stmt, new: Import, comment: str, source: Source, *, blank_lines: int = 0
) -> Site:
    start, end = source.span(there)
    margin = _margin(start, source)
    line = source.line_of(end)
    at = source.line_start(line + 1)
    rest = source.data[end:at].strip()
    if rest and not rest.startswith(b"#"):
        raise SourceError(source.path, f"the import shares its line with {rest.decode()!r}", line)
    text = "\n" * blank_lines + margin + _text(new, comment, margin) + "\n"
    if not source.data[:at].endswith((b"\n", b"\r")):
        text = "\n" + text
    if blank_lines and source.data[at : source.line_start(line + 2)].strip():
        text += "\n"
    return text_site(source, at, at, text)


def _above(there: ast.stmt, new: Import, comment: str, source: Source, *, blank_lines: int) -> Site:
    """Write an import above another statement and the comments that belong to it."""
    start = source.statement_span(there).start
    margin = _margin(start, source)
    line = source.line_of(start)
    first = line
    while first > 1 and _is_comment(first - 1, source):
        first -= 1
    # The comments that a file begins with belong to the file.
    at = source.line_start(line if first == 1 else first)
    if at < source.line_start(line):
        # isort wants a blank line above a comment among imports.
        blank_lines = max(blank_lines, 1)
    text = margin + _text(new, comment, margin) + "\n" * (blank_lines + 1)
    return text_site(source, at, at, text)


def _is_comment(line: int, source: Source) -> bool:
    return (
        source.data[source.line_start(line) : source.line_start(line + 1)].lstrip().startswith(b"#")
    )


def _text(new: Import, comment: str, margin: str) -> str:
    if isinstance(new, ast.ImportFrom) and not new.names[0].asname:
        names = [item.name for item in sorted(new.names, key=name_key)]
        return _statement(module_of(new), names, comment, margin)
    return ast.unparse(new) + (f"  {comment}" if comment else "")


def _margin(start: int, source: Source) -> str:
    line = source.line_of(start)
    before = source.data[source.line_start(line) : start].decode()
    if before.strip():
        reason = f"the place for the import shares its line with {before.strip()!r}"
        raise SourceError(source.path, reason, line)
    return before
