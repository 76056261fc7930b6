"""Replacements: Python with metavariables, written out with the very text that they bound.

What a metavariable bound keeps its own formatting and comments; what the author wrote keeps the
author's. Both are moved to the indentation of the place where they go.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from transforms.engine.pattern import (
    TOKEN,
    Pattern,
    PatternError,
    dedent,
    equal,
    many_name,
    one_name,
)
from transforms.engine.source import Span

if TYPE_CHECKING:
    from transforms.engine.pattern import Bindings, Bound
    from transforms.engine.source import Source


@dataclass(frozen=True, slots=True)
class Template:
    """What takes the place of a match.

    Attributes:
        pattern: the parsed replacement; as a pattern, it finds what was already replaced.
    """

    pattern: Pattern

    @classmethod
    def parse(cls, text: str, bound: frozenset[str], *, statements: bool = False) -> Template:
        """Read a replacement.

        Args:
            text: an expression or statements that may use metavariables.
            bound: the metavariables that the pattern binds.
            statements: read a lone expression as an expression statement.

        Raises:
            PatternError: not Python, or it uses a metavariable that nothing binds.
        """
        pattern = Pattern.parse(text, statements=statements)
        unbound = sorted(pattern.names - bound)
        if unbound:
            known = ", ".join(f"${name}" for name in sorted(bound)) or "none"
            raise PatternError(
                f"${unbound[0]} is used in {text!r} but never bound (bound: {known})"
            )
        return cls(pattern)

    def expression(self, bindings: Bindings, source: Source) -> str:
        """Write the replacement of an expression, with parentheses where a binding needs them."""
        meant = substitute(self.pattern.nodes[0], bindings)
        for wrap in (False, True):
            text = self._fill(dedent(self.pattern.text), bindings, source, wrap=wrap)
            if equal(_parse_expression(text), meant):
                return text
        raise PatternError(
            f"{self.pattern.text!r} cannot be written around what it binds: {text!r}"
        )

    def statements(self, bindings: Bindings, source: Source) -> str:
        """Write replacement statements, flush left."""
        meant = [substitute(node, bindings) for node in self.pattern.nodes]
        for wrap in (False, True):
            text = self._fill(dedent(self.pattern.text), bindings, source, wrap=wrap)
            if equal(_parse_statements(text), meant):
                return text
        raise PatternError(
            f"{self.pattern.text!r} cannot be written around what it binds: {text!r}"
        )

    @staticmethod
    def _fill(text: str, bindings: Bindings, source: Source, *, wrap: bool) -> str:
        pieces: list[str] = []
        done = 0
        for token in TOKEN.finditer(text):
            if token["opaque"]:
                continue
            line_start = text.rfind("\n", 0, token.start()) + 1
            indent = text[line_start : token.start()]
            bound = bindings[token["name"]]
            piece = bound_text(bound, source)
            if wrap and isinstance(bound, ast.expr):
                piece = f"({piece})"
            elif isinstance(bound, list) and indent.strip() == "" and "\n" in piece:
                piece = indented(piece, indent).lstrip()
            pieces += [text[done : token.start()], piece]
            done = token.end()
        return "".join([*pieces, text[done:]])


def bound_text(bound: Bound, source: Source) -> str:
    """Give the source text of what a metavariable bound, flush left."""
    if not isinstance(bound, list):
        return (
            source.text(source.span(bound)) if isinstance(bound, ast.expr) else ast.unparse(bound)
        )
    if not bound:
        return ""
    if isinstance(bound[0], ast.stmt) and isinstance(bound[-1], ast.stmt):
        start = source.statement_span(bound[0]).start
        span = Span(start, source.span(bound[-1]).end)
        margin = start - source.line_start(source.line_of(start))
        return _shift_left(source.text(span), margin)
    return ", ".join(
        source.text(source.span(item))
        for item in bound
        if isinstance(item, (ast.expr, ast.keyword))
    )


def _shift_left(text: str, margin: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join(
        [first, *(line[min(margin, len(line) - len(line.lstrip())) :] for line in rest)]
    )


def indented(code: str, margin: str) -> str:
    """Indent statements, but not the lines that are inside of a string."""
    inside: set[int] = set()
    for node in ast.walk(ast.Module(_parse_statements(code), [])):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno:
            inside.update(range(node.lineno + 1, node.end_lineno + 1))
    lines = code.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else margin + line
        for number, line in enumerate(lines, start=1)
    )


def substitute(node: ast.AST, bindings: Bindings) -> ast.AST:
    """Put what was bound into a pattern's syntax: what the written text must parse to."""

    class Fill(ast.NodeTransformer):
        def visit(self, item: ast.AST) -> ast.AST | list[ast.AST]:
            many = many_name(item)
            if many is not None:
                bound = bindings[many]
                return list(bound) if isinstance(bound, list) else bound
            one = one_name(item)
            if one is not None:
                return bindings[one]
            if isinstance(item, ast.Call):
                return _call_with_keywords(self.generic_visit(item))
            return self.generic_visit(item)

    return cast("ast.AST", Fill().visit(copy.deepcopy(node)))


def _call_with_keywords(call: ast.AST) -> ast.AST:
    """Move keywords that a `$$x` bound from the arguments to where the parser puts them."""
    if isinstance(call, ast.Call):
        moved = [item for item in call.args if isinstance(item, ast.keyword)]
        call.args = [item for item in call.args if not isinstance(item, ast.keyword)]
        call.keywords = [*moved, *call.keywords]
    return call


def _parse_expression(text: str) -> ast.AST:
    try:
        return ast.parse(f"(\n{text}\n)", mode="eval").body
    except SyntaxError:
        return ast.Pass()


def _parse_statements(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError:
        return []
