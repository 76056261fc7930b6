"""Compile a plugin against a release, and put its patches beside those of the platforms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.platforms import is_chosen, require_known
from build_hooks.plugins.reading import read_plugin, unasked_of_lock
from transforms.engine.patch import admits
from transforms.importers.monkeypatch.compiler import compile_plugin
from transforms.importers.monkeypatch.translation.translating import patch_names
from transforms.importers.monkeypatch.withheld import Withheld

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from build_hooks.plugins.opened import OpenedPlugin
    from transforms.engine.patch import Patch
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.reading import Reading
    from transforms.importers.monkeypatch.table import Row

_OUR_OWN = frozenset({"wheelwright"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a plugin is compiled against.

    Attributes:
        tree: vLLM's source.
        name: its version.
        oldest: the oldest Python that it supports.
    """

    tree: Tree
    name: str
    oldest: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Woven:
    """A plugin that is compiled in.

    Attributes:
        opened: the plugin.
        patches: its patches, by full name: ``<package>/<stem>``.
        rows: what became of everything that it does to vLLM.
        notes: what whoever builds should know, a line each.
    """

    opened: OpenedPlugin
    patches: Mapping[str, Patch]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def weave(
    opened: OpenedPlugin,
    release: Release,
    by_hand: Mapping[str, Patch],
    *,
    only: Collection[str],
    skip: Collection[str],
) -> Woven:
    """Compile a plugin.

    Where a patch of a platform is in force that says what it replaces, it takes precedence.

    Args:
        opened: the plugin.
        release: what it is compiled against.
        by_hand: all patches of the platforms, by full name.
        only: full names, also of the plugin's; if there are any, all others are left out.
        skip: full names that are left out.

    Raises:
        UsageError: nothing of the plugin patches vLLM, a define settles nothing, or `only` or
            `skip` names a patch that is not there.
    """
    package = opened.plugin.package
    if package in _OUR_OWN | {name.partition("/")[0] for name in by_hand}:
        raise UsageError(f"the plugin's package is called {package!r}, as patches of ours are")
    reading = read_plugin(opened, release.tree, release.name)
    stems = {stem: f"{package}/{stem}" for stem in patch_names(reading.mutations).values()}
    require_known([*only, *skip], [*by_hand, *stems.values()])
    in_force = {
        name: patch
        for name, patch in by_hand.items()
        if is_chosen(name, only=only, skip=skip) and admits(patch.versions, release.name)
    }
    unwanted = [stem for stem, name in stems.items() if not is_chosen(name, only=only, skip=skip)]
    imported = compile_plugin(
        opened.plugin,
        reading,
        release.tree,
        release.name,
        oldest=release.oldest,
        withheld=Withheld(replaced=_replaced(by_hand, in_force), left_out=frozenset(unwanted)),
    )
    patches = imported.patches(str(opened))
    return Woven(
        opened=opened,
        patches={stems[stem]: patch for stem, patch in patches.items()},
        rows=imported.rows,
        notes=(*_unmatched(opened, reading, in_force), *_unasked(opened, reading)),
    )


def _replaced(
    by_hand: Mapping[str, Patch], in_force: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Give the patches that replace what the plugin does, by its target.

    Of a target that several patches share, each does a part: the plugin's own way is left out only
    where all of them are in force.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, patch in sorted(by_hand.items()):
        for target in patch.replaces:
            found[target].append(name)
    return {target: tuple(names) for target, names in found.items() if set(names) <= set(in_force)}


def _unmatched(
    opened: OpenedPlugin, reading: Reading, in_force: Mapping[str, Patch]
) -> Iterator[str]:
    """Say which patches replace what the plugin does not do."""
    done = {item.target.dotted for item in reading.mutations if item.target is not None}
    gone = {
        name: [target for target in patch.replaces if target not in done]
        for name, patch in sorted(in_force.items())
        if patch.replaces
    }
    if gone and all(len(targets) == len(in_force[name].replaces) for name, targets in gone.items()):
        # Such as the platform's own plugin does, and this is another one.
        yield f"nothing that {opened} does is replaced by a patch of the platform"
        return
    for name, targets in gone.items():
        if targets:
            yield f"{name} replaces what {opened} does not do: {', '.join(targets)}"


def _unasked(opened: OpenedPlugin, reading: Reading) -> Iterator[str]:
    names = unasked_of_lock(opened, reading)
    if names:
        yield f"the lock settles what {opened} does not ask for on this release: {', '.join(names)}"
