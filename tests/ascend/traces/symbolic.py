# ruff: noqa: ANN401 - what it stands in for may be anything
"""Call functions with recorders: for their arguments, and for everything that they do not define.

A function is made anew with its own code, and with globals in which each name is a recorder that
has the name of what is really there. Functions of the plugin's patch modules, and what the wheel
has instead, are called for real in the same way: the compiler may have moved what they do.
"""

from __future__ import annotations

import builtins
import inspect
import os
import sys
from contextlib import suppress
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from known import Known, Super, unwrapped
from recorder import Recorder, show
from stubs import Stub

if TYPE_CHECKING:
    from collections.abc import Callable

    from events import Trace
    from identity import Identities

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented))
_REAL_MODULES = {"builtins", "typing", "types", "collections.abc"}
_REAL_VALUES = (os.environ, os.getenv, sys.modules)


class World:
    """What one call sees."""

    def __init__(self, trace: Trace, identities: Identities) -> None:
        """Begin with nothing made."""
        self.trace = trace
        self.identities = identities
        self._made: dict[int, tuple[object, Any]] = {}
        self._builtins = self._make_builtins()

    def stand_in(self, value: Any, name: str) -> Any:  # noqa: PLR0911 - a case each
        """Give what stands for a value that a function finds under a name."""
        if isinstance(value, (Recorder, *_PLAIN)):
            return value
        if isinstance(value, (tuple, frozenset)) and all(isinstance(i, _PLAIN) for i in value):
            return value
        if isinstance(value, type) and issubclass(value, BaseException):
            return value
        if getattr(value, "__module__", None) in _REAL_MODULES and not isinstance(
            value, ModuleType
        ):
            return value
        if any(value is item for item in _REAL_VALUES):
            return value
        if isinstance(value, MethodType):
            return partial(self.stand_in(value.__func__, name), self.stand_in(value.__self__, name))
        if isinstance(value, FunctionType) and self.identities.is_changed(value):
            return self.symbolic(value)
        key = id(value)
        if key not in self._made:
            self._made[key] = (value, Known(value, self._label(value, name), self))
        return self._made[key][1]

    def _label(self, value: Any, name: str) -> str:
        if isinstance(value, (ModuleType, type, FunctionType)):
            return self.identities.of(value)
        if isinstance(value, (dict, list, set, frozenset, tuple)):
            return show(value)
        if isinstance(value, Stub):
            return value.stub_name
        if isinstance(value, inspect.Signature):
            return f"the signature {value}"
        label = self.identities.of(value)
        return label if ":" in label else f"{label} {name}"

    def symbolic(self, function: FunctionType) -> FunctionType:
        """Make a function anew that sees this world."""
        if id(function) in self._made:
            return self._made[id(function)][1]
        given: dict[str, Any] = {"__builtins__": self._builtins}
        cells = tuple(CellType() for _ in function.__closure__ or ())
        made = FunctionType(function.__code__, given, function.__name__, None, cells)
        self._made[id(function)] = (function, made)
        for name in names_of(function.__code__):
            if name in function.__globals__:
                given[name] = self.stand_in(function.__globals__[name], name)
        given["__name__"] = self.identities.of(sys.modules[function.__module__])
        held = zip(function.__code__.co_freevars, cells, function.__closure__ or (), strict=True)
        for name, cell, original in held:
            with suppress(ValueError):  # it is empty
                cell.cell_contents = self.stand_in(original.cell_contents, name)
        made.__defaults__ = _each(function.__defaults__, self)
        keyword = function.__kwdefaults__
        made.__kwdefaults__ = keyword and {
            name: self.stand_in(value, name) for name, value in keyword.items()
        }
        return made

    # Builtins that must know of recorders

    def _make_builtins(self) -> dict[str, Any]:
        return {
            **vars(builtins),
            "__import__": self._import,
            "isinstance": self._asks(isinstance),
            "issubclass": self._asks(issubclass),
            "hasattr": self._hasattr,
            "getattr": self._getattr,
            "type": self._type,
            "super": self._super,
            "callable": self._callable,
            "id": lambda value: Recorder(f"id({show(value)})", self.trace),
            "print": lambda *args: self.trace.note(f"print({show(args)})"),
        }

    def _import(
        self,
        name: str,
        globals: Any = None,  # noqa: A002
        locals: Any = None,  # noqa: A002
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> object:
        del globals, locals
        if level:
            raise ImportError(f"a relative import of {name}")
        __import__(name)
        wanted = name if fromlist else name.partition(".")[0]
        for item in fromlist or ():
            if not hasattr(sys.modules[name], item):
                __import__(f"{name}.{item}")
        return self.stand_in(sys.modules[wanted], wanted)

    def _asks(self, function: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
        def asked(value: object, kind: object) -> bool:
            if isinstance(value, Recorder) and not isinstance(value, Known):
                return self._decided(f"{function.__name__}({show(value)}, {_kinds(kind)})")
            kinds = kind if isinstance(kind, tuple) else (kind,)
            real = tuple(map(unwrapped, kinds))
            if any(isinstance(item, Recorder) for item in real):
                return self._decided(f"{function.__name__}({show(value)}, {_kinds(kind)})")
            return function(unwrapped(value), real)

        return asked

    def _decided(self, question: str) -> bool:
        answer = self.trace.is_true(question)
        self.trace.note(f"{question} is {answer}")
        return answer

    def _hasattr(self, value: object, name: str) -> bool:
        if isinstance(value, Known):
            return hasattr(value.recorder_value, name)
        if isinstance(value, Recorder):
            if name in value.recorder_attributes:
                return True
            return self._decided(f"{show(value)} has {show(name)}")
        return hasattr(value, name)

    def _getattr(self, value: object, name: str, *default: object) -> object:
        if not isinstance(value, Recorder) or not isinstance(name, str):
            return getattr(value, name, *default)
        return getattr(value, name) if not default or self._hasattr(value, name) else default[0]

    def _type(self, value: object, *rest: object) -> object:
        if isinstance(value, Recorder):
            return Recorder(f"type({show(value)})", self.trace)
        return type(value, *rest)

    def _callable(self, value: object) -> bool:
        if isinstance(value, Recorder) and not isinstance(value, Known):
            return self._decided(f"callable({show(value)})")
        return callable(unwrapped(value))

    def _super(self, *args: object) -> object:
        frame = sys._getframe(1)
        if args:
            cls, instance = args
        else:
            cls = frame.f_locals["__class__"]
            instance = frame.f_locals[frame.f_code.co_varnames[0]]
        return Super(cls, instance, self)


def _each(values: tuple[Any, ...] | None, world: World) -> tuple[Any, ...] | None:
    return values and tuple(world.stand_in(value, "default") for value in values)


def _kinds(kind: object) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(sorted(map(show, kinds)))


def names_of(code: CodeType) -> set[str]:
    """Give the global names that code and what is nested in it may ask for."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_of(constant)
    return names
