"""Write a boolean operation as operations of two operands, nested to the right.

That is how Triton compiles a chain, from the release on that compiles one: `a and b and c` makes
the same IR as `a and (b and c)`, and another than `(a and b) and c`. To Python they are the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.site import text_site
from transforms.engine.syntax.definition import after_parentheses

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_FILLER = re.compile(rb"(?:[\s\\]|#[^\r\n]*)*")
_NOT = re.compile(rb"not\b(?:[ \t\f])*")
_OPERATOR = re.compile(rb"and|or")


class Test(NamedTuple):
    """What is written around an operand that a conditional expression tests.

    Attributes:
        before: e.g. ``False if not ``; the operator behind the operand becomes `else`.
        behind: what closes it.
        cancels_not: the `not` at the end of `before` and the one that the operand is go together.
    """

    before: str
    behind: str = ""
    cancels_not: bool = False


def pairs(operation: ast.BoolOp, tests: Mapping[ast.expr, Test], source: Source) -> Iterator[Site]:
    """Make the sites that nest a boolean operation to the right.

    Args:
        operation: an operation of two operands or more.
        tests: operands to test in a conditional expression instead, which has the other operands
            behind its `else`; never the last one.
        source: the file.
    """
    start = source.span(operation).start
    opened, tested_before, first = 0, False, True
    for operand in operation.values[:-1]:
        test = tests.get(operand)
        # Behind `else` nothing needs parentheses, and neither does a first operand as it was.
        opens = test is not None if first else not tested_before
        opened += opens
        written = ("(" if opens else "") + (test.before if test else "")
        if written:
            behind = start
            if test and test.cancels_not and source.span(operand).start == start:
                behind, written = _behind_not(start, source), written.removesuffix("not ")
            yield text_site(source, start, behind, written)
        end = after_parentheses(operand, start, source)
        if test and test.behind:
            yield text_site(source, end, end, test.behind)
        operator = _behind(end, source)
        if test:
            yield text_site(source, operator.start(), operator.end(), "else")
        start = _end_of_filler(operator.end(), source)
        tested_before, first = test is not None, False
    if opened:
        end = after_parentheses(operation.values[-1], start, source)
        yield text_site(source, end, end, ")" * opened)


def _behind(end: int, source: Source) -> re.Match[bytes]:
    """Find the operator behind an operand."""
    found = _OPERATOR.match(source.data, _end_of_filler(end, source))
    if found is None:
        raise ValueError(f"{source.path}: no operator behind the operand that ends at {end}")
    return found


def _behind_not(start: int, source: Source) -> int:
    found = _NOT.match(source.data, start)
    return found.end() if found else start


def _end_of_filler(start: int, source: Source) -> int:
    filler = _FILLER.match(source.data, start)
    return filler.end() if filler else start
