"""Call a function when a module is imported."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Hook = Callable[[ModuleType], None]

_HOOKS: dict[str, list[Hook]] = {}


def when_imported(name: str) -> Callable[[Hook], Hook]:
    """Call the decorated function with a module: now, or when it is imported.

    Args:
        name: the module.
    """

    def decorate(hook: Hook) -> Hook:
        if name in sys.modules:
            hook(sys.modules[name])
        else:
            _HOOKS.setdefault(name, []).append(hook)
        return hook

    return decorate


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        hooks = _HOOKS.pop(name, None)
        if hooks is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        spec.loader = _Loader(spec.loader, hooks)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, hooks: list[Hook]) -> None:
        self._loader, self._hooks = loader, hooks

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for hook in self._hooks:
            hook(module)


sys.meta_path.insert(0, _Finder())
