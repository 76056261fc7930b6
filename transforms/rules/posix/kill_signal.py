"""Windows has no SIGKILL: send SIGTERM there, which `os.kill` makes `TerminateProcess`.

Before::

    import os
    import signal

    os.kill(pid, signal.SIGKILL)

After::

    import os
    import signal

    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

Before::

    from signal import SIGINT, SIGKILL

After::

    try:
        from signal import SIGINT, SIGKILL
    except ImportError:
        from signal import SIGINT, SIGTERM as SIGKILL

A SIGKILL that is no argument of a call, e.g. one that is compared, is refused: nobody can say what
it stands for where there is none.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.posix.guards import imports_unguarded, is_guarded
from transforms.rules.posix.rewriting import found_in, instead, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_KILL = frozenset({"signal.SIGKILL", "signal.Signals.SIGKILL"})


@dataclass(frozen=True, slots=True)
class _KillSignal:
    """The rule; see the module."""

    name: str = "kill_signal"
    needles: tuple[bytes, ...] = (b"SIGKILL", b"signal")

    def match(self, source: Source) -> Found:
        """Find the uses of SIGKILL that Windows reaches."""
        return found_in(self.name, source, _found)


RULE = _KillSignal()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if isinstance(node, ast.ImportFrom):
        if imports_unguarded(place, "signal", "SIGKILL"):
            yield from instead(_import(node), place, source)
    elif isinstance(node, ast.Attribute) and node.attr == "SIGKILL" and place.is_any(node, _KILL):
        if is_guarded(place, "AttributeError"):
            return
        if not _is_argument(place):
            yield refusal(place, "it is no argument: say what takes its place on Windows")
            return
        module = source.text(source.span(node.value))
        text = f'getattr({module}, "SIGKILL", {module}.SIGTERM)'
        yield text_site(source, *source.span(node), text)


def _is_argument(place: Place) -> bool:
    outer = place.around.node if place.around else None
    return isinstance(outer, ast.keyword) or (
        isinstance(outer, ast.Call) and outer.func is not place.node
    )


def _import(node: ast.ImportFrom) -> str:
    names = [_on_windows(each) for each in node.names]
    other = ast.unparse(ast.ImportFrom(module="signal", names=names, level=0))
    return f"try:\n    {ast.unparse(node)}\nexcept ImportError:\n    {other}"


def _on_windows(alias: ast.alias) -> ast.alias:
    if alias.name != "SIGKILL":
        return alias
    return ast.alias(name="SIGTERM", asname=alias.asname or alias.name)
