"""Patterns: Python with metavariables, compared as syntax.

`$x` binds one expression; `$$x` binds any number of arguments, elements or statements; the same
name twice must bind equal code. White space, quotes, parentheses that change nothing, trailing
commas, comments and the order of keyword arguments never matter, since none of them is part of the
syntax tree that is compared. The inside of an f-string is not searched (see `walk_addressable`).
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.metavariables import (
    PatternError,
    check_metavariables,
    encode,
    many_name,
    one_name,
)
from transforms.engine.source import all_blocks, parse, walk_addressable
from transforms.engine.unify import unify, unify_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.unify import Bindings


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a pattern fits.

    Attributes:
        nodes: one expression, or the consecutive statements that were matched.
        bindings: what each metavariable bound.
    """

    nodes: tuple[ast.AST, ...]
    bindings: Bindings = field(compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        text: as its author wrote it.
        nodes: one expression, or one or more statements.
        is_expression: whether it is matched against expressions.
    """

    text: str
    nodes: tuple[ast.AST, ...]
    is_expression: bool

    @classmethod
    def parse(cls, text: str, *, statements: bool = False, written: bool = False) -> Pattern:
        """Read a pattern.

        Args:
            text: one expression, or one or more statements, indented as one block.
            statements: read a lone expression as an expression statement.
            written: it is a replacement, which may be a `$$x` and nothing else.

        Raises:
            PatternError: the text is empty or not Python, or a metavariable cannot stand there.
        """
        try:
            body = parse(encode(dedent(text))).body
        except (SyntaxError, ValueError) as error:
            reason = getattr(error, "msg", error)
            raise PatternError(f"not Python: {reason} in pattern {text!r}") from error
        if not body:
            raise PatternError(f"a pattern must not be empty: {text!r}")
        check_metavariables(body, text)
        if not written and all(many_name(node) for node in body):
            raise PatternError(f"it would match any statements: {text!r}")
        only = body[0] if len(body) == 1 else None
        if not isinstance(only, ast.Expr) or statements or many_name(only):
            return cls(text, tuple(body), is_expression=False)
        if isinstance(only.value, ast.Starred):
            raise PatternError(f"a starred argument is no expression: match its call, not {text!r}")
        return cls(text, (only.value,), is_expression=True)

    @property
    def names(self) -> frozenset[str]:
        """The metavariables that a match of this pattern binds."""
        found = (one_name(node) or many_name(node) for top in self.nodes for node in ast.walk(top))
        return frozenset(name for name in found if name)

    def matches(self, scope: ast.AST) -> list[Match]:
        """Find every match in the subtree of a scope, in the order of the source."""
        found = self._expressions(scope) if self.is_expression else self._windows(scope)
        return sorted(found, key=lambda match: _position(match.nodes[0]))

    def lines_in_f_strings(self, scope: ast.AST) -> list[int]:
        """Give the line of the f-string for each match that stands inside of one."""
        if not self.is_expression:
            return []
        return [
            outer.lineno
            for outer in walk_addressable(scope)
            if isinstance(outer, ast.JoinedStr)
            for inner in _inside(outer)
            if unify(self.nodes[0], inner, {}) is not None
        ]

    def _expressions(self, scope: ast.AST) -> Iterator[Match]:
        wanted = self.nodes[0]
        kind = ast.expr if one_name(wanted) else type(wanted)
        for node in walk_addressable(scope):
            if isinstance(node, kind):
                bindings = unify(wanted, node, {})
                if bindings is not None:
                    yield Match((node,), bindings)

    def _windows(self, scope: ast.AST) -> Iterator[Match]:
        """Find the matches in each block, from its start; they do not overlap."""
        for block in all_blocks(scope):
            start = 0
            while start < len(block):
                match = self._window_at(block, start)
                if match:
                    yield match
                start += len(match.nodes) if match else 1

    def _window_at(self, block: list[ast.stmt], start: int) -> Match | None:
        open_ended = any(many_name(node) for node in self.nodes)
        lengths = range(len(block) - start, 0, -1) if open_ended else (len(self.nodes),)
        for length in lengths:
            window = block[start : start + length]
            if len(window) == length:
                bindings = unify_lists(self.nodes, window, {})
                if bindings is not None:
                    return Match(tuple(window), bindings)
        return None


def _inside(f_string: ast.expr) -> Iterator[ast.AST]:
    for part in getattr(f_string, "values", ()):
        if isinstance(part, ast.FormattedValue):
            for node in walk_addressable(part.value):
                yield node
                if isinstance(node, ast.JoinedStr):
                    yield from _inside(node)
            if part.format_spec:
                yield from _inside(part.format_spec)


def dedent(text: str) -> str:
    """Take away the indentation that all lines of a block share, and blank lines around it."""
    return textwrap.dedent(text).strip("\n").rstrip()


def _position(node: ast.AST) -> tuple[int, int, int, int]:
    return (
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        -(getattr(node, "end_lineno", 0) or 0),
        -(getattr(node, "end_col_offset", 0) or 0),
    )
