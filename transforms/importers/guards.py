"""Statements that were put behind a condition."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import Guard
from transforms.engine.syntax.canonical import canonical
from transforms.importers.anchors import with_open_body
from transforms.importers.pieces import text_of, text_of_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files


def guards(
    files: Files, inside: str, before: Sequence[ast.stmt], after: Sequence[ast.stmt]
) -> Iterator[Callable[[], Edit]]:
    """Give edits for statements that run only where a condition holds, the loosest first.

    Args:
        files: the file before and after.
        inside: the scope of the edits.
        before: the statements as they were.
        after: what takes their place.
    """
    new = after[0]
    if len(after) != 1 or not isinstance(new, ast.If):
        return
    if canonical(list(before)) != canonical(new.body):
        return
    condition = text_of(new.test, files.after)
    orelse = text_of_all(new.orelse, files.after) if new.orelse else ""
    finds = [text_of_all(before, files.before)]
    if len(before) == 1:
        finds = [*with_open_body(before[0], files.before)]
    for find in finds:
        yield partial(Guard, inside=inside, find=find, condition=condition, orelse=orelse)
