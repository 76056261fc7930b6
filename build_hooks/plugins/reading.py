"""Read what a plugin does to vLLM, and say what is wrong with what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from transforms.importers.monkeypatch.mutation import Asked
from transforms.importers.monkeypatch.reading import read

if TYPE_CHECKING:
    from build_hooks.plugins.opened import OpenedPlugin
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.reading import Reading


def read_plugin(opened: OpenedPlugin, tree: Tree, release: str) -> Reading:
    """Read what a plugin does to vLLM; nothing of it is run.

    Args:
        opened: the plugin.
        tree: vLLM's source.
        release: its version.

    Raises:
        UsageError: nothing of it patches vLLM, or a define of the user's is no expression, or
            settles nothing.
    """
    package = opened.plugin.package
    try:
        reading = read(opened.plugin, tree, release, opened.define)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not reading.mutations:
        raise UsageError(
            f"{package}: nothing below {', '.join(opened.plugin.roots)} patches vLLM",
            next_step="name the modules that do by `root`, or functions that do: MODULE:FUNCTION",
        )
    unasked = sorted(opened.asked - reading.asked)
    if unasked:
        known = _undecided(reading)
        near = did_you_mean(unasked[0], known) if known else ""
        raise UsageError(
            f"define {unasked[0]}={opened.define[unasked[0]]}: no condition of {package} asks "
            f"for {unasked[0]!r}{near}",
            next_step="leave it out, or name what a condition asks for",
        )
    return reading


def unasked_of_lock(opened: OpenedPlugin, reading: Reading) -> list[str]:
    """Give the names that the lock settles, and that nothing asks for on this release.

    Args:
        opened: the plugin.
        reading: what was read of it.
    """
    return sorted(set(opened.define) - opened.asked - reading.asked)


def _undecided(reading: Reading) -> set[str]:
    """Give the names in conditions that nobody has settled: what a define could be for."""
    return {
        name
        for mutation in reading.mutations
        for guard in mutation.guards
        if guard.asks is Asked.UNKNOWN
        for name in guard.names
    }
