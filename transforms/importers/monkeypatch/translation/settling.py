"""What can be said of mutations before any is written: needless, impossible, or one of a chain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.result import Became, Translated
from transforms.importers.monkeypatch.translation.slots import same_value, slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.mutation import Mutation, Place
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Target

_NEVER = {Form.THIRD_PARTY, Form.OWN_TARGET, Form.INSTANCE}


@dataclass(frozen=True, slots=True)
class Settled:
    """What is decided of some mutations, by their numbers.

    Attributes:
        rows: of these, all.
        calls: for a wrapper around what another mutation has put there, that one's number.
    """

    rows: dict[int, Translated] = field(default_factory=dict)
    calls: dict[int, int] = field(default_factory=dict)

    def unchained(self, mutations: Sequence[Mutation], number: int) -> Settled:
        """Give the same without one chain, whose outer wrapper cannot be written."""
        inner = mutations[self.calls[number]]
        why = f"it calls what {inner.place} has put there before"
        row = Translated(mutation=mutations[number], became=Became.CANNOT, why=why)
        calls = {key: item for key, item in self.calls.items() if key != number}
        return Settled({**self.rows, number: row}, calls)


def settled(mutations: Sequence[Mutation], setting: Setting) -> Settled:
    """Decide what needs no translation.

    Args:
        mutations: all of them, in the plugin's order.
        setting: all that is read.
    """
    return _Settling(mutations, setting, Settled()).result()


@dataclass(frozen=True, slots=True)
class _Settling:
    mutations: Sequence[Mutation]
    setting: Setting
    found: Settled

    def result(self) -> Settled:
        for number, mutation in enumerate(self.mutations):
            if mutation.dead:
                self._settle(number, Became.NOTHING, mutation.dead)
            elif mutation.why_not or mutation.target is None or mutation.form in _NEVER:
                self._settle(number, Became.CANNOT, mutation.why_not or mutation.form.value)
        groups: defaultdict[Target, list[int]] = defaultdict(list)
        for number, slot in self._slots():
            if self.mutations[number].form is not Form.REGISTRY_ENTRY:
                groups[slot].append(number)
        for slot, numbers in groups.items():
            self._choose(slot, numbers)
        self._imports()
        return self.found

    def _settle(self, number: int, became: Became, why: str, follows: Place | None = None) -> None:
        self.found.rows[number] = Translated(
            mutation=self.mutations[number], became=became, why=why, follows=follows
        )

    def _slots(self) -> list[tuple[int, Target]]:
        """Give what the mutations bind that are open still."""
        return [
            (number, slot_of(mutation.target, self.setting))
            for number, mutation in enumerate(self.mutations)
            if number not in self.found.rows
            if mutation.target is not None and mutation.target.path
        ]

    def _choose(self, slot: Target, numbers: list[int]) -> None:
        """Choose among mutations of one target the one that stays."""
        *earlier, kept = numbers
        for number in reversed(earlier):
            mine, last = self.mutations[number], self.mutations[kept]
            if mine.guards or last.guards:
                continue
            if same_value(mine, last, self.setting):
                self._settle(number, Became.NOTHING, f"{last.place} assigns the same", last.place)
            elif slot in {defined_at(item, self.setting) for item in last.captured.values()}:
                self.found.calls[kept] = number
                kept = number
            else:
                why = f"{last.place} assigns something else afterwards"
                alone = sorted(mine.processes - last.processes)
                why += f", but not in: {', '.join(alone)}" if alone else ""
                self._settle(number, Became.NOTHING, why)

    def _imports(self) -> None:
        """Settle the names that modules import from where another mutation edits them."""
        open_slots = self._slots()
        definitions = {slot: number for number, slot in open_slots}
        for number, _ in open_slots:
            mutation = self.mutations[number]
            if mutation.form is not Form.REBIND_IMPORT or mutation.target is None:
                continue
            other = definitions.get(defined_at(mutation.target, self.setting), number)
            if other != number and same_value(self.mutations[other], mutation, self.setting):
                place = self.mutations[other].place
                self._settle(number, Became.NOTHING, f"the definition is edited: {place}", place)
