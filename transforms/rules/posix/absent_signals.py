"""Windows has few signals: set a handler for one only where there is such a signal.

Before::

    import signal

    signal.signal(signal.SIGTSTP, handler)

After::

    import signal

    if hasattr(signal, "SIGTSTP"):
        signal.signal(signal.SIGTSTP, handler)

SIGKILL is the rule `kill_signal`'s. Other uses of a signal that Windows lacks are refused.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.lacking import SIGNALS
from transforms.rules.posix.rewriting import found_in, only_where, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_ABSENT = SIGNALS - {"signal.SIGKILL"}
_SET = frozenset({"signal.signal"})


@dataclass(frozen=True, slots=True)
class _AbsentSignals:
    """The rule; see the module."""

    name: str = "absent_signals"
    needles: tuple[bytes, ...] = (b"import", b"signal", b"SIG")

    def match(self, source: Source) -> Found:
        """Find the handlers of signals that Windows does not have."""
        return found_in(self.name, source, _found)


RULE = _AbsentSignals()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if not (isinstance(node, ast.Attribute) and place.is_any(node, _ABSENT)):
        return
    if is_guarded(place, "AttributeError"):
        return
    statement = place.statement
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and place.is_any(call.func, _SET) and call.args[0] is node:
        module = source.text(source.span(node.value))
        yield from only_where(f'hasattr({module}, "{node.attr}")', place, source)
    else:
        yield refusal(place, f"say what takes the place of {node.attr} on Windows")
