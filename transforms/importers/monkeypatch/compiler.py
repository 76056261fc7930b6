"""From what was read of a plugin to its patches and the table of all that it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.documentation import read_documentation
from transforms.importers.monkeypatch.resolution import Library
from transforms.importers.monkeypatch.table import table
from transforms.importers.monkeypatch.translation.assembling import assembled
from transforms.importers.monkeypatch.translation.saying import said_of
from transforms.importers.monkeypatch.translation.setting import Setting
from transforms.importers.monkeypatch.translation.translating import planned, translated
from transforms.importers.monkeypatch.translation.writing import Said, patch_modules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.reading import Reading
    from transforms.importers.monkeypatch.table import Row

_VLLM = "vllm"
_FIELDS = ("why", "upstream", "drop_when")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a plugin.

    Attributes:
        rows: the table.
        modules: the text of each patch module, by its stem.
        runtime: the files that the patches add, by their paths in the wheel.
        missing: by stem, the fields of a patch of which the plugin says nothing.
        undocumented: the files that patch, and of which nothing is said.
        lost: what is said of files that the plugin does not have, by its place.
    """

    rows: tuple[Row, ...]
    modules: Mapping[str, str]
    runtime: Mapping[str, bytes]
    missing: Mapping[str, tuple[str, ...]]
    undocumented: tuple[str, ...]
    lost: tuple[str, ...]


def compile_plugin(
    plugin: Plugin,
    reading: Reading,
    tree: Tree,
    release: str,
    *,
    oldest: tuple[int, int],
) -> Imported:
    """Write everything that a plugin does to vLLM as patches, as far as that can be.

    Args:
        plugin: the plugin.
        reading: what was read of it, on the same tree and release.
        tree: vLLM's source.
        release: its version; the patches are for this one alone.
        oldest: the oldest Python that the release supports.
    """
    setting = Setting(
        plugin=plugin,
        own=Library(plugin.package, plugin.tree),
        library=Library(_VLLM, tree),
        tree=tree,
        release=release,
        lookup=reading.lookup,
    )
    made = assembled(translated(planned(reading.mutations, setting)), oldest=oldest)
    documentation = read_documentation(plugin)
    said = said_of(made.rows, documentation)
    return Imported(
        rows=table(made.rows, documentation),
        modules=patch_modules(made, said, versions=f"=={release}"),
        runtime=made.support,
        missing={stem: _missing(said.get(stem, Said())) for stem in sorted(made.patches)},
        undocumented=tuple(documentation.undocumented(reading.mutations)),
        lost=tuple(f"{item.file}: {item.title}" for item in documentation.lost),
    )


def _missing(said: Said) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if not getattr(said, name).strip())
