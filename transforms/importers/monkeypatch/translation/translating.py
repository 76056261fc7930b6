"""All mutations of a plugin, as patches of vLLM."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import module_name
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.translation.compiling import compiled
from transforms.importers.monkeypatch.translation.cycles import Imports
from transforms.importers.monkeypatch.translation.needs import defined_at
from transforms.importers.monkeypatch.translation.originals import classes_placed, originals_of
from transforms.importers.monkeypatch.translation.owned import with_definitions
from transforms.importers.monkeypatch.translation.result import (
    Became,
    CannotError,
    NeedsHintError,
    NeedsNothingError,
    Translated,
)
from transforms.importers.monkeypatch.translation.setting import stems_of
from transforms.importers.monkeypatch.values import Own, OwnName, Upstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.monkeypatch.mutation import Mutation, Place
    from transforms.importers.monkeypatch.translation.setting import Original, Setting
    from transforms.importers.monkeypatch.values import Target

_NEVER = {Form.THIRD_PARTY, Form.OWN_TARGET, Form.INSTANCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The mutations, and all that is decided before the first is written.

    Attributes:
        mutations: in the plugin's order.
        setting: with the originals that stay, and the classes that become vLLM's.
    """

    mutations: tuple[Mutation, ...]
    setting: Setting


def planned(mutations: Sequence[Mutation], setting: Setting) -> Planned:
    """Decide which originals stay under another name, before anything is written.

    Args:
        mutations: what the reader has found.
        setting: all that is read.
    """
    stems = stems_of(module_name(item.place.file) for item in mutations)
    setting = replace(setting, stems=stems)
    kept = [item for item in mutations if not item.dead and not item.why_not]
    setting = replace(
        setting,
        originals=originals_of(kept, setting),
        placed=classes_placed(kept, setting),
    )
    return Planned(mutations=tuple(mutations), setting=setting)


def translated(plan: Planned) -> list[Translated]:
    """Write each mutation as edits, or say why not; in the plugin's order.

    Where the function that calls an original cannot be written, the original keeps its name, and
    what else names it is written again.
    """
    imports = Imports(plan.setting.tree)
    settled = _settled(plan)
    rows = [
        settled.get(number) or _one(mutation, plan.setting, imports)
        for number, mutation in enumerate(plan.mutations)
    ]
    setting = plan.setting
    while True:
        kept = _kept_originals(rows, setting)
        gone = set(setting.originals) - set(kept)
        if not gone:
            return rows
        setting = replace(setting, originals=kept)
        for number, row in enumerate(rows):
            if number not in settled and _names(row.mutation, setting) & gone:
                rows[number] = _one(row.mutation, setting, imports)


def _kept_originals(rows: Sequence[Translated], setting: Setting) -> dict[Target, Original]:
    """Give the originals whose name a compiled mutation takes."""
    taken = {
        _slot(row.mutation.target, setting)
        for row in rows
        if row.became is Became.COMPILED and row.mutation.target is not None
        if row.mutation.form is not Form.SAVE_ORIGINAL
    }
    return {target: item for target, item in setting.originals.items() if item.target in taken}


def _names(mutation: Mutation, setting: Setting) -> set[Target]:
    """Give the originals that a mutation names."""
    named = [item for item in mutation.captured.values() if item.path]
    if isinstance(mutation.value, Upstream) and mutation.value.target.path:
        named.append(mutation.value.target)
    return {defined_at(item, setting) for item in named} | set(named)


def _one(mutation: Mutation, setting: Setting, imports: Imports) -> Translated:
    module = module_name(mutation.place.file)
    stem = setting.stem(module)
    became = Became.CANNOT
    try:
        done = compiled(mutation, module, setting, imports)
    except NeedsNothingError as error:
        became, why = Became.NOTHING, str(error)
    except NeedsHintError as error:
        became, why = Became.HINT, str(error)
    except CannotError as error:
        why = str(error)
    else:
        kinds = dict.fromkeys(type(edit).__name__ for edit in done.edits)
        return Translated(
            mutation=mutation,
            became=Became.COMPILED,
            why=", ".join(kinds),
            stem=stem,
            edits=done.edits,
            support=done.support,
            warnings=done.warnings,
        )
    return Translated(mutation=mutation, became=became, why=why)


def _settled(plan: Planned) -> dict[int, Translated]:
    """Say of those mutations what becomes of them that no edit is needed or possible for."""
    found: dict[int, Translated] = {}

    def settle(number: int, became: Became, why: str, follows: Place | None = None) -> None:
        mutation = plan.mutations[number]
        found[number] = Translated(mutation=mutation, became=became, why=why, follows=follows)

    for number, mutation in enumerate(plan.mutations):
        if mutation.dead:
            settle(number, Became.NOTHING, mutation.dead)
        elif mutation.why_not or mutation.target is None or mutation.form in _NEVER:
            settle(number, Became.CANNOT, mutation.why_not or mutation.form.value)
    rest = [number for number in range(len(plan.mutations)) if number not in found]
    groups: defaultdict[Target, list[int]] = defaultdict(list)
    for number in rest:
        target = plan.mutations[number].target
        assert target is not None
        if plan.mutations[number].form is not Form.REGISTRY_ENTRY and target.path:
            groups[_slot(target, plan.setting)].append(number)
    for numbers in groups.values():
        _settle_group(numbers, plan, settle)
    definitions = {
        _slot(target, plan.setting): number
        for number in rest
        if number not in found and (target := plan.mutations[number].target) is not None
        if target.path
    }
    for number in rest:
        mutation = plan.mutations[number]
        if mutation.form is not Form.REBIND_IMPORT or mutation.target is None or number in found:
            continue
        where = defined_at(mutation.target, plan.setting)
        other = definitions.get(where)
        if other is not None and other != number:
            if _same_value(plan.mutations[other], mutation, plan.setting):
                place = plan.mutations[other].place
                settle(number, Became.NOTHING, f"the definition is edited: {place}", place)
    return found


def _settle_group(numbers, plan, settle) -> None:  # type: ignore[no-untyped-def]
    """Choose among mutations of one target the one that stays."""
    if len(numbers) < 2:
        return
    kept = numbers[-1]
    for number in reversed(numbers[:-1]):
        mine, last = plan.mutations[number], plan.mutations[kept]
        if mine.guards or last.guards:
            continue
        if _same_value(mine, last, plan.setting):
            settle(number, Became.NOTHING, f"{last.place} assigns the same", last.place)
        elif any(
            defined_at(t, plan.setting) == _slot(mine.target, plan.setting)
            for t in last.captured.values()
            if t.path
        ):
            settle(kept, Became.CANNOT, f"it calls what {mine.place} has put there before")
            kept = number
        else:
            settle(number, Became.NOTHING, f"{last.place} assigns something else afterwards")


def _slot(target: Target, setting: Setting) -> Target:
    """Give the attribute that is bound: of the class where it is defined, or of the module."""
    if len(target.path) == 1:
        return target
    owner = defined_at(type(target)(module=target.module, path=target.path[:-1]), setting)
    return owner.member(target.path[-1])


def _same_value(one: Mutation, other: Mutation, setting: Setting) -> bool:
    values = [with_definitions(item.value, setting) for item in (one, other)]
    if all(isinstance(item, Own) for item in values):
        return values[0].node is values[1].node  # type: ignore[union-attr]
    return isinstance(values[0], OwnName) and values[0] == values[1]
