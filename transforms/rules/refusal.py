"""Places that a rule finds and must not change, and what an author is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.syntax.source import Placed, Source


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that cannot be rewritten without changing what it means.

    Attributes:
        node: what stands there.
        function: the dotted name of the function around it; empty for the module.
        reason: why, in one line.
    """

    node: Placed
    function: str
    reason: str


def refused(rule: str, refusals: Sequence[Refusal], source: Source) -> Problem | None:
    """Make one problem of all refusals of a file; None where there is none.

    Args:
        rule: the rule's name.
        refusals: in the order of the file.
        source: the file.
    """
    if not refusals:
        return None
    first, *others = refusals
    return Problem(
        status=Status.DRIFTED,
        reason=first.reason,
        path=source.path,
        scope=first.function,
        looked_for=f"rule {rule}",
        closest=source.first_line(first.node),
        line=first.node.lineno,
        notes=tuple(
            f"{source.path}:{other.node.lineno} in {other.function}: {other.reason}"
            for other in others
        ),
    )
