"""The closest code to a pattern that matched nothing: what its author reads first."""

from __future__ import annotations

import ast
import copy
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.metavariables import decode
from transforms.engine.source import walk_addressable

if TYPE_CHECKING:
    from transforms.engine.pattern import Pattern
    from transforms.engine.source import Source

_CLOSE_ENOUGH = 0.4
_SHORTEST_LINE = 20


def closest_to(pattern: Pattern, node: ast.AST, source: Source) -> tuple[str, int]:
    """Find the code in a scope that reads most like a pattern.

    Returns:
        Its first line as upstream wrote it, and its number; empty and 0 where nothing is close.
    """
    wanted = _readable(pattern.nodes[0])
    kind = ast.expr if pattern.is_expression else ast.stmt
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, best_ratio = None, _CLOSE_ENOUGH
    for candidate in walk_addressable(node):
        if not isinstance(candidate, kind) or candidate is node or _is_long(candidate, wanted):
            continue
        matcher.set_seq1(_readable(candidate))
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio() + (0.05 if type(candidate) is type(pattern.nodes[0]) else 0.0)
            if ratio > best_ratio:
                best, best_ratio = candidate, ratio
    if best is None:
        return "", 0
    return source.text(source.span(best)).split("\n", 1)[0].rstrip(), best.lineno


def _is_long(node: ast.expr | ast.stmt, wanted: str) -> bool:
    """Tell whether code cannot be close to what is wanted, by the lines that it takes."""
    lines = (node.end_lineno or node.lineno) - node.lineno
    return isinstance(node, ast.expr) and lines > _SHORTEST_LINE + len(wanted) // _SHORTEST_LINE


def _readable(node: ast.AST) -> str:
    """Give the first line of code in one spelling, so that only what it says is compared."""
    if isinstance(node, ast.stmt):
        node = copy.copy(node)
        for name in ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list"):
            if hasattr(node, name):
                setattr(node, name, [])
    return decode(ast.unparse(node).split("\n", 1)[0])
