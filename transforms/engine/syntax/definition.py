"""The parts of a `def` or `class` that `ast` gives no positions for: name, parameters, header."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

from transforms.engine.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from transforms.engine.syntax.alternatives import Definition
    from transforms.engine.syntax.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
_GAP = rb"(?:[ \t\f]|\\\r?\n)"
_KEYWORDS = re.compile(rb"(?:async%b+)?(?:def|class)%b+" % (_GAP, _GAP))
_IDENTIFIER = re.compile(rb"[\w\x80-\xff]+")
# What can stand between two pieces of a header: never a string.
_FILLER = re.compile(rb"(?:[^#:*/]|#[^\r\n]*)*")
_COMMENT = re.compile(rb"#[^\r\n]*")


class Kind(str, Enum):
    """How a parameter takes its argument, as `inspect.Parameter.kind` says it."""

    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional or keyword"
    VAR_POSITIONAL = "*"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "**"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        node: its name and annotation.
        kind: how it takes its argument.
        default: the default's expression; None where it has none.
    """

    node: ast.arg
    kind: Kind
    default: ast.expr | None

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.node.arg

    def span(self, source: Source) -> Span:
        """Give its bytes: stars, name, annotation and default."""
        start, end = source.span(self.node)
        stars = {Kind.VAR_POSITIONAL: b"*", Kind.VAR_KEYWORD: b"**"}.get(self.kind)
        if stars:
            start = source.data.rindex(stars, 0, start)
        if self.default is not None:
            end = after_parentheses(self.default, end, source)
        return Span(start, end)


def parameters(function: Function | ast.Lambda) -> list[Parameter]:
    """Give a function's parameters in the order of the source."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    defaults += given.defaults
    found = [
        Parameter(
            node,
            Kind.POSITIONAL_ONLY if number < len(given.posonlyargs) else Kind.POSITIONAL_OR_KEYWORD,
            default,
        )
        for number, (node, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    if given.vararg:
        found.append(Parameter(given.vararg, Kind.VAR_POSITIONAL, None))
    found += [
        Parameter(node, Kind.KEYWORD_ONLY, default)
        for node, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg:
        found.append(Parameter(given.kwarg, Kind.VAR_KEYWORD, None))
    return found


def name_span(node: Definition, source: Source) -> Span:
    """Give the bytes of a definition's name."""
    start = source.span(node).start
    keywords = _KEYWORDS.match(source.data, start)
    name = _IDENTIFIER.match(source.data, keywords.end()) if keywords else None
    if name is None:
        raise ValueError(f"{source.path}:{node.lineno}: no name behind `def` or `class`")
    return Span(*name.span())


def header_end(node: Definition, source: Source) -> int:
    """Give the offset behind the colon that ends a definition's header."""
    last = max((span.end for span in _header_parts(node, source)), default=0)
    at = max(last, name_span(node, source).end)
    while True:
        filler = _FILLER.match(source.data, at)
        at = filler.end() if filler else at
        if source.data[at : at + 1] == b":":
            return at + 1
        # A bare `*` or `/` behind the last parameter.
        at += 1


def _header_parts(node: Definition, source: Source) -> Iterator[Span]:
    if isinstance(node, ast.ClassDef):
        yield from map(source.span, node.bases)
        yield from map(source.span, node.keywords)
    else:
        for parameter in parameters(node):
            yield parameter.span(source)
        if node.returns:
            yield source.span(node.returns)
    # A field since Python 3.12 (PEP 695).
    for item in getattr(node, "type_params", ()):
        yield source.span(cast("ast.expr", item))


def docstring(node: ast.AST) -> ast.Expr | None:
    """Give the statement that is a module's, class's or function's docstring."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    return first if is_text(first) else None


def is_text(node: ast.AST | None) -> TypeGuard[ast.Expr]:
    """Tell whether a statement is a string and nothing else."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def after_parentheses(node: ast.expr, since: int, source: Source) -> int:
    """Give the end of an expression, the parentheses around it included.

    Args:
        node: the expression.
        since: where code begins that belongs to the same item, e.g. the end of a parameter's name.
        source: the file.
    """
    start, end = source.span(node)
    opened = _COMMENT.sub(b"", source.data[since:start]).count(b"(")
    for _ in range(opened):
        end = _closing(source.data, end)
    return end


def _closing(data: bytes, at: int) -> int:
    """Give the offset behind the next closing parenthesis, comments left out."""
    while data[at : at + 1] != b")":
        at = data.index(b"\n", at) if data[at : at + 1] == b"#" else at + 1
    return at + 1
