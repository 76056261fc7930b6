"""All mutations of a plugin, as typed edits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import module_name
from transforms.engine.syntax.source import SourceError
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.translation.compiling import compiled
from transforms.importers.monkeypatch.translation.cycles import Imports
from transforms.importers.monkeypatch.translation.marks import with_marks
from transforms.importers.monkeypatch.translation.originals import classes_placed, originals_of
from transforms.importers.monkeypatch.translation.result import (
    Became,
    CannotError,
    NeedsHintError,
    NeedsNothingError,
    Translated,
)
from transforms.importers.monkeypatch.translation.setting import Original, stems_of
from transforms.importers.monkeypatch.translation.settling import settled
from transforms.importers.monkeypatch.translation.slots import originals_named, slot_of
from transforms.importers.monkeypatch.translation.stale import Consumers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.translation.settling import Settled
    from transforms.importers.monkeypatch.values import Target


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
        setting: all that is read; the names of the patches may be in it already.
    """
    setting = replace(setting, stems=setting.stems or patch_names(mutations))
    kept = [item for item in mutations if not item.dead and not item.why_not]
    originals = originals_of(kept, setting)
    setting = replace(setting, originals=originals, placed=classes_placed(kept, setting))
    return Planned(mutations=tuple(mutations), setting=setting)


def patch_names(mutations: Iterable[Mutation]) -> dict[str, str]:
    """Give the stem of the patch that each module of the plugin becomes, by the module's name."""
    return stems_of(module_name(item.place.file) for item in mutations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What became of all mutations.

    Attributes:
        rows: of each, in the plugin's order.
        setting: with the originals whose names were taken.
    """

    rows: tuple[Translated, ...]
    setting: Setting


def translated(plan: Planned) -> Translation:
    """Write each mutation as edits, or say why not.

    Where the function that calls an original cannot be written, the original keeps its name, and
    what else names it is written again.
    """
    imports = Imports(plan.setting.tree)
    decided = settled(plan.mutations, plan.setting)
    setting = plan.setting
    rows = [_row(number, plan, decided, setting, imports) for number in range(len(plan.mutations))]
    while True:
        broken = [number for number in decided.calls if rows[number].became is not Became.COMPILED]
        for number in broken:
            inner = decided.calls[number]
            decided = decided.unchained(plan.mutations, number)
            for again in (number, inner):
                rows[again] = _row(again, plan, decided, setting, imports)
        kept = kept_originals(rows, setting)
        gone = set(setting.originals) - set(kept)
        placed = _kept_classes(rows, setting)
        homeless = {module for module, _ in set(setting.placed) - set(placed)}
        if not gone and not broken and not homeless:
            listed = tuple(_with_consumers(row, setting) for row in rows)
            return Translation(rows=listed, setting=setting)
        setting = replace(setting, originals=kept, placed=placed)
        for number, row in enumerate(rows):
            named = originals_named(row.mutation, setting) & gone
            here = module_name(row.mutation.place.file) in homeless
            if number not in decided.rows and (named or here):
                rows[number] = _row(number, plan, decided, setting, imports)


def kept_originals(rows: Sequence[Translated], setting: Setting) -> dict[Target, Original]:
    """Give the originals whose names compiled mutations take."""
    taken = {
        slot_of(row.mutation.target, setting)
        for row in rows
        if row.became is Became.COMPILED and row.mutation.target is not None
        if row.mutation.form is not Form.SAVE_ORIGINAL
    }
    return {target: item for target, item in setting.originals.items() if item.target in taken}


def _kept_classes(rows: Sequence[Translated], setting: Setting) -> dict[tuple[str, str], Target]:
    """Give the classes of the plugin that compiled mutations have put into vLLM."""
    there = {
        row.mutation.target for row in rows if row.became is Became.COMPILED and not row.is_local
    }
    return {key: target for key, target in setting.placed.items() if target in there}


def _with_consumers(row: Translated, setting: Setting) -> Translated:
    """Add which modules import what was edited."""
    target = row.mutation.target
    if row.became is not Became.COMPILED or target is None or len(target.path) != 1:
        return row
    if row.mutation.form is Form.REBIND_IMPORT:
        return row
    found = Consumers(setting.tree, setting.library).of(target)
    if not row.is_local:
        return replace(row, consumers=found)
    kept = tuple(f"{module} imports it, and keeps upstream's" for module in found)
    return replace(row, warnings=(*row.warnings, *kept))


def _row(
    number: int, plan: Planned, decided: Settled, setting: Setting, imports: Imports
) -> Translated:
    """Write one mutation, alone or as a part of a chain of wrappers."""
    if number in decided.rows:
        return decided.rows[number]
    mutation = plan.mutations[number]
    outer = next((key for key, inner in decided.calls.items() if inner == number), None)
    under = "" if outer is None else _chained_name(mutation, setting)
    inner = decided.calls.get(number)
    if inner is not None and mutation.target is not None:
        slot = slot_of(mutation.target, setting)
        name = _chained_name(plan.mutations[inner], setting)
        chained = {slot: Original(target=slot, private=name)}
        setting = replace(setting, originals={**setting.originals, **chained})
    return _one(mutation, setting, imports, under=under, is_outer=inner is not None)


def _chained_name(mutation: Mutation, setting: Setting) -> str:
    """Name a wrapper that another one calls."""
    stem = setting.stem(module_name(mutation.place.file))
    return f"_wheelwright_{stem}_{mutation.target.path[-1] if mutation.target else ''}"


def _one(
    mutation: Mutation, setting: Setting, imports: Imports, *, under: str, is_outer: bool
) -> Translated:
    module = module_name(mutation.place.file)
    became = Became.CANNOT
    try:
        done = compiled(mutation, module, setting, imports, under=under, is_outer=is_outer)
    except NeedsNothingError as error:
        became, why = Became.NOTHING, str(error)
    except NeedsHintError as error:
        became, why = Became.HINT, str(error)
    except (CannotError, SourceError) as error:
        why = str(error)
    else:
        kinds = dict.fromkeys(type(edit).__name__ for edit in done.edits)
        return Translated(
            mutation=mutation,
            became=Became.COMPILED,
            why=", ".join(kinds),
            stem=setting.stem(module),
            edits=(*map(with_marks, done.mark[:1] if done.mark else ()), *done.edits),
            support=done.support,
            warnings=done.warnings,
            is_local=done.is_local,
            mark=done.mark,
        )
    return Translated(mutation=mutation, became=became, why=why)
