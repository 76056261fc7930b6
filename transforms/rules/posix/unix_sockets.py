"""Python has no Unix domain sockets on Windows: say so, instead of an AttributeError.

Before::

    import socket

    sock = socket.socket(family=socket.AF_UNIX, type=socket.SOCK_STREAM)

After::

    import socket

    if not hasattr(socket, "AF_UNIX"):
        raise OSError("Python has no Unix domain sockets on this platform: use a TCP port")
    sock = socket.socket(family=socket.AF_UNIX, type=socket.SOCK_STREAM)

The rule is about sockets that are made. A family that is only compared or handed on stays.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.posix.guards import imports_unguarded, is_guarded
from transforms.rules.posix.rewriting import found_in, in_front, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_SOCKET = frozenset({"socket.socket"})
_FAMILY = frozenset({"socket.AF_UNIX"})
_SAYS = "Python has no Unix domain sockets on this platform: use a TCP port"


@dataclass(frozen=True, slots=True)
class _UnixSockets:
    """The rule; see the module."""

    name: str = "unix_sockets"
    needles: tuple[bytes, ...] = (b"AF_UNIX",)

    def match(self, source: Source) -> Found:
        """Find the Unix domain sockets that are made."""
        return found_in(self.name, source, _found)


RULE = _UnixSockets()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if imports_unguarded(place, "socket", "AF_UNIX"):
        yield refusal(place, "say `socket.AF_UNIX`, so that the use can be guarded")
        return
    if not (isinstance(node, ast.Call) and place.is_any(node.func, _SOCKET)):
        return
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    families = [each for each in given if place.is_any(each, _FAMILY)]
    if not families or is_guarded(place, "AttributeError"):
        return
    (family,) = families
    if not isinstance(family, ast.Attribute):
        yield refusal(place, "say `socket.AF_UNIX`, so that the use can be guarded")
        return
    module = source.text(source.span(family.value))
    guard = f'if not hasattr({module}, "AF_UNIX"):\n    raise OSError("{_SAYS}")'
    yield from in_front(guard, place, source)
