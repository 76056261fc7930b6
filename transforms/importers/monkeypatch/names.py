"""Names: which ones Python itself binds, and what one holds that was bound in two branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.values import Either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.values import Value


def either(values: Sequence[Value]) -> Value:
    """Give one value for several that a name may hold."""
    flat: list[Value] = []
    for value in values:
        for item in value.values if isinstance(value, Either) else (value,):
            if item not in flat:
                flat.append(item)
    return flat[0] if len(flat) == 1 else Either(values=tuple(flat))


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
