# ruff: noqa: ANN401 - what it looks at may be anything
"""Which lines of the compared functions the calls have reached."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reach:
    """The lines of one function and of what is defined inside of it.

    Attributes:
        lines: all of them that have code.
        reached: those that have run.
    """

    def __init__(self, code: CodeType) -> None:
        """Begin with nothing reached."""
        self._codes = set(_nested(code))
        self.lines = {
            line
            for part in self._codes
            for _, _, line in part.co_lines()
            if line is not None and line != part.co_firstlineno
        }
        self.reached: set[int] = set()

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Note the lines that run inside."""
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(None)

    def _called(self, frame: Any, event: str, _: object) -> Any:
        if event != "call" or frame.f_code not in self._codes:
            return None
        frame.f_trace = self._line
        return self._line

    def _line(self, frame: Any, event: str, _: object) -> Any:
        if event == "line" and frame.f_lineno in self.lines:
            self.reached.add(frame.f_lineno)
        return self._line


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
