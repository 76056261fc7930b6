"""A function that calls the one whose name it takes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.edits import WrapFunction
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.definition import (
    Function,
    Kind,
    name_span,
    parameters,
)
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.suspension import yields
from transforms.importers.errors import UnexplainedError
from transforms.importers.monkeypatch.translation.functions import code_of
from transforms.importers.monkeypatch.translation.likeness import signature
from transforms.importers.monkeypatch.translation.original_calls import original_calls
from transforms.importers.monkeypatch.translation.originals import private_name
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import captured, holds, why_not

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
    if not isinstance(node, Function) or not isinstance(own, Function):
        return None
    others = [item for item in own.decorator_list if last_name(item) != "wraps"]
    if type(own) is not type(node) or node.decorator_list or taking.decorators or others:
        return None
    source = setting.plugin_source(taking.own.module)
    names = frozenset(
        name for name, target in mutation.captured.items() if _is(target, found, setting)
    )
    calls = original_calls(own, names, source, node, is_member=found.owner is not None)
    if calls is None or not (calls.passes_all or _same_header(own, node)):
        return None
    lines, condition = asked
    never = not calls.changes and not condition
    if never or (condition and yields(node.body)):
        return None
    returned = "return $call"
    if isinstance(node, ast.AsyncFunctionDef):
        returned = "return await $call"
    extra = "\n".join([*lines, f"if not ({condition}):", f"    {returned}"]) if condition else ""
    try:
        code = code_of(
            taking,
            mutation,
            found,
            setting,
            changes=calls.changes,
            handled=calls.names,
            extra=extra,
            only_inline=bool(calls.changes),
        )
        edit = WrapFunction(inside=found.inside, around=code.body)
    except (CannotError, PatternError, ValueError):
        return None
    return ((edit,), code) if holds((edit,), setting.tree, setting.release) else None


def _same_header(own: Function, node: Function) -> bool:
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
    extra = ""
    lines, condition = asked
    if condition and (yields(node.body) or isinstance(node, ast.AsyncFunctionDef)):
        raise CannotError("its condition would have to be asked inside of a generator")
    if condition:
        owner = f"{'.'.join(found.target.path[:-1])}." if found.owner is not None else ""
        call = f"{owner}{private}({_arguments(taking)})"
        extra = "\n".join([*lines, f"if not ({condition}):", f"    return {call}"])
    code = code_of(taking, mutation, found, setting, extra=extra)
    span = source.statement_span(node)
    margin = source.indentation(span.start)
    name = name_span(node, source)
    blank = "\n" * (2 if found.owner is not None else 3)
    text = indented(code.text, margin, first=False) + blank + margin
    data = source.data
    after = b"".join(
        [
            data[: span.start],
            source.encoded(text),
            data[span.start : name.start],
            private.encode(),
            data[name.end :],
        ]
    )
    try:
        edits = captured(source, after, setting.release)
    except UnexplainedError as error:
        raise CannotError(f"no edits put a function beside {found.inside}: {error}") from error
    reason = why_not(edits, setting.tree, setting.release)
    if reason:
        raise CannotError(reason)
    return edits, code


def _arguments(taking: Replacement) -> str:
    shapes = {Kind.VAR_POSITIONAL: "*{0}", Kind.VAR_KEYWORD: "**{0}", Kind.KEYWORD_ONLY: "{0}={0}"}
    given = parameters(taking.own.node)  # type: ignore[arg-type]
    return ", ".join(shapes.get(item.kind, "{0}").format(item.name) for item in given)
