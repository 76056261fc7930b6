"""What a plugin says of its patches: Why, How, Related PR and Future Plan, and its docstrings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import module_file, module_name
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.monkeypatch.comments import Entry, entries_in, first_comment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.plugin import Plugin

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """Everything that a plugin says of its patch modules.

    Attributes:
        entries: by file of the plugin, what is said of it, in the order of the text.
        notes: by file, its docstring, or the comment that it begins with after the license.
        lost: what is said of files that the plugin does not have.
    """

    entries: Mapping[str, tuple[Entry, ...]] = field(repr=False)
    notes: Mapping[str, str] = field(repr=False)
    lost: tuple[Entry, ...] = ()

    def of(self, mutation: Mutation) -> Entry | None:
        """Give what is said of a mutation; None where nothing is said of its target or file.

        The entry that names the target most exactly; else the file's only entry.

        Args:
            mutation: something that the plugin does.
        """
        there = self.entries.get(mutation.place.file, ())
        if not there:
            return self._elsewhere(mutation)
        ranked = [
            (max((_score(text, mutation) for text in item.targets), default=0), item)
            for item in there
        ]
        score, best = max(ranked, key=lambda pair: pair[0])
        if score:
            return best
        return there[0] if len(there) == 1 else None

    def _elsewhere(self, mutation: Mutation) -> Entry | None:
        """Give an entry of another file that names the target in full: its heading may be lost."""
        target = mutation.target
        dotted = "" if target is None else ".".join((target.module, *target.path))
        return next(
            (
                item
                for items in self.entries.values()
                for item in items
                if dotted and dotted in item.targets
            ),
            None,
        )

    def undocumented(self, mutations: Iterable[Mutation]) -> list[str]:
        """Give the files that patch and of which nothing is said, by name.

        Args:
            mutations: what the plugin does.
        """
        return sorted(
            {item.place.file for item in mutations if self.of(item) is None} - set(self.entries)
        )


def _score(text: str, mutation: Mutation) -> int:
    """Say how exactly a text names the target of a mutation; more is more exact, 0 not at all.

    It is the number of names, at the end of both, that are the same. A text that names a member of
    the target counts less.
    """
    target = mutation.target
    names = tuple(_WORD.findall(text))
    whole = () if target is None else (*target.module.split("."), *target.path)
    inside = () if target is None else target.path
    spelled = tuple(_WORD.findall(mutation.spelled))
    best = 0
    for of in (whole, spelled):
        for end in range(len(of), 0, -1):
            for meant, weight in ((names, 200), (names[:-1], 100)):
                if meant is not names and end < len(of):
                    continue
                same = _shared(of[:end], meant)
                # One name alone may be any module's: it counts where it is inside of the module.
                if same > 1 or (same == 1 and meant[-1] in inside):
                    best = max(best, same * weight + end)
    return best


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Count the names that two dotted names have in common at their ends."""
    count = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def read_documentation(plugin: Plugin) -> Documentation:
    """Read the comments of a plugin's patch modules and of the packages around them.

    A file that does not parse says nothing.

    Args:
        plugin: the plugin.
    """
    entries: dict[str, list[Entry]] = {}
    notes: dict[str, str] = {}
    lost: list[Entry] = []
    for path in _asked(plugin):
        source = Source(path, plugin.tree.read(path))
        try:
            note = ast.get_docstring(source.module) or first_comment(source)
        except SourceError:
            continue
        if note and plugin.is_read(module_name(path)):
            notes[path] = note
        for entry in entries_in(source):
            file = _file_of(entry, path, plugin)
            if file is None:
                lost.append(entry)
            else:
                entries.setdefault(file, []).append(entry)
    return Documentation(
        entries={path: tuple(items) for path, items in entries.items()},
        notes=notes,
        lost=tuple(lost),
    )


def _asked(plugin: Plugin) -> list[str]:
    """Give the files whose comments count: those that are read, and the packages around them."""
    names: dict[str, None] = {}
    for root in plugin.modules:
        parts = root.split(".")
        for length in range(1, len(parts) + 1):
            names.setdefault(".".join(parts[:length]))
        for name in plugin.modules_below(root):
            names.setdefault(name)
    found = (module_file(name, plugin.tree) for name in names)
    return [path for path in found if path is not None]


def _file_of(entry: Entry, written_in: str, plugin: Plugin) -> str | None:
    """Give the file that an entry is about, which it names from the folder that it stands in."""
    if not entry.file:
        return written_in
    folder = written_in.rpartition("/")[0]
    beside = f"{folder}/{entry.file}"
    if beside in plugin.tree:
        return beside
    read = [path for path in plugin.tree if path.endswith(f"/{entry.file}")]
    inside = [path for path in read if plugin.is_read(module_name(path))]
    return inside[0] if len(inside) == 1 else None
