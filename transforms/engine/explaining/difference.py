"""What one thing differs between a pattern and the closest code, in a few words."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import decode

if TYPE_CHECKING:
    from transforms.engine.explaining.distance import Distances
    from transforms.engine.syntax.source import Source

_LONGEST = 60


def difference(found: Distances, source: Source) -> str:
    """Say what differs, where it is one name, literal, operator, or one whole part of the code.

    Args:
        found: the distances of the pattern from the closest code.
        source: the file that the code is in.

    Returns:
        E.g. ``"cuda" -> "cpu"``, ``added x=1`` or ``without x=1``; empty where more differs.
    """
    changes = found.changes()
    if len(changes) != 1:
        return ""
    (change,) = changes
    wanted = None if change.wanted is None else found.wanted.nodes[change.wanted]
    there = None if change.there is None else found.there.nodes[change.there]
    if wanted is not None and there is not None:
        label, other = _own(wanted), _own(there)
        return f"{label} -> {other}" if label and other else ""
    if there is not None and change.is_whole(found):
        return f"added {text}" if (text := _written(there, source)) else ""
    if wanted is not None and change.is_whole(found):
        return f"without {text}" if (text := _unparsed(wanted)) else ""
    return ""


def _own(node: ast.AST) -> str:
    """Write what a node says itself, without what is below it; empty for most statements."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        text = repr(node.value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    if isinstance(node, (ast.keyword, ast.arg)):
        return f"{node.arg}=" if isinstance(node, ast.keyword) else node.arg
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    operators = getattr(node, "ops", None) or [getattr(node, "op", None)]
    return " ".join(_OPERATORS.get(type(item), "") for item in operators)


def _written(node: ast.AST, source: Source) -> str:
    if isinstance(node, (ast.expr, ast.stmt, ast.keyword, ast.arg)):
        return _short(source.text(source.span(node)))
    return ""


def _unparsed(node: ast.AST) -> str:
    return _short(decode(ast.unparse(node)))


def _short(text: str) -> str:
    first, more, _ = text.partition("\n")
    return f"{first[:_LONGEST].rstrip()}..." if more or len(first) > _LONGEST else first


_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
