"""Windows has no SO_REUSEPORT: ask for it only where there is one.

Before::

    import socket

    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)

After::

    import socket

    if hasattr(socket, "SO_REUSEPORT"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)

Any other use of it is refused.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.posix.guards import imports_unguarded, is_guarded
from transforms.rules.posix.rewriting import found_in, only_where, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_OPTION = frozenset({"socket.SO_REUSEPORT"})


@dataclass(frozen=True, slots=True)
class _ReusePort:
    """The rule; see the module."""

    name: str = "reuse_port"
    needles: tuple[bytes, ...] = (b"SO_REUSEPORT",)

    def match(self, source: Source) -> Found:
        """Find where the option is set."""
        return found_in(self.name, source, _found)


RULE = _ReusePort()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if imports_unguarded(place, "socket", "SO_REUSEPORT"):
        yield refusal(place, "say `socket.SO_REUSEPORT`, so that the use can be guarded")
    elif isinstance(node, ast.Attribute) and place.is_any(node, _OPTION):
        if is_guarded(place, "AttributeError"):
            return
        statement = place.statement
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "setsockopt"
            and node in call.args
        ):
            yield refusal(place, "it is more than `setsockopt(..., SO_REUSEPORT, ...)`")
            return
        module = source.text(source.span(node.value))
        yield from only_where(f'hasattr({module}, "SO_REUSEPORT")', place, source)
