"""Which function a mutation puts in vLLM, and how its code gets there."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function
from transforms.importers.monkeypatch.translation.code import Code, Placing
from transforms.importers.monkeypatch.translation.delegating import Delegating
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.standing import CannotStandThereError
from transforms.importers.monkeypatch.values import Applied, External, Own, Upstream

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Span
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value

_MADE = {"builtins.staticmethod", "builtins.classmethod", "builtins.property"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A function of the plugin that takes a name of vLLM.

    Attributes:
        own: it.
        decorators: what it is wrapped in where it is assigned: ``staticmethod``, ``property``.
    """

    own: Own
    decorators: tuple[str, ...] = ()


def replacement_of(value: Value) -> Replacement | None:
    """Give the function of the plugin that a value is; None for any other value."""
    if isinstance(value, Own) and isinstance(value.node, (*_FUNCTIONS, ast.Lambda)):
        return Replacement(own=value)
    if isinstance(value, Applied) and value.positional:
        last = replacement_of(value.positional[-1])
        # Its own decorators are part of its text.
        if last is not None and any(
            item is value.node for item in getattr(last.own.node, "decorator_list", ())
        ):
            return last
    if isinstance(value, Applied) and len(value.positional) == 1 and not value.keywords:
        inner = replacement_of(value.positional[0])
        name = _called(value.function)
        if inner is not None and name in _MADE:
            return replace(inner, decorators=(name.rpartition(".")[2], *inner.decorators))
    return None


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _called(value: Value) -> str:
    if isinstance(value, External):
        return value.dotted if "." in value.dotted else f"builtins.{value.dotted}"
    return value.target.dotted if isinstance(value, Upstream) else ""


def code_of(  # noqa: PLR0913 - each is one thing that a form decides
    taking: Replacement,
    mutation: Mutation,
    found: Found,
    setting: Setting,
    *,
    changes: tuple[tuple[Span, str], ...] = (),
    handled: frozenset[str] = frozenset(),
    first: str = "",
    extra: str = "",
    only_inline: bool = False,
) -> Code:
    """Write the function as it stands in vLLM's module.

    What a patch module defines is put there, so that it can be read and compared; what the plugin
    has elsewhere is imported when it is called, and so is what would mean something else there.

    Args:
        taking: the function.
        mutation: what assigns it.
        found: the place.
        setting: all that is read.
        changes: what is written in some places of it.
        handled: the names that these changes supply.
        first: statements in front of all others.
        extra: statements in front of its own.
        only_inline: what cannot stand there is refused, rather than called.

    Raises:
        CannotError: it can be written in neither way.
    """
    own = taking.own
    try:
        placing = _placing(taking, mutation, found, setting)
        placing = replace(placing, changes=changes, handled=handled)
        placing = replace(placing, first=first, extra=extra)
        owner = _class_around(own, setting)
        inline = "" if setting.plugin.is_read(own.module) else "it is not of a patch module"
        if owner and any(_is_bound(item) for item in getattr(own.node, "decorator_list", ())):
            inline = "it is bound to the plugin's class"
        if not inline:
            try:
                return placing.code()
            except CannotStandThereError as error:
                inline = str(error)
        if only_inline:
            raise CannotError(inline)
        if own.made_in and not owner:
            raise CannotError(f"{inline}, and no module has it: {own.made_in} makes it")
        if set(mutation.captured) & _names_in(own):
            needed = ", ".join(sorted(set(mutation.captured) & _names_in(own)))
            if not setting.plugin.is_read(own.module):
                raise CannotError(f"{inline}, and it calls the original as {needed}")
        return Delegating(placing=replace(placing, changes=()), own=own, owner=owner).code()
    except CannotStandThereError as error:
        raise CannotError(str(error)) from error


def _names_in(own: Own) -> set[str]:
    return {item.id for item in ast.walk(own.node) if isinstance(item, ast.Name)}


def _is_bound(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "classmethod"


def supplier_for(own: Own, mutation: Mutation, into: str, setting: Setting) -> Supplier:
    """Give what supplies names to a function of the plugin.

    Args:
        own: the function.
        mutation: what assigns it.
        into: the module of vLLM that its code will stand in.
        setting: all that is read.
    """
    captured = {
        name: target for name, target in mutation.captured.items() if not name.startswith("self.")
    }
    return Supplier(
        setting=setting,
        module=own.module,
        closure=own.names,
        captured=captured,
        into=into,
        made_in=own.made_in,
    )


def _placing(taking: Replacement, mutation: Mutation, found: Found, setting: Setting) -> Placing:
    own = taking.own
    if isinstance(own.node, ast.ClassDef):
        raise CannotError(f"{own.node.name} is a class, not a function")
    return Placing(
        node=own.node,
        source=setting.plugin_source(own.module),
        supplier=supplier_for(own, mutation, found.target.module, setting),
        name=found.target.path[-1],
        is_member=found.owner is not None,
        decorators=taking.decorators,
        upstream=found.node if isinstance(found.node, Function) else None,
        line=found.line,
    )


def _class_around(own: Own, setting: Setting) -> str:
    """Give the class of the plugin that a function is a member of; empty for none."""
    if not own.made_in:
        return ""
    node = setting.definition(own.made_in, own.module)
    return own.made_in if isinstance(node, ast.ClassDef) else ""
