"""Changes of a statement that have a kind of edit of their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.constants import reassigned
from transforms.importers.definitions import inner_scope
from transforms.importers.functions import rewritten
from transforms.importers.imports import gained_names
from transforms.importers.pieces import Definition, line_end
from transforms.importers.proof import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.importers.alignment import Pair
    from transforms.importers.definitions import Scope
    from transforms.importers.proof import Files


def recognised_statement(
    files: Files, scope: Scope, pair: Pair, owner: ast.AST | None
) -> Edit | None:
    """Find the one edit that says what happened to a statement, rather than what it is now.

    Args:
        files: the file before and after.
        scope: the innermost class or function around the statement.
        pair: the statement before and after.
        owner: the module, class or function of the scope, if it stands directly in its body.
    """
    start = files.before.statement_span(pair.before).start
    start_after = files.after.statement_span(pair.after).start
    new = files.after.data[start_after : line_end(pair.after, files.after)]
    change = Change(start, line_end(pair.before, files.before), new)
    for make in _ways(files, scope, pair, owner):
        edit = files.accepts(make, change)
        if edit is not None:
            return edit
    return None


def _ways(
    files: Files, scope: Scope, pair: Pair, owner: ast.AST | None
) -> Iterator[Callable[[], Edit]]:
    before, after, inside = pair.before, pair.after, scope[2]
    if isinstance(before, ast.ImportFrom) and isinstance(after, ast.ImportFrom):
        yield from gained_names(files, inside, before, after)
    elif isinstance(before, Definition) and isinstance(after, Definition):
        own = inner_scope(files, scope, before, after)
        if own != scope:
            yield from rewritten(files, own[2], before, after)
    elif isinstance(owner, (ast.Module, ast.ClassDef)):
        yield from reassigned(files, inside, before, after)
