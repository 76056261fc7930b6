"""A method or inner class that a class gained.

Fields and an `Enum`'s members are no business of this: their order says something, so what stands
on both sides of them counts.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from transforms.edits import AddMember
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.members import bindings
from transforms.engine.syntax.source import Span
from transforms.importers.pieces import flush_left, line_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source
    from transforms.importers.gap import Gap


def member(gap: Gap) -> list[Edit] | None:
    """Recognise one member, with the comments directly above it and what describes it below."""
    if not isinstance(gap.owner, ast.ClassDef) or not isinstance(gap.added[0], Definition):
        return None
    files, source = gap.files, gap.files.after
    first = source.statement_span(gap.added[0]).start
    start = _with_comments(first, gap.after.start, source)
    span = Span(start, line_end(gap.added[-1], source))
    code = flush_left(span, source, source.indentation(first))
    for neighbour in ({}, *_neighbours(gap)):
        make = partial(AddMember, inside=gap.inside, code=code, **neighbour)
        edit = files.accepts(make, gap.change)
        if edit is not None:
            return [edit]
    return None


def _with_comments(first: int, begin: int, source: Source) -> int:
    """Give where the comments begin that stand directly above an offset."""
    line = source.line_of(first)
    while line > 1 and source.line_start(line - 1) >= begin:
        above = source.data[source.line_start(line - 1) : source.line_start(line)]
        if not above.lstrip().startswith(b"#"):
            break
        line -= 1
    return source.line_start(line)


def _neighbours(gap: Gap) -> Iterator[dict[str, str]]:
    """Give what to name where the usual place is another one."""
    for side, pair in (("after", gap.previous), ("before", gap.following)):
        for name in [*bindings(pair.before)][:1] if pair else ():
            yield {side: name}
