"""Objects that only a running plugin has, and that may be vLLM's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.syntax.standard_library import STANDARD_LIBRARY
from transforms.importers.monkeypatch.names import dotted_of, parts_of
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    External,
    Own,
    OwnName,
    Part,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value

# What they give has nothing of vLLM unless it is given to them.
_ELSEWHERE = STANDARD_LIBRARY | {"builtins", "numpy", "pydantic", "torch", "transformers"}
# And these find it by themselves.
_FINDING = frozenset(
    {"builtins.__import__", "builtins.globals", "builtins.locals", "importlib.import_module"}
    | {"pkgutil.resolve_name", "sys._getframe", "sys.modules", "inspect.currentframe"}
    | {"inspect.stack", "gc.get_objects", "gc.get_referrers"}
)


def may_be_upstreams(value: Value, machine: Machine) -> bool:
    """Tell whether an object which nobody can name may be one of vLLM's.

    Args:
        value: the object.
        machine: what is known.
    """
    return any(_is_found(item, machine) for item in parts_of(value))


def _is_found(value: Value, machine: Machine) -> bool:
    if isinstance(value, (Unknown, Upstream)):
        return True
    if isinstance(value, External):
        return value.dotted in _FINDING
    if isinstance(value, Part):
        # What an object of the plugin keeps may have come from anywhere.
        own = isinstance(value.of, (Own, OwnName)) and not value.name.startswith("__")
        kept = isinstance(value.of, Applied) and isinstance(value.of.function, Own)
        return kept or (not own and _is_found(value.of, machine)) or _is_class_part(value)
    if isinstance(value, Collected):
        return any(may_be_upstreams(item, machine) for item in value.items)
    return isinstance(value, Applied) and _gives(value, machine)


def _is_class_part(value: Part) -> bool:
    """Tell whether it is found by way of a class of the plugin: a base, a subclass."""
    return isinstance(value.of, Own) and value.name in {"__base__", "__bases__", "__mro__"}


def _gives(call: Applied, machine: Machine) -> bool:
    """Tell whether a call may give something of vLLM."""
    inside = (*call.positional, *call.keywords.values())
    function = call.function
    if isinstance(function, Upstream):
        return thing_at(function.target, machine.library).kind is not Kind.CLASS
    if isinstance(function, (Own, Constant)):
        return False
    if isinstance(function, (Part, Unknown)):
        return may_be_upstreams(function, machine)
    dotted = dotted_of(function)
    if dotted in _FINDING or any(may_be_upstreams(item, machine) for item in inside):
        return True
    return bool(dotted) and dotted.partition(".")[0] not in _ELSEWHERE
