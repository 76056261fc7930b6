"""The mutations that are not compiled: a patch does them already, or nobody wants them here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import module_name
from transforms.importers.monkeypatch.table import LEFT_OUT, table
from transforms.importers.monkeypatch.translation.result import Became, Translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from transforms.importers.monkeypatch.documentation import Documentation
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.table import Row

_NOT_WANTED = "nobody wants the patch in this build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What is not compiled.

    Attributes:
        replaced: the full names of the patches that do what mutations of a target do, by the
            target, e.g. ``vllm.v1.engine.core:EngineCore.__init__``.
        left_out: the stems of the plugin's patches that are not wanted.
    """

    replaced: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out: Collection[str] = frozenset()


class Sorted:
    """The mutations of a plugin: those that are compiled, and the others beside them.

    A mutation that never has an effect stays what it is: nothing takes its place.

    Args:
        mutations: all of them, in the plugin's order.
        stems: the stem of each module's patch.
        withheld: what is not compiled.
    """

    def __init__(
        self, mutations: Sequence[Mutation], stems: Mapping[str, str], withheld: Withheld
    ) -> None:
        self._all = tuple(mutations)
        self._unwanted = {
            number
            for number, item in enumerate(mutations)
            if stems[module_name(item.place.file)] in withheld.left_out
        }
        self._by = {
            number: tuple(withheld.replaced[item.target.dotted])
            for number, item in enumerate(mutations)
            if number not in self._unwanted and item.target is not None and not item.dead
            if item.target.dotted in withheld.replaced
        }

    @property
    def compiled(self) -> tuple[Mutation, ...]:
        """The mutations that are compiled."""
        return tuple(
            item
            for number, item in enumerate(self._all)
            if number not in self._unwanted and number not in self._by
        )

    def with_replaced(self, rows: Sequence[Translated]) -> tuple[Translated, ...]:
        """Put what other patches do between what became of those that are compiled."""
        left = iter(rows)
        return tuple(
            Translated(
                mutation=item, became=Became.COMPILED, why=f"by {', '.join(self._by[number])}"
            )
            if number in self._by
            else next(left)
            for number, item in enumerate(self._all)
            if number not in self._unwanted
        )

    def table(self, rows: Sequence[Translated], documentation: Documentation) -> tuple[Row, ...]:
        """Give the table, with a row for each mutation.

        Args:
            rows: what became of those that are wanted.
            documentation: what the plugin says of them.
        """
        return tuple(self._rows(iter(rows), documentation))

    def _rows(self, rows: Iterator[Translated], documentation: Documentation) -> Iterator[Row]:
        for number, item in enumerate(self._all):
            if number in self._unwanted:
                nothing = Translated(mutation=item, became=Became.NOTHING, why=_NOT_WANTED)
                yield replace(*table([nothing], documentation), outcome=LEFT_OUT)
            else:
                (row,) = table([next(rows)], documentation)
                yield replace(row, by=self._by.get(number, ()))
