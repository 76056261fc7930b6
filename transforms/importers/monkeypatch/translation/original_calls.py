"""Where a wrapper of the plugin calls the original, as `WrapFunction` writes it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function, Kind, parameters
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.translation.uses import body_uses

if TYPE_CHECKING:
    from transforms.engine.syntax.definition import Parameter
    from transforms.engine.syntax.source import Source

_OPEN = [Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD]
_PLAIN = {Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD}


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalCalls:
    """What of a wrapper's text becomes `$call` or `$original`.

    Attributes:
        changes: the texts, by their places in the plugin's file.
        names: the names of the original that are dealt with.
        passes_all: the wrapper hands on whatever it is given, so that upstream's header will do.
    """

    changes: tuple[tuple[Span, str], ...]
    names: frozenset[str]
    passes_all: bool


def original_calls(
    own: Function, names: frozenset[str], source: Source, upstream: Function, *, is_member: bool
) -> OriginalCalls | None:
    """Find where a wrapper uses the original; None where it does what no wrapper can.

    Args:
        own: the wrapper.
        names: how it names the original; ``self.name`` for one that is kept as an attribute.
        source: the plugin's file.
        upstream: the original.
        is_member: it is a method, so that the first argument of a call is what it is called on.
    """
    return _Reading(own, names, source, upstream, is_member).result()


@dataclass(frozen=True, slots=True)
class _Reading:
    own: Function
    names: frozenset[str]
    source: Source
    upstream: Function
    is_member: bool

    def result(self) -> OriginalCalls | None:
        above = {
            id(child): item for item in ast.walk(self.own) for child in ast.iter_child_nodes(item)
        }
        changes: list[tuple[Span, str]] = []
        whole = 0
        for node, is_bound in self._places():
            if node is None:
                return None
            call = above.get(id(node))
            if isinstance(call, ast.Call) and call.func is node:
                written = self._call(call, is_bound=is_bound)
            else:
                written = self._reference(node, call, is_bound=is_bound)
            if written is None:
                return None
            changes.append(written)
            whole += written[1] == "$call"
        passes = bool(whole) and whole == len(changes) and self._only_passed(whole)
        used = frozenset(name for name in self.names if not name.startswith("self."))
        return OriginalCalls(changes=tuple(changes), names=used, passes_all=passes)

    def _places(self) -> list[tuple[ast.expr | None, bool]]:
        """Give all uses of the original, and whether each is bound to an object.

        None stands for one that cannot be written otherwise.
        """
        found: list[tuple[ast.expr | None, bool]] = []
        for use in body_uses(self.own):
            if use.name in self.names and not use.is_annotation:
                is_name = isinstance(use.node, ast.Name) and not use.is_in_f_string
                found.append((use.node if is_name else None, False))  # type: ignore[arg-type]
        for item in ast.walk(self.own):
            if isinstance(item, ast.Attribute) and f"self.{item.attr}" in self.names:
                is_own = isinstance(item.value, ast.Name) and item.value.id == self._receiver
                found.append((item if is_own else None, True))
        return found

    @property
    def _given(self) -> list[Parameter]:
        return parameters(self.own)

    @property
    def _receiver(self) -> str:
        first = self._given[:1]
        return first[0].name if self.is_member and first and first[0].kind in _PLAIN else ""

    @property
    def _is_open(self) -> bool:
        """Whether it takes anything behind some first parameters, which are upstream's own."""
        given = self._given
        if [item.kind for item in given[-2:]] != _OPEN:
            return False
        theirs = parameters(self.upstream)
        return len(theirs) >= len(given) - 2 and all(
            mine.name == other.name
            and mine.kind in _PLAIN
            and other.kind in _PLAIN
            and canonical(mine.default) == canonical(other.default)
            for mine, other in zip(given[:-2], theirs, strict=False)
        )

    def _call(self, call: ast.Call, *, is_bound: bool) -> tuple[Span, str] | None:
        if self._is_open and self._passes(call, is_bound=is_bound):
            return self.source.span(call), "$call"
        span = self.source.span(call.func)
        if not self.is_member or is_bound:
            return span, "$original"
        if not call.args or getattr(call.args[0], "id", "") != self._receiver:
            return None
        at = self.source.span(call.args[0]).end
        data = self.source.data
        while data[at : at + 1].isspace() or data[at : at + 1] == b",":
            at += 1
        return Span(span.start, at), "$original("

    def _reference(
        self, node: ast.expr, around: ast.AST | None, *, is_bound: bool
    ) -> tuple[Span, str] | None:
        """Write the original where it is not called: a method can only be asked whether it is."""
        asks = (
            isinstance(around, ast.Compare)
            and all(isinstance(item, (ast.Is, ast.IsNot)) for item in around.ops)
            and all(getattr(item, "value", 0) is None for item in around.comparators)
        )
        if not self.is_member or is_bound or asks:
            return self.source.span(node), "$original"
        return None

    def _passes(self, call: ast.Call, *, is_bound: bool) -> bool:
        """Tell whether a call hands on all that the wrapper was given, in its order."""
        *named, positional, keywords = self._given
        wanted = [item.name for item in (named[1:] if is_bound else named)]
        *plain, stars = call.args or [ast.Constant(None)]
        return (
            [getattr(item, "id", "") for item in plain] == wanted
            and isinstance(stars, ast.Starred)
            and getattr(stars.value, "id", "") == positional.name
            and len(call.keywords) == 1
            and call.keywords[0].arg is None
            and getattr(call.keywords[0].value, "id", "") == keywords.name
        )

    def _only_passed(self, calls: int) -> bool:
        """Tell whether what it takes besides is used in those calls only."""
        rest = [item.name for item in self._given[-2:]]
        used = [
            item for item in ast.walk(self.own) if isinstance(item, ast.Name) and item.id in rest
        ]
        return len(used) == calls * len(rest)
