"""Patterns: Python with metavariables, compared as syntax.

`$x` binds one expression or one name; `$$x` binds any number of arguments, elements, parameters,
imported names, decorators or statements; the same name twice must bind equal code. White space,
quotes, parentheses that change nothing, trailing commas, comments, the order of keyword arguments
and of imported names never matter. The inside of an f-string is not searched (see
`walk_addressable`).

`def f($$p):` and other headers without a body fit a statement whatever is in it, and `@deco` fits
one decorator, whatever it decorates.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import PatternError, many_name, names_in, one_name
from transforms.engine.patterns.parts import Header, header_nodes
from transforms.engine.patterns.reading import blank_lines_around, dedent, read
from transforms.engine.patterns.unify import unify, unify_lists
from transforms.engine.syntax.source import all_blocks, walk_addressable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.patterns.unify import Bindings

__all__ = ["Match", "Pattern", "blank_lines_around", "dedent"]


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a pattern fits.

    Attributes:
        nodes: one expression, or the consecutive statements or decorators that were matched. Where
            only the header of a statement was matched, that statement.
        bindings: what each metavariable bound. A name that is no expression in the source is bound
            as one that has no position.
        is_header: only the header of the statement is what was matched.
    """

    nodes: tuple[ast.AST, ...]
    bindings: Bindings = field(compare=False)
    is_header: bool = False

    def walk(self) -> Iterator[ast.AST]:
        """Give all nodes that were matched, those inside of them included."""
        for node in self.nodes:
            yield from header_nodes(node) if self.is_header else ast.walk(node)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        text: as its author wrote it.
        nodes: one expression, one or more statements (a header without a body as a `Header`), or
            one or more decorators.
        is_expression: whether it is matched against expressions.
        is_decorator: whether it is matched against the decorators of definitions.
    """

    text: str
    nodes: tuple[ast.AST, ...]
    is_expression: bool
    is_decorator: bool = False

    @classmethod
    def parse(cls, text: str, *, statements: bool = False, written: bool = False) -> Pattern:
        """Read a pattern.

        Args:
            text: one expression; one or more statements, indented as one block; a header without a
                body; or decorators without a definition.
            statements: it must be statements: a lone expression is read as an expression statement,
                decorators are refused, and so is a header where it is to be written.
            written: it is a replacement, which may be a `$$x` and nothing else.

        Raises:
            PatternError: the text is empty or not Python, or a metavariable cannot stand there.
        """
        body, decorators = read(text)
        if not written and all(many_name(node) for node in (*body, *decorators)):
            what = "decorators" if decorators else "statements"
            raise PatternError(f"it would match any {what}: {text!r}")
        only = body[0] if len(body) == 1 else None
        half = _half_statement(only, decorators, written=written) if statements else ""
        if half:
            raise PatternError(f"{half}: whole statements must stand here, not {text!r}")
        if decorators:
            return cls(text, tuple(decorators), is_expression=False, is_decorator=True)
        if not isinstance(only, ast.Expr) or statements or many_name(only):
            return cls(text, tuple(body), is_expression=False)
        if isinstance(only.value, ast.Starred):
            raise PatternError(f"a starred argument is no expression: match its call, not {text!r}")
        return cls(text, (only.value,), is_expression=True)

    @property
    def is_header(self) -> bool:
        """Whether it is matched against the headers of compound statements only."""
        return len(self.nodes) == 1 and isinstance(self.nodes[0], Header)

    @property
    def kind(self) -> str:
        """What it is, as messages say it."""
        if self.is_header:
            return "a header"
        if self.is_decorator:
            return "a decorator"
        return "an expression" if self.is_expression else "statements"

    @property
    def tree(self) -> ast.AST:
        """The pattern itself as code that patterns can be looked for in."""
        if self.is_expression:
            return self.nodes[0]
        block = ast.Module([], [])
        if self.is_decorator:
            (definition,), _ = read("def _(): pass")
            definition.decorator_list = [*self.nodes]  # type: ignore[attr-defined]
            block.body = [definition]
        else:
            block.body = [*self.nodes]  # type: ignore[list-item]
        return block

    @property
    def names(self) -> frozenset[str]:
        """The metavariables that a match of this pattern binds."""
        return names_in(self.nodes)

    def matches(self, scope: ast.AST) -> list[Match]:
        """Find every match in the subtree of a scope, in the order of the source.

        The header and the decorators of the scope itself are searched as well.
        """
        if self.is_expression:
            found = self._expressions(scope)
        elif self.is_header:
            found = self._headers(scope)
        elif self.is_decorator:
            found = self._decorators(scope)
        else:
            found = (match for block in all_blocks(scope) for match in self._windows(block))
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

    def _headers(self, scope: ast.AST) -> Iterator[Match]:
        (wanted,) = self.nodes
        for node in _statements(scope):
            bindings = unify(wanted, node, {})
            if bindings is not None:
                yield Match((node,), bindings, is_header=True)

    def _decorators(self, scope: ast.AST) -> Iterator[Match]:
        for node in _statements(scope):
            yield from self._windows(getattr(node, "decorator_list", []))

    def _windows(self, block: Sequence[ast.AST]) -> Iterator[Match]:
        """Find the matches in a block, from its start; they do not overlap."""
        first = self.nodes[0]
        open_ended = any(many_name(node) for node in self.nodes)
        # Any expression, and any header, may be another kind of node than what it fits.
        is_plain = isinstance(first, ast.stmt) and not isinstance(first, Header)
        kind = type(first) if is_plain and not many_name(first) else ast.AST
        start = 0
        while start < len(block):
            fits = isinstance(block[start], kind)
            match = self._window_at(block, start, open_ended=open_ended) if fits else None
            if match:
                yield match
            start += len(match.nodes) if match else 1

    def _window_at(self, block: Sequence[ast.AST], start: int, *, open_ended: bool) -> Match | None:
        shortest = 1 if open_ended else len(self.nodes)
        longest = len(block) - start if open_ended else shortest
        for length in range(longest, shortest - 1, -1):
            window = block[start : start + length]
            if len(window) == length:
                bindings = unify_lists(self.nodes, window, {})
                if bindings is not None:
                    return Match(tuple(window), bindings)
        return None


def _half_statement(only: ast.stmt | None, decorators: Sequence[ast.expr], *, written: bool) -> str:
    """Say why a pattern can neither be written nor found as whole statements; else nothing."""
    if decorators:
        return "decorators decorate nothing"
    if isinstance(only, Header) and isinstance(only.statement, ast.ExceptHandler):
        return "an `except` is a part of its `try`"
    return "a header has no body" if written and isinstance(only, Header) else ""


def _statements(scope: ast.AST) -> Iterator[ast.AST]:
    """Give a scope and all statements and exception handlers in it."""
    yield scope
    for block in all_blocks(scope):
        for statement in block:
            yield statement
            # An `except*` hands its block a group of errors: it is another header.
            if isinstance(statement, ast.Try):
                yield from statement.handlers


def _inside(f_string: ast.expr) -> Iterator[ast.AST]:
    for part in getattr(f_string, "values", ()):
        if isinstance(part, ast.FormattedValue):
            for node in walk_addressable(part.value):
                yield node
                if isinstance(node, ast.JoinedStr):
                    yield from _inside(node)
            if part.format_spec:
                yield from _inside(part.format_spec)


def _position(node: ast.AST) -> tuple[int, int, int, int]:
    return (
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        -(getattr(node, "end_lineno", 0) or 0),
        -(getattr(node, "end_col_offset", 0) or 0),
    )
