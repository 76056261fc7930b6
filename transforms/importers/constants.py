"""Names of a module or class that are assigned another value, or a longer one."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import ExtendLiteral, SetConstant
from transforms.engine.syntax.canonical import canonical
from transforms.importers.displays import DISPLAYS, texts_of
from transforms.importers.pieces import atoms, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

Assignment = (ast.Assign, ast.AnnAssign)
# Of a longer value, what of it changed says more.
_SHORT = 4


def reassigned(
    files: Files, inside: str, before: ast.stmt, after: ast.stmt
) -> Iterator[Callable[[], Edit]]:
    """Give edits for an assignment to one name, directly in a module or class.

    Args:
        files: the file before and after.
        inside: the module or class.
        before: the assignment as it was.
        after: the assignment as it is to be.
    """
    name, old = _assigned(before)
    name_after, new = _assigned(after)
    if not name or name != name_after or old is None or new is None:
        return
    if isinstance(old, DISPLAYS) and isinstance(new, type(old)):
        texts, texts_after = texts_of(old, files.before), texts_of(new, files.after)
        added = texts_after[len(texts) :]
        if texts and added and texts == texts_after[: len(texts)]:
            yield partial(ExtendLiteral, inside=inside, name=name, add=", ".join(added))
    if atoms(old) <= _SHORT and canonical(old) != canonical(new):
        was, value = text_of(old, files.before), text_of(new, files.after)
        yield partial(SetConstant, inside=inside, name=name, was=was, value=value)


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Give the one name that a statement assigns to, and its value; no name for all others."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        (target,) = statement.targets
        if isinstance(target, ast.Name):
            return target.id, statement.value
    return "", None
