"""What stands in the place of modules that only POSIX has."""

from __future__ import annotations

import sys
from typing import NoReturn


class missing:  # noqa: N801 - it takes the place of modules and functions
    """Take the place of what only POSIX has: whoever uses it is told so.

    Args:
        name: the dotted name of a module or of what is imported from it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> NoReturn:
        """Fail, but for what is asked for by whoever only looks, e.g. `inspect`."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._error()

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Fail."""
        raise self._error()

    def _error(self) -> ModuleNotFoundError:
        module = self._name.partition(".")[0]
        return ModuleNotFoundError(f"{self._name} is not available on {sys.platform}", name=module)
