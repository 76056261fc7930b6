# ruff: noqa: ANN401 - what it looks at may be anything
"""Names for functions, classes and modules that are the same before and after compilation.

What stands where a mutation puts something has that place's name. Upstream's own function that a
wrapper calls has the name that it has upstream, wherever the wheel keeps it. What a patch module
defines has the same name there and in the support module that the wheel has instead.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

PATCH_MODULES = re.compile(
    r"vllm_ascend\.patch\.(?:platform|worker)\.(?:patch_v2\.)?(?:patch)?_?(\w+)"
)
SUPPORT_MODULES = re.compile(r"vllm\.wheelwright_plugins\.vllm_ascend\.(\w+)")
_KEPT = "_wheelwright_"
_ORIGINAL = f"{_KEPT}original_"


class Identities:
    """The names of one process.

    Attributes:
        names: by the identity of what has one because of where it stands.
    """

    def __init__(self) -> None:
        """Begin with no names."""
        self.names: dict[int, str] = {}
        self._changed: set[int] = set()
        self._kept: list[object] = []

    def add_compiled(self, targets: Iterable[str]) -> None:
        """Take what the wheel has at these places for changed, wherever it is met later."""
        for target in targets:
            value = standing(target)
            members = list(vars(value).values()) if isinstance(value, type) else [value]
            for part in (
                part for member in [*members, *_wrappers(target)] for part in _parts(member)
            ):
                if not part.__name__.startswith(_ORIGINAL):
                    self._kept.append(part)
                    self._changed.add(id(part))

    def add_classes(self, targets: Iterable[str]) -> None:
        """Name the classes that stand at these places now."""
        for target in targets:
            value = standing(target)
            if isinstance(value, type):
                self._kept.append(value)
                self.names.setdefault(id(value), f"target {target}")

    def is_changed(self, value: object) -> bool:
        """Tell whether a function is what a mutation brings, in the wheel or at run time."""
        if not isinstance(value, FunctionType):
            return False
        name = value.__code__.co_name
        between = name.startswith(_KEPT) and not name.startswith(_ORIGINAL)
        return between or id(value) in self._changed or _is_of_the_plugin(value)

    def of(self, value: Any) -> str:
        """Give the name of a module, class or function."""
        if id(value) in self.names:
            return self.names[id(value)]
        if isinstance(value, ModuleType):
            return _module(value.__name__)
        return named(value)


def named(value: Any) -> str:
    """Give the name of a class or function where it is defined; of another thing its type."""
    if isinstance(value, FunctionType) and _is_known(value):
        module, name = _defined(value)
    else:
        module = getattr(value, "__module__", None)
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return f"a {_module(type(value).__module__)}.{type(value).__qualname__}"
    return f"{_module(module)}:{_upstream(name)}"


def _is_of_the_plugin(function: FunctionType) -> bool:
    """Tell whether a function is one of a patch module, or of the module that the wheel has."""
    module, _ = _defined(function)
    return bool(PATCH_MODULES.fullmatch(module) or SUPPORT_MODULES.fullmatch(module))


def _defined(function: FunctionType) -> tuple[str, str]:
    """Tell in which module a function's code stands, and its name there.

    `functools.wraps` gives a wrapper the names of what it wraps.
    """
    return function.__globals__["__name__"], function.__code__.co_qualname


def standing(target: str) -> object:
    """Give what stands at `module:path`, as it is stored; None where there is nothing.

    The module must have been imported.
    """
    module, _, path = target.partition(":")
    value: object = sys.modules[module]
    for name in path.split("."):
        value = static(value, name)
    return value


def inherited(target: str) -> object:
    """Give what a class would have at the place of one of its own members; None elsewhere."""
    cls, name = _owner(target)
    kept = vars(cls).get(f"{_ORIGINAL}{cls.__name__}_{name}")
    found = [vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)]
    return kept or (found[0] if found else None)


def _wrappers(target: str) -> list[object]:
    """Give the compiled wrappers of a method, which a subclass in its class's place may hide."""
    cls, name = _owner(target)
    kept = [(base, f"{_ORIGINAL}{base.__name__}_{name}") for base in cls.__mro__]
    return [vars(base)[name] for base, original in kept if original in vars(base)]


def _owner(target: str) -> tuple[type, str]:
    outer, _, name = target.rpartition(".")
    cls = standing(outer) if ":" in outer else None
    return (cls, name) if isinstance(cls, type) else (object, name)


def static(value: object, name: str) -> object:
    """Give an attribute without calling what computes attributes."""
    if isinstance(value, ModuleType):
        return vars(value).get(name)
    return inspect.getattr_static(value, name, None)


def plain(value: object) -> object:
    """Give the function of a static or class method, and of a decorator that is a third party's."""
    while True:
        if isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
        elif hasattr(value, "__wrapped__") and not _is_known(value):
            value = value.__wrapped__
        else:
            return value


def _is_known(value: object) -> bool:
    """Tell whether a function's own code is vLLM's or the plugin's."""
    return isinstance(value, FunctionType) and any(
        f"{os.sep}{package}{os.sep}" in value.__code__.co_filename
        for package in ("vllm", "vllm_ascend")
    )


def _parts(value: object) -> list[object]:
    value = plain(value)
    if isinstance(value, property):
        return [part for part in (value.fget, value.fset) if part is not None]
    return [value] if isinstance(value, (FunctionType, type)) else []


def _module(name: str) -> str:
    for pattern in (PATCH_MODULES, SUPPORT_MODULES):
        if found := pattern.fullmatch(name):
            return f"plugin.{found[1]}"
    return name


def _upstream(qualified: str) -> str:
    """Give the name upstream of what the wheel keeps of it."""
    *outer, last = qualified.split(".")
    if last.startswith(_ORIGINAL):
        last = last.removeprefix(_ORIGINAL)
        if outer:
            last = last.removeprefix(f"{outer[-1]}_")
    return ".".join([*outer, last])
