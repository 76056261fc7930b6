"""Changed headers of functions and classes, and the scope that their bodies are."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from transforms.edits import DropArgument
from transforms.engine.syntax.alternatives import ACCESSORS, Definition, alternatives, narrowed
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function, Kind, header_end, parameters
from transforms.engine.syntax.source import Span
from transforms.importers.expressions import change_of, explain
from transforms.importers.pieces import flush_left, with_holes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.definition import Parameter
    from transforms.engine.syntax.source import Source
    from transforms.importers.alignment import Pair
    from transforms.importers.proof import Change, Files

Scope = tuple[ast.AST, ast.AST, str]


def inner_scope(files: Files, scope: Scope, before: Definition, after: Definition) -> Scope:
    """Give the scope of a definition's body: its own, if its name says which one it is."""
    outer, outer_after, inside = scope
    if before.name != after.name:
        return scope
    found = alternatives(outer, before.name, files.before)
    found_after = alternatives(outer_after, before.name, files.after)
    for accessor in ("", *ACCESSORS):
        meant = [item.node for item in narrowed(found, accessor)]
        meant_after = [item.node for item in narrowed(found_after, accessor)]
        if meant == [before] and meant_after == [after]:
            name = f"{before.name}.{accessor}" if accessor else before.name
            return before, after, f"{inside}.{name}"
    return scope


def explain_head(files: Files, scope: Scope, pair: Pair) -> tuple[list[Edit], list[Change]] | None:
    """Find the edits for all that stands before the body of a definition."""
    before, after = pair.before, pair.after
    if not isinstance(before, Definition) or not isinstance(after, Definition):
        raise TypeError(f"line {before.lineno}: only a definition has a header of this kind")
    own = inner_scope(files, scope, before, after)
    found = explain(files, own[2], before, after)
    if found is not None:
        return found
    change = change_of(files, before, after)
    for name in _lost(before, after):
        edit = files.accepts(partial(DropArgument, inside=own[2], argument=name), change)
        if edit is not None:
            return [edit], [change]
    for find, replace in _headers(files, before, after):
        edit = files.replaces(scope[2], find, replace, change)
        if edit is not None:
            return [edit], [change]
    return None


def _lost(before: Definition, after: Definition) -> list[str]:
    """Give the one parameter that a function has no more."""
    if not isinstance(before, Function) or not isinstance(after, Function):
        return []
    kept = {item.name for item in parameters(after)}
    lost = [item.name for item in parameters(before) if item.name not in kept]
    return lost if len(lost) == 1 else []


def _headers(files: Files, before: Definition, after: Definition) -> Iterator[tuple[str, str]]:
    """Give pairs of a header and what it becomes, those that leave most open first."""
    if isinstance(before, Function) and isinstance(after, Function):
        yield from _runs(files, before, after)
    yield _with_any_body(before, files.before), _with_any_body(after, files.after)


def _runs(files: Files, before: Function, after: Function) -> Iterator[tuple[str, str]]:
    """Leave open all parameters but those that changed."""
    ours, theirs = parameters(before), parameters(after)
    matcher = SequenceMatcher(None, [*map(_key, ours)], [*map(_key, theirs)], autojunk=False)
    codes = matcher.get_opcodes()
    same = canonical(before.returns) == canonical(after.returns)
    changed = any(code[0] != "equal" for code in codes)
    if before.name != after.name or (same and not changed):
        return
    sides: tuple[list[str], list[str]] = ([], [])
    both = _Side(ours, files.before), _Side(theirs, files.after)
    for number, (kind, *ends) in enumerate(codes):
        for parts, side, start, end in zip(sides, both, ends[::2], ends[1::2], strict=True):
            if kind != "equal":
                parts.extend(side.text(place, "") for place in range(start, end))
                continue
            # Of an insertion, those on both sides say where it goes: by their names alone.
            lead = min(end - start, _is_insertion(codes, number - 1))
            tail = min(end - start - lead, _is_insertion(codes, number + 1))
            parts.extend([side.text(start, f"lead{number}")] * lead)
            parts.extend([f"$$kept{number}"] if lead + tail < end - start else [])
            parts.extend([side.text(end - 1, f"tail{number}")] * tail)
    word = "async def" if isinstance(before, ast.AsyncFunctionDef) else "def"
    results = [
        "$result" if same else flush_left(source.span(node.returns), source)
        for node, source in ((before, files.before), (after, files.after))
        if node.returns
    ]
    if len(results) == 1:
        return
    behind = [f" -> {result}:" for result in results] or [":", ":"]
    heads = [f"{word} {before.name}({', '.join(parts)})" for parts in sides]
    yield f"{heads[0]}{behind[0]}", f"{heads[1]}{behind[1]}"


def _is_insertion(codes: Sequence[tuple[str, int, int, int, int]], number: int) -> bool:
    return 0 <= number < len(codes) and codes[number][0] == "insert"


class _Side(NamedTuple):
    """The parameters of one version of a function."""

    items: Sequence[Parameter]
    source: Source

    def text(self, place: int, name: str) -> str:
        """Give a parameter, with a bare `*` that it needs; by its name alone if one is given."""
        item = self.items[place]
        holes = [
            (self.source.span(node), f"${kind}_{name}")
            for kind, node in (("type", item.node.annotation), ("default", item.default))
            if node is not None and name
        ]
        text = with_holes(item.span(self.source), self.source, holes)
        before = self.items[place - 1].kind if place else Kind.POSITIONAL_OR_KEYWORD
        keywords = {Kind.KEYWORD_ONLY, Kind.VAR_POSITIONAL}
        is_first = item.kind is Kind.KEYWORD_ONLY and before not in keywords
        return f"*, {text}" if is_first else text


def _key(item: Parameter) -> str:
    return f"{item.kind.value} {canonical(item.node)} {canonical(item.default)}"


def _with_any_body(node: Definition, source: Source) -> str:
    span = Span(source.statement_span(node).start, header_end(node, source))
    return f"{flush_left(span, source)}\n    $$body"
