"""A function that calls the one whose name it takes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter, InsertBefore, Replace, WrapFunction
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.definition import Function, header_end, name_span
from transforms.engine.syntax.enclosing import enclosing
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Span, parse
from transforms.engine.writing.wrapper import Wrapper
from transforms.importers.errors import UnexplainedError
from transforms.importers.monkeypatch.translation.functions import code_of
from transforms.importers.monkeypatch.translation.handing_on import (
    arguments,
    called,
    decorators_of,
    handed_on,
)
from transforms.importers.monkeypatch.translation.likeness import signature
from transforms.importers.monkeypatch.translation.marks import standing_aside
from transforms.importers.monkeypatch.translation.original_calls import original_calls
from transforms.importers.monkeypatch.translation.originals import private_name
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import captured, holds, why_not
from transforms.importers.monkeypatch.translation.signatures import with_wraps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.code import Code
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.functions import Replacement
    from transforms.importers.monkeypatch.translation.setting import Setting

_Asked = tuple["Sequence[str]", str]


def wrapped(
    taking: Replacement,
    mutation: Mutation,
    found: Found,
    setting: Setting,
    asked: _Asked = ((), ""),
) -> tuple[tuple[Edit, ...], Code]:
    """Write the edits that put a function around the one of vLLM.

    Args:
        taking: the function of the plugin.
        mutation: what assigns it.
        found: the function of vLLM.
        setting: all that is read.
        asked: statements, and a condition behind them; empty for none. Where it does not hold, the
            original alone is called.

    Raises:
        CannotError: it cannot be written.
    """
    first = _around(taking, mutation, found, setting, asked)
    if first is not None:
        return first
    return beside(taking, mutation, found, setting, asked)


def _around(
    taking: Replacement, mutation: Mutation, found: Found, setting: Setting, asked: _Asked
) -> tuple[tuple[Edit, ...], Code] | None:
    """Wrap the function where the wrapper may have upstream's header."""
    node, own = found.node, taking.own.node
    if not isinstance(node, Function) or isinstance(own, ast.ClassDef):
        return None
    others = set(decorators_of(own)) - {"wraps"}
    kind = ast.FunctionDef if isinstance(own, ast.Lambda) else type(own)
    if type(node) is not kind or node.decorator_list or taking.decorators or others:
        return None
    source = setting.plugin_source(taking.own.module)
    names = frozenset(
        name for name, target in mutation.captured.items() if _is(target, found, setting)
    )
    calls = None
    if not isinstance(own, ast.Lambda):
        calls = original_calls(own, names, source, node, is_member=found.owner is not None)
    if not (calls is not None and calls.passes_all) and not _same_header(own, node):
        return None
    changes = calls.changes if calls is not None else ()
    try:
        first, extra = _first("$call", own, found, setting, asked)
        code = code_of(
            taking,
            mutation,
            found,
            setting,
            changes=changes,
            handled=calls.names if calls is not None else frozenset(),
            first=first,
            extra=extra,
            only_inline=bool(changes),
        )
        edit = WrapFunction(inside=found.inside, around=code.body)
    except (CannotError, PatternError, ValueError):
        return None
    return ((edit,), code) if holds((edit,), setting) else None


def _same_header(own: Function | ast.Lambda, node: Function) -> bool:
    return signature(own) == signature(node)


def _is(target: object, found: Found, setting: Setting) -> bool:
    known = setting.originals.get(target)  # type: ignore[call-overload]
    return known is not None and known.target == found.target


def beside(
    taking: Replacement,
    mutation: Mutation,
    found: Found,
    setting: Setting,
    asked: _Asked = ((), ""),
) -> tuple[tuple[Edit, ...], Code]:
    """Put a wrapper beside the function, which keeps all but its name.

    Args:
        taking: the function of the plugin.
        mutation: what assigns it.
        found: the function of vLLM.
        setting: all that is read.
        asked: as for `wrapped`.

    Raises:
        CannotError: it cannot be written.
    """
    node, source = found.node, found.source
    if not isinstance(node, Function):
        raise CannotError(f"{found.inside} is no function")
    private = private_name(found)
    call = _call(private, taking, found)
    first, extra = _first(call, taking.own.node, found, setting, asked)
    taking, imports = with_wraps(private, taking, mutation, found, setting)
    code = code_of(taking, mutation, found, setting, first=first, extra=extra)
    code = replace(code, eager=code.eager | imports)
    is_behind = bool(taking.decorators) and "wraps(" in taking.decorators[0]
    small = _renamed(found, node, private, code.text, is_behind=is_behind)
    if small and holds(small, setting):
        return small, code
    span = source.statement_span(node)
    margin = source.indentation(span.start)
    name = name_span(node, source)
    blank = "\n" * (2 if found.owner is not None else 3)
    text = indented(code.text, margin, first=False)
    data = source.data
    original = data[span.start : name.start] + private.encode() + data[name.end : span.end]
    both = [source.encoded(text), source.encoded(blank + margin), original]
    if is_behind:
        both.reverse()
    after = b"".join([data[: span.start], *both, data[span.end :]])
    try:
        edits = captured(source, after, setting.release)
    except UnexplainedError as error:
        raise CannotError(f"no edits put a function beside {found.inside}: {error}") from error
    reason = why_not(edits, setting)
    if reason:
        raise CannotError(reason)
    return edits, code


def _renamed(
    found: Found, node: Function, private: str, text: str, *, is_behind: bool
) -> tuple[Edit, ...]:
    """Write the edits that rename a function by its header, and put another one beside it.

    There are none where the other one has the same header: nobody could tell the two apart.
    """
    source = found.source
    span, name = source.span(node), name_span(node, source)
    end = header_end(node, source)
    start = source.text(Span(span.start, name.start))
    header = flush_left(Span(span.start, end), source)
    renamed = f"{start}{private}{header[len(start) + len(node.name) :]}"
    blank = "\n" * (2 if found.owner is not None else 3)
    try:
        if Pattern.parse(header, statements=True).matches(parse(text)):
            return ()
        rename = Replace(inside=found.around, find=header, replace=renamed)
        if is_behind:
            code = f"{blank}{text}"
            return rename, InsertAfter(inside=found.around, anchor=header, code=code)
        code = f"{text}{blank}"
        return InsertBefore(inside=found.around, anchor=header, code=code), rename
    except (PatternError, ValueError):
        return ()


def _call(private: str, taking: Replacement, found: Found) -> str:
    """Write the call of the function under its private name, with what the wrapper is given."""
    own, node = taking.own.node, found.node
    if isinstance(own, ast.ClassDef):
        raise CannotError(f"{own.name} is a class, not a function")
    if not isinstance(node, Function):
        raise CannotError(f"{found.inside} is no function")
    mine = {*taking.decorators, *decorators_of(own)}
    theirs = set(decorators_of(node)) & {"staticmethod", "classmethod"}
    outer = tuple(enclosing(found.source.module, node)[:-1])
    original = Wrapper(public=node, original=node, outer=outer, source=found.source).reference
    if "property" in mine:
        return f"{arguments(own, None)}.{private}"
    if "classmethod" in mine:
        given = arguments(own, node, bound=True)
    elif "classmethod" in theirs:
        given = arguments(own, None)
    else:
        given = arguments(own, node)
    return called(original, given)


def _first(
    call: str, own: ast.AST, found: Found, setting: Setting, asked: _Asked
) -> tuple[str, str]:
    """Write when a wrapper does nothing more than the original.

    Returns:
        What it does first of all, since the plugin may have put the same around it once more; and
        where the condition of its patch does not hold. Both may be empty.
    """
    if not isinstance(own, (Function, ast.Lambda)):
        raise CannotError(f"{found.inside} would be no function")
    lines, condition = asked
    instead = handed_on(call, own, found.node)
    is_kept = found.target in setting.originals
    guard = [*lines, f"if not ({condition}):", indented(instead, "    ")] if condition else []
    aside = standing_aside(".".join(found.target.path), instead) if is_kept else ""
    return aside, "\n".join(guard)
