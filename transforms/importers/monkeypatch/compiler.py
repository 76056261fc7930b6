"""From what was read of a plugin to its patches and the table of all that it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.patch import Patch
from transforms.engine.said import UNSAID, says_nothing
from transforms.engine.syntax.modules import module_name
from transforms.importers.monkeypatch.documentation import read_documentation
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.resolution import Library
from transforms.importers.monkeypatch.translation.assembling import assembled
from transforms.importers.monkeypatch.translation.saying import said_of
from transforms.importers.monkeypatch.translation.setting import Setting
from transforms.importers.monkeypatch.translation.translating import (
    patch_names,
    planned,
    translated,
)
from transforms.importers.monkeypatch.translation.writing import Said, patch_modules
from transforms.importers.monkeypatch.withheld import Sorted, Withheld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.reading import Reading
    from transforms.importers.monkeypatch.table import Row
    from transforms.importers.monkeypatch.translation.assembling import Assembled
    from transforms.importers.monkeypatch.translation.result import Translated

_VLLM = "vllm"
_FIELDS = ("why", "upstream", "drop_when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a plugin.

    Attributes:
        rows: the table.
        made: the edits of each patch, and the files that they add.
        said: what the plugin says of each patch, by its stem.
        versions: the releases that the patches are for (PEP 440).
        files: the files of the plugin that each patch comes from, by its stem.
        undocumented: the files that patch, and of which nothing is said.
        lost: what is said of files that the plugin does not have, by its place.
    """

    rows: tuple[Row, ...]
    made: Assembled
    said: Mapping[str, Said]
    versions: str
    files: Mapping[str, tuple[str, ...]]
    undocumented: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def modules(self) -> Mapping[str, str]:
        """The text of each patch module, by its stem; written anew each time."""
        return patch_modules(self.made, self.said, versions=self.versions)

    @property
    def runtime(self) -> Mapping[str, bytes]:
        """The files that the patches add, by their paths in the wheel."""
        return self.made.support

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """By stem, the fields of a patch of which the plugin says nothing."""
        return {stem: _missing(self.said.get(stem, Said())) for stem in sorted(self.made.patches)}

    def patches(self, origin: str) -> dict[str, Patch]:
        """Give the patches, by stem, with the bytes of the files that they add.

        What the plugin does not say of one is said to be that: nobody fills it in here.

        Args:
            origin: the plugin, for messages, e.g. ``vllm-ascend 0.23.0.post1``.
        """
        found = {}
        for stem, edits in sorted(self.made.patches.items()):
            said = self.said.get(stem, Said())
            unsaid = f"{UNSAID}{origin}: {', '.join(self.files[stem])}"
            found[stem] = Patch(
                why=unsaid if says_nothing(said.why) else said.why,
                upstream=unsaid if says_nothing(said.upstream) else said.upstream,
                drop_when=unsaid if says_nothing(said.drop_when) else said.drop_when,
                versions=self.versions,
                edits=edits,
            )
        return found


def compile_plugin(  # noqa: PLR0913 - the plugin, the release, and what is left to others
    plugin: Plugin,
    reading: Reading,
    tree: Tree,
    release: str,
    *,
    oldest: tuple[int, int],
    withheld: Withheld | None = None,
) -> Imported:
    """Write everything that a plugin does to vLLM as patches, as far as that can be.

    Args:
        plugin: the plugin.
        reading: what was read of it, on the same tree and release.
        tree: vLLM's source.
        release: its version; the patches are for this one alone.
        oldest: the oldest Python that the release supports.
        withheld: what is not compiled.
    """
    plugin = replace(plugin, helpers=_patching(reading.mutations))
    stems = patch_names(reading.mutations)
    setting = Setting(
        plugin=plugin,
        own=Library(plugin.package, plugin.tree),
        library=Library(_VLLM, tree),
        tree=tree,
        release=release,
        lookup=reading.lookup,
        stems=stems,
    )
    mutations = Sorted(reading.mutations, stems, withheld or Withheld())
    translation = translated(planned(mutations.compiled, setting))
    translation = replace(translation, rows=mutations.with_replaced(translation.rows))
    made = assembled(translation, oldest=oldest)
    documentation = read_documentation(plugin)
    return Imported(
        rows=mutations.table(made.rows, documentation),
        made=made,
        said=said_of(made.rows, documentation),
        versions=f"=={release}",
        files=_files(made.rows),
        undocumented=tuple(documentation.undocumented(reading.mutations)),
        lost=tuple(f"{item.file}: {item.title}" for item in documentation.lost),
    )


def _patching(mutations: Sequence[Mutation]) -> frozenset[str]:
    """Give the modules in which vLLM is patched; import hooks patch Python."""
    return frozenset(
        module_name(item.place.file)
        for item in mutations
        if item.form is not Form.HOOK or item.inside
    )


def _files(rows: Sequence[Translated]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.stem:
            found.setdefault(row.stem, {})[row.mutation.place.file] = None
    return {stem: tuple(files) for stem, files in found.items()}


def _missing(said: Said) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if says_nothing(getattr(said, name)))
