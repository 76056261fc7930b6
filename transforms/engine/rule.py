"""What the engine asks of a rule: a kind of change that can be applied to a whole tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from transforms.engine.edit import Found
    from transforms.engine.syntax.source import Source


class Rule(Protocol):
    """A reusable change that acts wherever its construct stands."""

    @property
    def name(self) -> str:
        """The rule's name: the stem of its module."""

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes that a file must all hold before it is worth parsing."""

    def match(self, source: Source) -> Found:
        """Find the rule's sites in one file; a place that it must refuse is a problem."""
