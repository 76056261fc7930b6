"""Imports that a module gained, alone or in a statement that it had already."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import AddImport
from transforms.engine.syntax.source import Span
from transforms.importers.pieces import line_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source
    from transforms.importers.gap import Gap
    from transforms.importers.proof import Files


def imported(gap: Gap) -> list[Edit] | None:
    """Recognise one import that stands where isort would put it, and nothing else with it."""
    if len(gap.added) != 1 or not isinstance(gap.added[0], (ast.Import, ast.ImportFrom)):
        return None
    (new,) = gap.added
    code = f"{ast.unparse(new)}{_comment(new, gap.files.after)}"
    for make in _ways(gap.files, gap.inside, code):
        edit = gap.files.accepts(make, gap.change)
        if edit is not None:
            return [edit]
    return None


def gained_names(
    files: Files, inside: str, before: ast.ImportFrom, after: ast.ImportFrom
) -> Iterator[Callable[[], Edit]]:
    """Give edits for a statement that imports further names from the same module."""
    known = [(item.name, item.asname) for item in before.names]
    wanted = [(item.name, item.asname) for item in after.names]
    gained = [item for item in after.names if (item.name, item.asname) not in known]
    same = (before.module, before.level) == (after.module, after.level)
    if same and gained and set(known) <= set(wanted):
        new = ast.ImportFrom(module=after.module, names=gained, level=after.level)
        yield from _ways(files, inside, ast.unparse(new))


def _ways(files: Files, inside: str, code: str) -> Iterator[Callable[[], Edit]]:
    # In a function the scope is that function, and `AddImport` refuses it.
    yield partial(AddImport, inside=inside, code=code)
    if b"TYPE_CHECKING" in files.before.data:
        yield partial(AddImport, inside=inside, code=code, type_checking=True)


def _comment(statement: ast.stmt, source: Source) -> str:
    """Give the comment behind a statement, with the space before it."""
    behind = Span(source.span(statement).end, line_end(statement, source))
    return source.text(behind) if source.text(behind).strip() else ""
