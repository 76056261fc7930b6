"""Names: which ones Python itself binds, and what one holds that was bound in two branches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.values import Either, External, Own, OwnName, Upstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.values import Value


def either(values: Sequence[Value]) -> Value:
    """Give one value for several that a name may hold."""
    flat: list[Value] = []
    for value in values:
        for item in parts_of(value):
            if item not in flat:
                flat.append(item)
    return flat[0] if len(flat) == 1 else Either(values=tuple(flat))


def parts_of(value: Value) -> tuple[Value, ...]:
    """Give the values that one may be: all of several, or itself."""
    return value.values if isinstance(value, Either) else (value,)


def dotted_of(value: Value) -> str:
    """Give the dotted name that a value has; empty where it has none."""
    if isinstance(value, (Upstream, OwnName)):
        return ".".join((value.target.module, *value.target.path))
    if isinstance(value, External):
        return value.dotted
    if isinstance(value, Own) and not isinstance(value.node, ast.Lambda):
        return ".".join(filter(None, (value.module, value.made_in, value.node.name)))
    return ""


BUILT_IN = frozenset(
    [
        "__builtins__",
        "__import__",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "classmethod",
        "delattr",
        "dict",
        "eval",
        "exec",
        "filter",
        "float",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "print",
        "property",
        "repr",
        "reversed",
        "set",
        "setattr",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "Exception",
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "NotImplementedError",
        "RuntimeError",
        "TypeError",
        "ValueError",
        "KeyError",
    ]
)
