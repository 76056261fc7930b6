"""The body of a function of the plugin, with some places of it written otherwise."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.patterns.pattern import dedent
from transforms.engine.syntax.definition import docstring, header_end
from transforms.engine.syntax.indentation import flush_left
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.translation.standing import bound_names
from transforms.importers.monkeypatch.translation.uses import annotations_of, uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transforms.engine.syntax.definition import Function
    from transforms.engine.syntax.source import Source
    from transforms.importers.monkeypatch.translation.needs import Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The body of a function.

    Attributes:
        node: the function.
        source: the plugin's file.
        supplier: knows the names of the module of vLLM.
    """

    node: Function | ast.Lambda
    source: Source
    supplier: Supplier

    def text(self, changes: Iterable[tuple[Span, str]]) -> tuple[str, str]:
        """Give the body flush left, and the docstring.

        Args:
            changes: what is written in some places of it.
        """
        source, node = self.source, self.node
        if isinstance(node, ast.Lambda):
            span = source.span(node.body)
            return f"return {_changed(source, span, changes)}", ""
        changes = [*changes, *self._unreadable()]
        said = docstring(node)
        body = [item for item in node.body if item is not said]
        text = flush_left(source.span(said), source) if said is not None else ""
        if not body:
            return "", text
        start = source.span(said).end if said is not None else header_end(node, source)
        first = source.statement_span(body[0]).start
        # Comments above the first statement belong to it.
        line = source.line_of(start)
        start = source.line_start(line + 1) if source.line_of(first) > line else first
        end = _with_comment(source, source.span(body[-1]).end)
        return dedent(_changed(source, Span(start, end), changes)), text

    def _unreadable(self) -> Iterator[tuple[Span, str]]:
        """Take away annotations whose names the module of vLLM does not have."""
        for item in ast.walk(self.node):
            if isinstance(item, ast.AnnAssign) and not self._resolves(item.annotation):
                if item.value is None:
                    yield self.source.span(item), "pass"
                else:
                    start = self.source.span(item.target).end
                    yield Span(start, self.source.span(item.annotation).end), ""
            elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if item is self.node:
                    continue
                for annotation in annotations_of(item):
                    if not self._resolves(annotation):
                        yield self._without(annotation, item), ""

    def _without(self, annotation: ast.expr, function: Function) -> Span:
        data, at = self.source.data, self.source.span(annotation)
        mark = b"->" if annotation is function.returns else b":"
        start = data.rindex(mark, 0, at.start)
        while data[start - 1 : start] == b" ":
            start -= 1
        return Span(start, at.end)

    def _resolves(self, annotation: ast.expr) -> bool:
        if any(isinstance(getattr(item, "value", None), str) for item in ast.walk(annotation)):
            return False
        local = bound_names(self.node)
        return all(
            use.name in local or self.supplier.need(use.name).is_nothing
            for use in uses([annotation])
        )


def _with_comment(source: Source, end: int) -> int:
    """Take the rest of a statement's line along."""
    line_end = source.line_start(source.line_of(end) + 1)
    rest = source.data[end:line_end]
    return end + len(rest.rstrip()) if rest.lstrip().startswith(b"#") else end


def _changed(source: Source, span: Span, changes: Iterable[tuple[Span, str]]) -> str:
    """Give a part of a file with changes made; one inside of another is part of that one's text."""
    pieces: list[bytes] = []
    done = span.start
    for where, text in sorted(changes):
        if span.start <= where.start and where.end <= span.end and where.start >= done:
            pieces += [source.data[done : where.start], text.encode()]
            done = where.end
    whole = b"".join([*pieces, source.data[done : span.end]]).decode()
    return whole.replace("\r\n", "\n").replace("\r", "\n")
