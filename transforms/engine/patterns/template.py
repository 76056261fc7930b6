"""Replacements: Python with metavariables, written out with the very text that they bound.

What a metavariable bound keeps its own formatting and comments; what the author wrote keeps the
author's. Both are moved to the indentation of the place where they go.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from transforms.engine.patterns.bound_text import decorators_forms, forms, join
from transforms.engine.patterns.metavariables import (
    TOKEN,
    PatternError,
    kinds_of_many,
    many_name,
    one_name,
)
from transforms.engine.patterns.parts import Slot, arguments, items, name_text, slots
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.reading import dedent, parsed_decorators, parsed_header
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.parsed import parsed_expression, parsed_statements
from transforms.engine.syntax.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transforms.engine.patterns.unify import Bindings
    from transforms.engine.syntax.source import Source


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

    def header(self, bindings: Bindings, source: Source, node: ast.stmt | ast.ExceptHandler) -> str:
        """Write a header without its body, flush left; `node` is the statement that has it."""
        meant = substitute(self.pattern.nodes[0], bindings)
        return self._write(bindings, source, node, lambda text: equal(parsed_header(text), meant))

    def decorators(self, bindings: Bindings, source: Source, first: ast.expr) -> str:
        """Write decorators, one to a line; `first` is the first that was matched."""
        block = ast.Tuple([node for node in self.pattern.nodes if isinstance(node, ast.expr)])
        meant = cast("ast.Tuple", substitute(block, bindings)).elts
        return self._write(
            bindings, source, first, lambda text: equal(parsed_decorators(text), meant)
        )

    def _write(
        self,
        bindings: Bindings,
        source: Source,
        first: ast.expr | ast.stmt | ast.ExceptHandler,
        fits: Callable[[str], bool],
    ) -> str:
        """Take for each metavariable the plainest form of its text that means the same there."""
        text = dedent(self.pattern.text)
        tokens = [token for token in TOKEN.finditer(text) if token["name"]]
        since = source.offset(first.lineno, first.col_offset)
        choices = [
            decorators_forms(bindings[token["name"]], source)
            if token["sigil"] == "$$" and text.endswith("@", 0, token.start())
            else forms(bindings[token["name"]], source, since)
            for token in tokens
        ]

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


def check_replacement(find: Pattern, replacement: Pattern) -> None:
    """Refuse a replacement that can never take the place of what is found.

    Raises:
        PatternError: one is a header or decorators and the other is not, only one is an `except`,
            or a `$$x` binds one kind of things and is used as another.
    """
    if (find.is_header, find.is_decorator) != (replacement.is_header, replacement.is_decorator):
        raise PatternError(
            f"{find.kind} cannot become {replacement.kind}: "
            f"{find.text!r} is replaced by {replacement.text!r}"
        )
    clauses = [
        isinstance(getattr(each.nodes[0], "statement", None), ast.ExceptHandler)
        for each in (find, replacement)
    ]
    if clauses[0] != clauses[1]:
        raise PatternError(
            f"only an `except` can take the place of one: "
            f"{find.text!r} is replaced by {replacement.text!r}"
        )
    bound = kinds_of_many(find.nodes, find.text)
    for name, kind in kinds_of_many(replacement.nodes, replacement.text).items():
        if bound.get(name, kind) != kind:
            raise PatternError(
                f"$${name} binds {bound[name]} in {find.text!r}, "
                f"and {replacement.text!r} uses it as {kind}"
            )


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
        if isinstance(node, ast.arguments):
            return self._parameters(node)
        if isinstance(node, ast.Dict):
            pairs = self.visit_all(items(node))
            node.keys = [getattr(pair, "key", None) for pair in pairs]
            node.values = [getattr(pair, "value", cast("ast.expr", pair)) for pair in pairs]
            return node
        filled = self.generic_visit(node)
        self._fill_names(filled)
        if isinstance(filled, ast.Call):
            filled.args, filled.keywords = _sorted_out(filled.args, filled.keywords)
        elif isinstance(filled, ast.ClassDef):
            filled.bases, filled.keywords = _sorted_out(filled.bases, filled.keywords)
        if getattr(filled, "body", None) == [] and not isinstance(filled, ast.Module):
            filled.body = [ast.Pass()]  # type: ignore[attr-defined]
        return filled

    def visit_all(self, nodes: Sequence[ast.AST]) -> list[ast.AST]:
        """Fill each node; a `$$x` among them becomes all that it bound."""
        filled: list[ast.AST] = []
        for node in nodes:
            there = self.visit(node)
            filled += there if isinstance(there, list) else [there]
        return filled

    def _parameters(self, node: ast.arguments) -> ast.AST:
        filled = [item for item in self.visit_all(slots(node)) if isinstance(item, Slot)]
        try:
            return arguments(filled)
        except ValueError:
            # No text parses to this, so that it cannot be written either.
            return ast.Tuple([*filled])  # type: ignore[list-item]

    def _fill_names(self, node: ast.AST) -> None:
        """Write names where they are no expressions; what is none stays, so that nothing fits."""
        if isinstance(node, ast.Constant):
            return
        for field, value in ast.iter_fields(node):
            if isinstance(value, str):
                setattr(node, field, self._name(value))
            elif isinstance(value, list):
                value[:] = [self._name(item) if isinstance(item, str) else item for item in value]

    def _name(self, text: str) -> str:
        name = one_name(text)
        return text if name is None else name_text(self._bindings[name]) or text


def _sorted_out(
    arguments: Sequence[ast.AST], keywords: Sequence[ast.keyword]
) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Move keywords that a `$$x` bound from the arguments to where the parser puts them."""
    moved = [item for item in arguments if isinstance(item, ast.keyword)]
    return [item for item in arguments if isinstance(item, ast.expr)], [*moved, *keywords]
