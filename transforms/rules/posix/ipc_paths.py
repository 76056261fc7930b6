"""ZeroMQ has no Unix domain sockets on Windows: an address that is put together becomes one of TCP.

Both ends put together the same text, so the port must follow from it.

Before::

    def address(base, rank):
        return f"ipc://{base}/lookup_{rank}"

After::

    from vllm import wheelwright_windows


    def address(base, rank):
        return wheelwright_windows.ipc_address(f"ipc://{base}/lookup_{rank}")

`get_open_zmq_ipc_path`, which makes up addresses that nobody else puts together, has a patch of its
own. What only looks at the scheme, e.g. `startswith("ipc://")`, is left alone.
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

_SCHEME = "ipc://"
_PATCHED_BY_HAND = frozenset({"get_open_zmq_ipc_path"})


@dataclass(frozen=True, slots=True)
class _IpcPaths:
    """The rule; see the module."""

    name: str = "ipc_paths"
    needles: tuple[bytes, ...] = (_SCHEME.encode(),)

    def match(self, source: Source) -> Found:
        """Find the addresses that are put together."""
        return found_in(self.name, source, _found)


RULE = _IpcPaths()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if not (isinstance(node, ast.Constant | ast.JoinedStr) and _is_address(node)):
        return
    outer = place.around.node if place.around else None
    if isinstance(outer, ast.Expr) or place.function in _PATCHED_BY_HAND or is_guarded(place):
        return
    if isinstance(outer, ast.Call) and _name(outer.func) == "ipc_address":
        return
    if isinstance(outer, ast.BinOp | ast.Compare | ast.Attribute):
        yield refusal(place, "only an address that stands alone can become one of TCP")
        return
    text = source.text(source.span(node))
    yield text_site(source, *source.span(node), f"{MODULE}.ipc_address({text})")
    yield from import_of_module(source)


def _is_address(node: ast.Constant | ast.JoinedStr) -> bool:
    """Tell whether a literal is an address: the scheme, and more."""
    if isinstance(node, ast.JoinedStr):
        first = node.values[0] if node.values else None
        return isinstance(first, ast.Constant) and str(first.value).startswith(_SCHEME)
    return isinstance(node.value, str) and node.value.startswith(_SCHEME) and node.value != _SCHEME


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ""
