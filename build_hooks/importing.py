"""Read a plugin that patches vLLM while it runs, and write what it does as patch modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.metadata import oldest_python
from build_hooks.output import write_all
from build_hooks.pipeline import locate, open_plan, without_collector
from build_hooks.plugin_package import open_plugin
from build_hooks.scaffold import require_absent
from transforms.importers.monkeypatch.compiler import compile_plugin
from transforms.importers.monkeypatch.mutation import Asked
from transforms.importers.monkeypatch.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from build_hooks.settings import Settings
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.compiler import Imported
    from transforms.importers.monkeypatch.plugin import Plugin
    from transforms.importers.monkeypatch.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to import.

    Attributes:
        source: the plugin: a folder that holds its package, the package, an sdist or a wheel.
        roots: the modules that it imports in order to patch; empty for those of its `patch`.
        defines: what is true of the machine that it is built for: ``name=value`` each.
        folder: where the patch modules go; their files go into `runtime/` below it.
    """

    source: Path
    roots: Sequence[str]
    defines: Sequence[str]
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was imported.

    Attributes:
        package: the name of the plugin's package.
        roots: the modules that were read first.
        release: the vLLM version that the patches are for.
        files: what was written: patch modules first, then the files that they add.
        imported: the patches and the table.
    """

    package: str
    roots: tuple[str, ...]
    release: str
    files: tuple[Path, ...]
    imported: Imported


def import_plugin(request: Request, settings: Settings) -> Written:
    """Compile a plugin's run-time patches, and write them; nothing of the plugin is ever run.

    Args:
        request: what to import.
        settings: where vLLM's release comes from.

    Raises:
        UsageError: the plugin has no such package or root, a define is none or settles nothing,
            nothing patches vLLM, or a file is in the way.
        ArtifactError: the plugin's archive is malformed or hostile.
    """
    defines = parsed_defines(request.defines)
    plugin = open_plugin(request.source, request.roots)
    plan = open_plan(settings, {}, *locate(settings, ()))
    release = plan.metadata.release
    with without_collector():
        reading = _read(plugin, plan.artifact, release, defines)
        imported = compile_plugin(
            plugin,
            reading,
            plan.artifact,
            release,
            oldest=oldest_python(plan.metadata.requires_python),
        )
    files = {
        **{request.folder / f"{stem}.py": text.encode() for stem, text in imported.modules.items()},
        **{
            request.folder / "runtime" / path: data
            for path, data in sorted(imported.runtime.items())
        },
    }
    require_absent(files)
    write_all(files)
    return Written(
        package=plugin.package,
        roots=plugin.roots,
        release=release,
        files=tuple(files),
        imported=imported,
    )


def parsed_defines(words: Iterable[str]) -> dict[str, str]:
    """Read what the user says is true: ``name=value`` each.

    Raises:
        UsageError: one is no such pair, or two differ in what they say of a name.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        is_name = all(part.isidentifier() for part in name.split("."))
        if not (equals and value and is_name):
            raise UsageError(
                f"--define {word}: it is no name=value",
                next_step="write e.g. --define HAS_TRITON=True",
            )
        if found.setdefault(name, value) != value:
            raise UsageError(f"--define says both {name}={found[name]} and {name}={value}")
    return found


def _read(plugin: Plugin, tree: Tree, release: str, defines: Mapping[str, str]) -> Reading:
    try:
        reading = read(plugin, tree, release, defines)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not reading.mutations:
        raise UsageError(
            f"{plugin.package}: nothing below {', '.join(plugin.roots)} patches vLLM",
            next_step="name the modules that do by --root",
        )
    unasked = sorted(set(defines) - reading.asked)
    if unasked:
        known = _undecided(reading)
        near = did_you_mean(unasked[0], known) if known else ""
        raise UsageError(
            f"--define {unasked[0]}={defines[unasked[0]]}: no condition of {plugin.package} asks "
            f"for {unasked[0]!r}{near}",
            next_step="leave it out, or name what a condition asks for",
        )
    return reading


def _undecided(reading: Reading) -> set[str]:
    """Give the names in conditions that nobody has settled: what a define could be for."""
    return {
        name
        for mutation in reading.mutations
        for guard in mutation.guards
        if guard.asks is Asked.UNKNOWN
        for name in guard.names
    }
