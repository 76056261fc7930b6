"""Windows has no process groups: a process is a group of its own there, with what it started.

Before::

    import os
    import signal

    os.setpgrp()
    os.killpg(os.getpgid(process.pid), signal.SIGTERM)

After::

    import os
    import signal

    from vllm import wheelwright_windows

    if hasattr(os, "setpgrp"):
        os.setpgrp()
    wheelwright_windows.killpg(wheelwright_windows.getpgid(process.pid), signal.SIGTERM)

`os.fork` and `preexec_fn=` are refused.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.rewriting import MODULE, found_in, import_of_module, only_where, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_STOOD_IN_FOR = frozenset({"os.getpgid", "os.killpg"})
_LEFT_OUT = frozenset({"os.register_at_fork", "os.setpgid", "os.setpgrp", "os.setsid"})
_REFUSED = frozenset({"os.fork", "os.forkpty"})
_ALL = _STOOD_IN_FOR | _LEFT_OUT | _REFUSED


@dataclass(frozen=True, slots=True)
class _ProcessGroups:
    """The rule; see the module."""

    name: str = "process_groups"
    needles: tuple[bytes, ...] = (b"import", b"os")

    def match(self, source: Source) -> Found:
        """Find what is done with process groups."""
        texts = (*(each.partition(".")[2].encode() for each in _ALL), b"preexec_fn")
        if not any(text in source.data for text in texts):
            return Found()
        return found_in(self.name, source, _found)


RULE = _ProcessGroups()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if isinstance(node, ast.keyword) and node.arg == "preexec_fn":
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield refusal(place, "Windows' subprocess refuses preexec_fn")
        return
    if not (isinstance(node, ast.Attribute) and place.is_any(node, _ALL)):
        return
    if is_guarded(place, "AttributeError"):
        return
    called = place.around is not None and getattr(place.around.node, "func", None) is node
    statement = place.statement
    if called and place.is_any(node, _STOOD_IN_FOR):
        yield text_site(source, *source.span(node), f"{MODULE}.{node.attr}")
        yield from import_of_module(source)
    elif called and place.is_any(node, _LEFT_OUT) and _is_only(node, statement):
        module = source.text(source.span(node.value))
        yield from only_where(f'hasattr({module}, "{node.attr}")', place, source)
    else:
        yield refusal(place, f"nothing takes the place of os.{node.attr} on Windows")


def _is_only(function: ast.expr, statement: ast.stmt) -> bool:
    """Tell whether a statement is a call and nothing else."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Call) and value.func is function
