"""Patterns: Python with metavariables, compared as syntax.

`$x` binds one expression; `$$x` binds any number of arguments, elements or statements; the same
name twice must bind equal code. White space, quotes, parentheses that change nothing, trailing
commas, comments and the order of keyword arguments never matter, since none of them is part of the
syntax tree that is compared. The inside of an f-string is not searched (see `walk_addressable`).
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.source import blocks, walk_addressable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ONE = "_wheelwright_one_"
MANY = "_wheelwright_many_"
# Strings and comments come first, so that a `$` inside of them stays what it is.
TOKEN = re.compile(
    r"(?P<opaque>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^\\\n'])*'|\"(?:\\.|[^\\\n\"])*\"|\#[^\n]*)"
    r"|(?P<sigil>\$\$?)(?P<name>[A-Za-z][A-Za-z0-9_]*)",
    re.DOTALL,
)
_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})

Bound = ast.AST | list[ast.AST]
Bindings = dict[str, Bound]


class PatternError(ValueError):
    """A pattern or a replacement is not Python, or uses a metavariable that nothing binds."""


def encode_metavariables(text: str) -> str:
    """Write `$x` and `$$x` as plain names, so that Python's own parser can read a pattern."""

    def encode(match: re.Match[str]) -> str:
        if match["opaque"]:
            return match["opaque"]
        return (ONE if match["sigil"] == "$" else MANY) + match["name"]

    return TOKEN.sub(encode, text)


def one_name(node: object) -> str | None:
    """Give `x` where the node is the metavariable `$x`."""
    return _metavariable(node, ONE)


def many_name(node: object) -> str | None:
    """Give `x` where the node is the metavariable `$$x`, as an argument, element or statement."""
    if isinstance(node, ast.Expr):
        node = node.value
    if isinstance(node, ast.Starred):
        node = node.value
    return _metavariable(node, MANY)


def _metavariable(node: object, prefix: str) -> str | None:
    if isinstance(node, ast.Name) and node.id.startswith(prefix):
        return node.id[len(prefix) :]
    return None


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
    def parse(cls, text: str, *, statements: bool = False) -> Pattern:
        """Read a pattern.

        Args:
            text: one expression, or one or more statements, indented as one block.
            statements: read a lone expression as an expression statement.

        Raises:
            PatternError: the text is empty, or not Python.
        """
        encoded = encode_metavariables(dedent(text))
        try:
            body = ast.parse(encoded).body
        except SyntaxError as error:
            raise PatternError(f"not Python: {error.msg} in pattern {text!r}") from error
        if not body:
            raise PatternError(f"a pattern must not be empty: {text!r}")
        only = body[0] if len(body) == 1 else None
        if isinstance(only, ast.Expr) and not statements:
            return cls(text, (only.value,), is_expression=True)
        return cls(text, tuple(body), is_expression=False)

    @property
    def names(self) -> frozenset[str]:
        """The metavariables that a match of this pattern binds."""
        found = (one_name(node) or many_name(node) for top in self.nodes for node in ast.walk(top))
        return frozenset(name for name in found if name)

    def matches(self, scope: ast.AST) -> list[Match]:
        """Find every match in the subtree of a scope, in the order of the source."""
        found = self._expressions(scope) if self.is_expression else self._windows(scope)
        return sorted(found, key=lambda match: _position(match.nodes[0]))

    def _expressions(self, scope: ast.AST) -> Iterator[Match]:
        wanted = self.nodes[0]
        for node in walk_addressable(scope):
            if isinstance(node, ast.expr):
                bindings = unify(wanted, node, {})
                if bindings is not None:
                    yield Match((node,), bindings)

    def _windows(self, scope: ast.AST) -> Iterator[Match]:
        for node in walk_addressable(scope):
            # `blocks` of the statement around them gives the bodies of these two.
            if not isinstance(node, (ast.excepthandler, ast.match_case)):
                for block in blocks(node):
                    for start in range(len(block)):
                        yield from self._window_at(block, start)

    def _window_at(self, block: list[ast.stmt], start: int) -> Iterator[Match]:
        open_ended = any(many_name(node) for node in self.nodes)
        lengths = range(len(block) - start, 0, -1) if open_ended else (len(self.nodes),)
        for length in lengths:
            window = block[start : start + length]
            if len(window) == length:
                bindings = _unify_lists(self.nodes, window, {})
                if bindings is not None:
                    yield Match(tuple(window), bindings)
                    return


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


def unify(pattern: object, node: object, bindings: Mapping[str, Bound]) -> Bindings | None:
    """Fit a pattern's node on a source node.

    Returns:
        The bindings extended by this fit, or None where it does not fit.
    """
    name = one_name(pattern)
    if name is not None:
        return _bind(name, node, bindings) if isinstance(node, ast.expr) else None
    if isinstance(pattern, ast.AST):
        return _unify_nodes(pattern, node, bindings) if type(node) is type(pattern) else None
    if isinstance(pattern, list):
        return _unify_lists(pattern, node, bindings) if isinstance(node, list) else None
    same = type(pattern) is type(node) and pattern == node
    return dict(bindings) if same else None


def _unify_nodes(pattern: ast.AST, node: object, bindings: Mapping[str, Bound]) -> Bindings | None:
    current: Bindings | None = dict(bindings)
    for name in pattern._fields:
        if name in _IGNORED_FIELDS:
            continue
        wanted, there = getattr(pattern, name, None), getattr(node, name, None)
        if name == "keywords" and isinstance(wanted, list) and isinstance(there, list):
            wanted, there = _pair_keywords(wanted, there)
        current = unify(wanted, there, current or {})
        if current is None:
            return None
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        return _drop_hidden_keywords(pattern, node, current)
    return current


def _pair_keywords(
    wanted: list[ast.keyword], there: list[ast.keyword]
) -> tuple[list[ast.keyword], list[ast.keyword]]:
    """Bring keyword arguments into one order; what a `$$x` argument takes is left out."""

    def key(keyword: ast.keyword) -> str:
        return keyword.arg or ""

    named = {keyword.arg for keyword in wanted}
    listed = [keyword for keyword in there if keyword.arg in named]
    kept = listed if len(listed) == len(wanted) else there
    return sorted(wanted, key=key), sorted(kept, key=key)


def _drop_hidden_keywords(
    pattern: ast.Call, node: ast.Call, bindings: Bindings | None
) -> Bindings | None:
    """Let a trailing `$$x` argument take the keyword arguments that the pattern does not name."""
    named = {keyword.arg for keyword in pattern.keywords}
    rest: list[ast.AST] = [keyword for keyword in node.keywords if keyword.arg not in named]
    if not rest or bindings is None:
        return bindings
    takers = [many_name(argument) for argument in pattern.args]
    if not takers or takers[-1] is None:
        return None
    taken = bindings[takers[-1]]
    extended = dict(bindings)
    extended[takers[-1]] = [*(taken if isinstance(taken, list) else [taken]), *rest]
    return extended


def _unify_lists(
    pattern: Sequence[object], nodes: Sequence[object], bindings: Mapping[str, Bound]
) -> Bindings | None:
    if not pattern:
        return dict(bindings) if not nodes else None
    name = many_name(pattern[0])
    if name is None:
        if not nodes:
            return None
        head = unify(pattern[0], nodes[0], bindings)
        return None if head is None else _unify_lists(pattern[1:], nodes[1:], head)
    for length in range(len(nodes), -1, -1):
        taken = [node for node in nodes[:length] if isinstance(node, ast.AST)]
        head = _bind(name, taken, bindings)
        tail = None if head is None else _unify_lists(pattern[1:], nodes[length:], head)
        if tail is not None:
            return tail
    return None


def _bind(name: str, value: Bound, bindings: Mapping[str, Bound]) -> Bindings | None:
    known = bindings.get(name)
    if known is not None and not equal(known, value):
        return None
    return {**bindings, name: value}


def equal(left: object, right: object) -> bool:
    """Tell whether two pieces of syntax are the same code."""
    if isinstance(left, ast.AST):
        return unify(left, right, {}) is not None
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right
