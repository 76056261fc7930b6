"""How a function of the plugin, in vLLM's module, hands its call on to the one it has replaced."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function, Kind, parameters
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.suspension import yields
from transforms.engine.writing.wrapper import delegated
from transforms.importers.monkeypatch.translation.result import CannotError

if TYPE_CHECKING:
    from transforms.engine.syntax.definition import Parameter

_MANAGERS = {"contextmanager", "asynccontextmanager"}
# Behind `return await` in a method of vLLM.
_WIDTH = 72
_PLAIN = {Kind.POSITIONAL_ONLY, Kind.POSITIONAL_OR_KEYWORD}
_NAMED = {Kind.POSITIONAL_OR_KEYWORD, Kind.KEYWORD_ONLY}


def handed_on(call: str, own: Function | ast.Lambda, upstream: ast.AST | None) -> str:
    """Write the statements that do nothing but what another function does.

    Args:
        call: the call of that one.
        own: the function that they will stand in.
        upstream: the other function; None where nobody knows it.

    Raises:
        CannotError: the one is iterated or awaited, the other is not.
    """
    is_async = isinstance(own, ast.AsyncFunctionDef)
    if isinstance(own, ast.Lambda) or not (is_async or yields(own.body)):
        return f"return {call}"
    if _MANAGERS & {*decorators_of(own)}:
        prefix = "async " if is_async else ""
        return f"{prefix}with {call} as managed:\n    yield managed\nreturn"
    is_generator = yields(own.body)
    if isinstance(upstream, Function) and (
        isinstance(upstream, ast.AsyncFunctionDef) != is_async
        or yields(upstream.body) != is_generator
    ):
        raise CannotError(f"{own.name} is awaited or iterated in another way than vLLM's")
    if not is_generator:
        return f"return await {call}"
    return f"{delegated(call)}\nreturn" if is_async else f"return (yield from {call})"


def arguments(own: Function | ast.Lambda, upstream: ast.AST | None, *, bound: bool = False) -> str:
    """Write the arguments by which a function calls another one with what it was given.

    Each goes to the parameter of its name, or of its place where neither has the other's name. A
    parameter that the other one does not have is left out; nobody who means that one gives it.

    Args:
        own: the function that calls.
        upstream: the function that is called; None where nobody knows its parameters.
        bound: the first parameter of each is the object or class, which is not written.

    Raises:
        CannotError: it must be given what the other one does not take.
    """
    given = parameters(own)[bound:]
    if not isinstance(upstream, Function):
        return ", ".join(_written(item) for item in given)
    taken = parameters(upstream)[bound:]
    places = [item for item in taken if item.kind in _PLAIN]
    if any(item.kind is Kind.VAR_POSITIONAL for item in taken):
        places = [*taken, *given]
    open_ended = any(item.kind is Kind.VAR_KEYWORD for item in taken)
    names = {item.name for item in taken if item.kind in _NAMED}
    known = {item.name for item in given}
    found: list[str] = []
    for number, item in enumerate(given):
        is_behind_named = any("=" in written for written in found)
        place = places[number].name if item.kind in _PLAIN and number < len(places) else ""
        if place != item.name and (item.name in names or place in known):
            # The other one has them in another order.
            place = ""
        if item.kind in {Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD}:
            if item.kind is Kind.VAR_POSITIONAL and is_behind_named:
                raise CannotError(f"vLLM's function has what is before *{item.name} elsewhere")
            found.append(_written(item))
        elif place and not is_behind_named:
            found.append(item.name)
        elif place in names or item.name in names or open_ended:
            found.append(f"{place if place in names else item.name}={item.name}")
        elif item.default is None:
            raise CannotError(f"vLLM's function has no parameter {item.name!r} to be given")
    return ", ".join(found)


def called(function: str, given: str) -> str:
    """Write a call, each argument on a line of its own where one line would be too long.

    Args:
        function: what is called.
        given: the arguments, as `arguments` writes them.
    """
    line = f"{function}({given})"
    if len(line) <= _WIDTH:
        return line
    lines = [f"    {item}," for item in given.split(", ")]
    return "\n".join([f"{function}(", *lines, ")"])


def _written(item: Parameter) -> str:
    shapes = {Kind.VAR_POSITIONAL: "*{0}", Kind.VAR_KEYWORD: "**{0}", Kind.KEYWORD_ONLY: "{0}={0}"}
    return shapes.get(item.kind, "{0}").format(item.name)


def decorators_of(node: ast.AST | None) -> list[str]:
    """Give the names of what a function is decorated with."""
    return [last_name(item) for item in getattr(node, "decorator_list", ())]
