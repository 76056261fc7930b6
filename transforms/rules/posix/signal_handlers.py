"""No event loop of Windows has `add_signal_handler`: let Python's own handler wake the loop there.

It raises a NotImplementedError, with which the API server ends when it has just started.

Before::

    import asyncio
    import signal

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)

After::

    import asyncio
    import signal

    from vllm import wheelwright_windows

    wheelwright_windows.add_signal_handler(asyncio.get_running_loop(), signal.SIGTERM, stop)

`remove_signal_handler` is refused. What upstream catches itself is left alone.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.rewriting import MODULE, found_in, import_of_module, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_METHODS = frozenset({"add_signal_handler", "remove_signal_handler"})
_OURS = frozenset({f"vllm.{MODULE}"})


@dataclass(frozen=True, slots=True)
class _SignalHandlers:
    """The rule; see the module."""

    name: str = "signal_handlers"
    needles: tuple[bytes, ...] = (b"_signal_handler",)

    def match(self, source: Source) -> Found:
        """Find the handlers that are given to an event loop."""
        return found_in(self.name, source, _found)


RULE = _SignalHandlers()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    call = place.node
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return
    method = call.func
    if method.attr not in _METHODS or place.is_any(method.value, _OURS):
        return
    if is_guarded(place, "NotImplementedError", "RuntimeError"):
        return
    if method.attr == "remove_signal_handler" or not call.args:
        yield refusal(place, f"{method.attr} of a loop: no loop of Windows has it")
        return
    start, end = source.span(method)
    behind = source.data.index(b"(", end) + 1
    loop = source.text(source.span(method.value))
    yield text_site(source, start, behind, f"{MODULE}.{method.attr}({loop}, ")
    yield from import_of_module(source)
