# ruff: noqa: ANN401, D105 - they stand for anything, and do what Python asks for by name
"""Recorders for what is known: modules, classes, functions, instances, and what `super()` gives."""

from __future__ import annotations

import inspect
import sys
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from identity import plain, static
from recorder import Recorder, show

if TYPE_CHECKING:
    from symbolic import World

# Functions that are really called.
_REAL = {"vllm.wheelwright_marks:stands_aside", "vllm_ascend.utils:vllm_version_is"}
_ITS_OWN = {"__class__", "__dict__", "__getattr__"}


class _Asked(Recorder):
    """A recorder whose attributes between underscores are those of what it stands for."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__") and name not in _ITS_OWN:
            return type(self).__getattr__(self, name)
        return super().__getattribute__(name)


class Known(_Asked):
    """A recorder for something that is known: a module, a class, a function, an instance."""

    def __init__(self, value: object, label: str, world: World) -> None:
        """Stand for a value."""
        super().__init__(label, world.trace)
        vars(self)["recorder_value"] = value
        vars(self)["recorder_world"] = world

    def __getattr__(self, name: str) -> Any:
        attributes = self.recorder_attributes
        if name in attributes:
            return attributes[name]
        value = self.recorder_value
        if isinstance(value, ModuleType):
            return self._of_module(value, name)
        if isinstance(value, type):
            found = static(value, name)
            if isinstance(plain(found), (FunctionType, type)):
                function = self.recorder_world.stand_in(plain(found), name)
                return partial(function, self) if isinstance(found, classmethod) else function
        if name in ("__name__", "__qualname__", "__module__", "__doc__"):
            return getattr(value, name)
        if name == "__get__":
            return lambda instance, _=None: partial(self, instance)
        return super().__getattr__(name)

    def _of_module(self, module: ModuleType, name: str) -> Any:
        world = self.recorder_world
        if module.__name__.endswith(".envs") or type(module).__module__ == "torch._ops":
            return Recorder(f"{self.recorder_label}.{name}", world.trace)
        submodule = sys.modules.get(f"{module.__name__}.{name}")
        value = vars(module).get(name, submodule)
        return world.stand_in(getattr(module, name) if value is None else value, name)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Note the call as what is known would take it."""
        value, label = self.recorder_value, self.recorder_label
        if label in _REAL:
            return value(*map(unwrapped, args))
        if isinstance(value, FunctionType):
            args, kwargs = _bound(value, args, kwargs)
        return self.recorder_called(label, args, kwargs)


def unwrapped(value: object) -> object:
    """Give what a recorder stands for."""
    return value.recorder_value if isinstance(value, Known) else value


def _bound(
    function: FunctionType, args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Write a call in one way, with the defaults; raise TypeError where it cannot be made."""
    bound = inspect.signature(function, follow_wrapped=False).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs


class Super(_Asked):
    """What `super()` gives: the next class's members, for an instance."""

    def __init__(self, cls: Any, instance: object, world: World) -> None:
        """Stand behind a class."""
        super().__init__(f"super of {show(cls)}", world.trace)
        vars(self).update(
            recorder_class=unwrapped(cls), recorder_self=instance, recorder_world=world
        )

    def __getattr__(self, name: str) -> Any:
        for base in self.recorder_class.__mro__[1:]:
            if name in vars(base):
                found = plain(vars(base)[name])
                function = self.recorder_world.stand_in(found, name)
                instance = self.recorder_self
                if isinstance(vars(base)[name], staticmethod):
                    return function
                return lambda *args, **kwargs: function(instance, *args, **kwargs)
        raise AttributeError(name)
