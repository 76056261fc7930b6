"""The parameters of a function of the plugin, with the annotations that vLLM's module can read."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Kind, parameters
from transforms.engine.syntax.indentation import flush_left
from transforms.importers.monkeypatch.translation.uses import uses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.syntax.definition import Function
    from transforms.engine.syntax.source import Source
    from transforms.importers.monkeypatch.translation.needs import Supplier

_NEVER = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """The annotations of a function's header.

    An annotation says nothing to the program, so that none is worth an import: what the module of
    vLLM has no name for is upstream's own annotation of the same parameter, or none.

    Attributes:
        node: the function of the plugin.
        source: its file.
        supplier: knows the names of the module of vLLM.
        line: the line of the statement of vLLM's module that it will be part of.
        upstream: the function whose place it takes.
    """

    node: Function | ast.Lambda
    source: Source
    supplier: Supplier
    line: int
    upstream: Function | None = None

    def parameters(self, defaults: Mapping[ast.expr, str]) -> list[str]:
        """Write all parameters, the bare `*` and `/` among them.

        Args:
            defaults: how each default is written.
        """
        given = parameters(self.node)
        written: list[str] = []
        starred = False
        for number, item in enumerate(given):
            stars = {Kind.VAR_POSITIONAL: "*", Kind.VAR_KEYWORD: "**"}.get(item.kind, "")
            if item.kind is Kind.KEYWORD_ONLY and not starred:
                written.append("*")
            starred = starred or item.kind in {Kind.KEYWORD_ONLY, Kind.VAR_POSITIONAL}
            annotation = self._annotation(item.node.annotation, item.name)
            text = f"{stars}{item.name}{f': {annotation}' if annotation else ''}"
            if item.default is not None:
                equals = " = " if annotation else "="
                text += f"{equals}{defaults[item.default]}"
            written.append(text)
            following = given[number + 1].kind if number + 1 < len(given) else None
            if item.kind is Kind.POSITIONAL_ONLY and following is not Kind.POSITIONAL_ONLY:
                written.append("/")
        return written

    def returns(self) -> str:
        """Write what the function is annotated to return; empty for nothing."""
        theirs = self.upstream.returns if self.upstream is not None else None
        return self._chosen(getattr(self.node, "returns", None), theirs)

    def _annotation(self, annotation: ast.expr | None, name: str) -> str:
        theirs = None
        if self.upstream is not None:
            theirs = next(
                (item.node.annotation for item in parameters(self.upstream) if item.name == name),
                None,
            )
        return self._chosen(annotation, theirs)

    def _chosen(self, ours: ast.expr | None, theirs: ast.expr | None) -> str:
        there = self.supplier.setting.source(self.supplier.into)
        if ours is None or (theirs is not None and canonical(ours) == canonical(theirs)):
            return flush_left(there.span(theirs), there) if theirs is not None else ""
        if self.resolves(ours):
            return flush_left(self.source.span(ours), self.source)
        return flush_left(there.span(theirs), there) if theirs is not None else ""

    def resolves(self, annotation: ast.expr) -> bool:
        """Tell whether the module of vLLM has all names of an annotation."""
        for inner in ast.walk(annotation):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                return False
        supplier = self.supplier
        line = _NEVER if self._is_lazy else self.line
        return all(supplier.need(use.name).is_there(supplier, line) for use in uses([annotation]))

    @property
    def _is_lazy(self) -> bool:
        """Whether the module's annotations are never evaluated (PEP 563)."""
        module = self.supplier.setting.source(self.supplier.into).module
        return any(
            isinstance(item, ast.ImportFrom) and item.module == "__future__"
            for item in module.body
            if any(alias.name == "annotations" for alias in getattr(item, "names", ()))
        )
