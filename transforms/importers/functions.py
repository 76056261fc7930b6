"""Functions of which so much changed that they are other ones."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import ReplaceFunction
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.source import Span
from transforms.importers.pieces import flush_left, line_end

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source
    from transforms.importers.proof import Files

# Below this share of lines that stay, nothing of upstream's function is left to hold on to.
_KEPT = 0.5
# A function of a few lines is as short as what changes in it.
_LINES = 6


def rewritten(
    files: Files, inside: str, before: ast.stmt, after: ast.stmt
) -> Iterator[Callable[[], Edit]]:
    """Give the edit for a function that became another one.

    It holds for the body that is there and for no other, so it must be known whose that is: on a
    file of no known release there is no such edit.

    Args:
        files: the file before and after.
        inside: the function's own path.
        before: the function as it was.
        after: the function as it is to be.
    """
    if not files.release or not isinstance(before, Function) or not isinstance(after, Function):
        return
    old, new = _lines(before, files.before), _lines(after, files.after)
    kept = sum(
        block.size
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    if len(old) >= _LINES and kept < _KEPT * len(old):
        start = files.after.statement_span(after).start
        code = flush_left(Span(start, line_end(after, files.after)), files.after)
        bodies = {f">={files.release}": body_hash(before)}
        yield partial(ReplaceFunction, inside=inside, code=code, bodies=bodies)


def _lines(node: ast.stmt, source: Source) -> list[str]:
    """Give the lines of a function that say something."""
    lines = source.text(source.statement_span(node)).splitlines()
    return [line.strip() for line in lines if line.strip()]
