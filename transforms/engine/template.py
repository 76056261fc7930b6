"""Replacements: Python with metavariables, written out with the very text that they bound.

What a metavariable bound keeps its own formatting and comments; what the author wrote keeps the
author's. Both are moved to the indentation of the place where they go.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from transforms.engine.bound_text import forms, join
from transforms.engine.metavariables import TOKEN, PatternError, many_name, one_name
from transforms.engine.pattern import Pattern, dedent
from transforms.engine.source import SourceError, parse
from transforms.engine.unify import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.engine.source import Source
    from transforms.engine.unify import Bindings


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
        pattern = Pattern.parse(text, statements=statements, written=True)
        unbound = sorted(pattern.names - bound)
        if unbound:
            known = ", ".join(f"${name}" for name in sorted(bound)) or "none"
            raise PatternError(
                f"${unbound[0]} is used in {text!r} but never bound (bound: {known})"
            )
        return cls(pattern)

    def expression(self, bindings: Bindings, source: Source, node: ast.expr) -> str:
        """Write the replacement of an expression, flush left.

        Args:
            bindings: what the pattern bound.
            source: the file that it was bound in.
            node: what it matched.

        Raises:
            SourceError: no way of writing it parses to what was meant.
        """
        meant = substitute(self.pattern.nodes[0], bindings)
        return self._write(
            bindings, source, node, lambda text: equal(parsed_expression(text), meant)
        )

    def statements(self, bindings: Bindings, source: Source, first: ast.stmt) -> str:
        """Write replacement statements, flush left; `first` is the first that was matched."""
        meant = substitute_all(self.pattern.nodes, bindings)
        return self._write(
            bindings, source, first, lambda text: equal(parsed_statements(text), meant)
        )

    def _write(
        self,
        bindings: Bindings,
        source: Source,
        first: ast.expr | ast.stmt,
        fits: Callable[[str], bool],
    ) -> str:
        """Take for each metavariable the plainest form of its text that means the same there."""
        text = dedent(self.pattern.text)
        tokens = [token for token in TOKEN.finditer(text) if token["name"]]
        since = source.span(first).start
        choices = [forms(bindings[token["name"]], source, since) for token in tokens]

        def written(chosen: Sequence[int]) -> str:
            pieces = [choice[number] for choice, number in zip(choices, chosen, strict=True)]
            return join(text, tokens, pieces)

        plainest = written([0] * len(tokens))
        if fits(plainest):
            return plainest
        chosen = [len(choice) - 1 for choice in choices]
        for index, choice in enumerate(choices):
            tries = [
                [*chosen[:index], number, *chosen[index + 1 :]] for number in range(len(choice))
            ]
            chosen = next((each for each in tries if fits(written(each))), chosen)
        if not fits(written(chosen)):
            reason = f"{self.pattern.text!r} cannot be written around what it binds: {plainest!r}"
            raise SourceError(source.path, reason, first.lineno)
        return written(chosen)


def substitute(node: ast.AST, bindings: Bindings) -> ast.AST:
    """Put what was bound into a pattern's syntax: what the written text must parse to."""
    return cast("ast.AST", _Fill(bindings).visit(copy.deepcopy(node)))


def substitute_all(nodes: Sequence[ast.AST], bindings: Bindings) -> list[ast.AST]:
    """Put what was bound into the statements of a pattern."""
    block = ast.Module([node for node in nodes if isinstance(node, ast.stmt)], [])
    return [*cast("ast.Module", substitute(block, bindings)).body]


class _Fill(ast.NodeTransformer):
    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings

    def visit(self, node: ast.AST) -> ast.AST | list[ast.AST]:
        many = many_name(node)
        if many is not None:
            bound = self._bindings[many]
            return list(bound) if isinstance(bound, list) else bound
        one = one_name(node)
        if one is not None:
            return cast("ast.AST", self._bindings[one])
        filled = self.generic_visit(node)
        if isinstance(filled, ast.Call):
            filled.args, filled.keywords = _sorted_out(filled.args, filled.keywords)
        elif isinstance(filled, ast.ClassDef):
            filled.bases, filled.keywords = _sorted_out(filled.bases, filled.keywords)
        if getattr(filled, "body", None) == [] and not isinstance(filled, ast.Module):
            filled.body = [ast.Pass()]  # type: ignore[attr-defined]
        return filled


def _sorted_out(
    arguments: Sequence[ast.AST], keywords: Sequence[ast.keyword]
) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Move keywords that a `$$x` bound from the arguments to where the parser puts them."""
    moved = [item for item in arguments if isinstance(item, ast.keyword)]
    return [item for item in arguments if isinstance(item, ast.expr)], [*moved, *keywords]


def parsed_expression(text: str) -> ast.AST | None:
    """Parse an expression as if it stood in parentheses; None where it is none."""
    try:
        body = parse(f"(\n{text}\n)").body
    except (SyntaxError, ValueError):
        return None
    only = body[0] if len(body) == 1 else None
    return only.value if isinstance(only, ast.Expr) else None


def parsed_statements(text: str) -> list[ast.stmt] | None:
    """Parse statements; None where they are none."""
    try:
        return parse(text).body
    except (SyntaxError, ValueError):
        return None
