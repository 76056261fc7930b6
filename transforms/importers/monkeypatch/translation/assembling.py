"""Patches of the edits of all mutations, each proven on the pristine tree."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.edits import AddModule
from transforms.engine.apply import apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.match import match_patches
from transforms.engine.patch import Patch, bare_patch
from transforms.engine.syntax.source import SourceError
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.translation.marks import marked
from transforms.importers.monkeypatch.translation.result import Became, CannotError, Translated
from transforms.importers.monkeypatch.translation.setting import SUPPORT_PACKAGE, stem_of
from transforms.importers.monkeypatch.translation.slots import originals_named
from transforms.importers.monkeypatch.translation.support import support_modules
from transforms.importers.monkeypatch.translation.translating import kept_originals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Place
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.translation.translating import Translation

# That it is there says that patches of the plugin are compiled in.
_ABOVE = '"""What the patches of plugins need that the plugins define."""\n'

_LATE = 100_000
_GOOD = {Became.COMPILED, Became.NOTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The patches of a plugin.

    Attributes:
        rows: what became of each mutation, in the plugin's order.
        patches: the edits of each patch, by stem; those that add support modules come first.
        support: the bytes of the support modules, by their paths in the wheel.
    """

    rows: tuple[Translated, ...]
    patches: Mapping[str, tuple[Edit, ...]]
    support: Mapping[str, bytes]


def assembled(translation: Translation, *, oldest: tuple[int, int]) -> Assembled:
    """Put the edits of each patch module together, and prove that they hold together.

    A mutation whose edits do not apply beside those of the others, or leave something behind that
    a check finds, is one that cannot be compiled, for the reason that the check gives.

    Args:
        translation: what became of each mutation.
        oldest: the oldest Python that the release supports.
    """
    setting = translation.setting
    rows = _with_support(translation.rows, setting)
    while True:
        made = _made(rows, setting)
        failed = _left_behind(made, setting) or _failures(made, setting, oldest)
        if not failed:
            return replace(made, rows=tuple(map(_Hooks(made.rows).settled, made.rows)))
        rows = [failed.get(number, row) for number, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class _Hooks:
    """Import hooks, which nobody needs when all that they do is compiled."""

    rows: Sequence[Translated]

    def settled(self, row: Translated) -> Translated:
        """Say of a hook that is installed what became of all that it does."""
        mutation = row.mutation
        if mutation.form is not Form.HOOK or mutation.inside is not None:
            return row
        inner = [
            item
            for item in self.rows
            if item.mutation.inside is not None and item.mutation.place.file == mutation.place.file
        ]
        if not inner or any(item.became not in _GOOD for item in inner):
            return row
        lines = ", ".join(str(item.mutation.place.line) for item in inner)
        why = f"what the hook does is compiled: lines {lines}"
        return replace(row, became=Became.NOTHING, why=why)


def _left_behind(made: Assembled, setting: Setting) -> dict[int, Translated]:
    """Find the mutations that count on others, which could not be compiled."""
    became = {row.mutation.place: row.became for row in made.rows}
    kept = kept_originals(made.rows, setting)
    gone = set(setting.originals) - set(kept)
    found = {}
    for number, row in enumerate(made.rows):
        if row.follows is not None and became[row.follows] not in _GOOD:
            found[number] = _refused(row, f"{row.follows} could not be compiled")
        elif row.edits and originals_named(row.mutation, setting) & gone:
            found[number] = _refused(row, "what takes its original's name could not be compiled")
    return found


def _with_support(rows: Sequence[Translated], setting: Setting) -> list[Translated]:
    """Refuse the mutations whose support modules cannot be written."""
    return [_if_supported(row, setting) for row in rows]


def _if_supported(row: Translated, setting: Setting) -> Translated:
    try:
        support_modules(row.support, setting)
    except (CannotError, SourceError) as error:
        return _refused(row, str(error))
    return row


def _refused(row: Translated, why: str) -> Translated:
    return replace(
        row,
        became=Became.CANNOT,
        why=why,
        edits=(),
        support=frozenset(),
        stem="",
        warnings=(),
        follows=None,
        mark=None,
    )


def _compiled(rows: Sequence[Translated]) -> frozenset[Place]:
    """Give where the plugin does what nobody needs to do any more."""
    open_ones = {row.mutation.place for row in rows if row.became not in _GOOD}
    return frozenset(row.mutation.place for row in rows if row.edits) - open_ones


def _made(rows: Sequence[Translated], setting: Setting) -> Assembled:
    setting = replace(setting, compiled=_compiled(rows))
    wanted = {item for row in rows for item in row.support}
    support = {path: text.encode() for path, text in support_modules(wanted, setting).items()}
    above = SUPPORT_PACKAGE.replace(".", "/")
    packages = [f"{folder}/__init__.py" for folder in (above, f"{above}/{setting.plugin.package}")]
    if any(row.edits for row in rows):
        support |= dict.fromkeys(packages, _ABOVE.encode())
    edits: defaultdict[str, list[Edit]] = defaultdict(list)
    for row in rows:
        if row.edits and row.mutation.form is not Form.SAVE_ORIGINAL:
            edits[row.stem] += row.edits
    # What keeps an original stands behind it.
    for row in rows:
        if row.edits and row.mutation.form is Form.SAVE_ORIGINAL:
            edits[row.stem] += row.edits
    patches = {}
    for stem, given in edits.items():
        mine = frozenset(item for row in rows if row.stem == stem for item in row.support)
        paths = [*packages, *(sorted(support_modules(mine, setting)) if mine else [])]
        added = [AddModule(path=path, data=support[path], shared=True) for path in paths]
        marks = _marks([row for row in rows if row.stem == stem], stem, setting)
        patches[stem] = (*added, *_once(given), *marks)
    return Assembled(rows=tuple(rows), patches=patches, support=support)


def _marks(rows: Sequence[Translated], stem: str, setting: Setting) -> list[Edit]:
    """Write the marks of one patch: one for each module that it changes."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.edits and row.mark is not None:
            module, name = row.mark
            found[module].add(name)
    patch = f"{setting.plugin.package}/{stem}"
    return [
        marked(module, names, patch, setting.source(module))
        for module, names in sorted(found.items())
    ]


def _once(edits: Sequence[Edit]) -> list[Edit]:
    """Give edits without those that another mutation has as well, such as imports."""
    found: list[Edit] = []
    for edit in edits:
        if edit not in found:
            found.append(edit)
    return found


def _alone(made: Assembled, setting: Setting) -> dict[str, Patch]:
    """Give each mutation a patch of its own, so that a check names it."""
    found = {}
    for number, row in enumerate(made.rows):
        if row.edits:
            last = row.mutation.form is Form.SAVE_ORIGINAL
            edits = [*row.edits, *_marks([row], f"{number}", setting)]
            found[f"mutation-{number + _LATE * last:06d}"] = bare_patch(edits)
    paths = sorted(made.support)
    if paths:
        added = [AddModule(path=path, data=made.support[path]) for path in paths]
        found["support"] = bare_patch(added)
    return found


def _named(text: str) -> set[int]:
    return {int(number) % _LATE for number in re.findall(r"mutation-([0-9]{6})", text)}


def _failures(made: Assembled, setting: Setting, oldest: tuple[int, int]) -> dict[int, Translated]:
    """Find the mutations whose edits do not hold beside the others, or leave something behind."""
    patches = _alone(made, setting)
    outcomes = match_patches(patches, setting.tree, setting.release)
    found: dict[int, Translated] = {}
    for item in outcomes:
        if item.status.is_good:
            continue
        why = "; ".join(dict.fromkeys(problem.reason for _, problem in item.problems))
        others = _named(why + " ".join(note for _, each in item.problems for note in each.notes))
        (mine,) = _named(item.patch)
        # Of two that change the same, the first one stays.
        if not others - {mine} or min(others) < mine:
            why = _readable(why, made)
            found[mine] = _refused(made.rows[mine], why)
    if found:
        return found
    files = apply_sites(outcomes, setting.tree)
    lines = check_edited(files, patches, setting.tree, setting.release, oldest=oldest)
    for line in lines:
        for number in _named(line) or _of_support(line, made):
            if number not in found:
                found[number] = _refused(made.rows[number], _readable(line, made))
    return found


def _of_support(line: str, made: Assembled) -> set[int]:
    """Give the mutations that need the support module that a line speaks of."""
    stems = {path.rpartition("/")[2].removesuffix(".py") for path in made.support if path in line}
    found = {
        number
        for number, row in enumerate(made.rows)
        if any(stem_of(module) in stems or row.stem in stems for module, _ in row.support)
    }
    return found or {number for number, row in enumerate(made.rows) if row.edits}


def _readable(text: str, made: Assembled) -> str:
    """Name mutations by their places."""
    return re.sub(
        r"mutation-([0-9]{6})",
        lambda found: str(made.rows[int(found[1]) % _LATE].mutation.place),
        text,
    )
