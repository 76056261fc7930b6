"""Read a plugin that patches vLLM while it runs, and write what it does as patch modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.collector import without_collector
from build_hooks.locating import locate
from build_hooks.metadata import oldest_python
from build_hooks.output import write_all
from build_hooks.pipeline import open_plan
from build_hooks.plugins.opened import open_plugin
from build_hooks.plugins.reading import read_plugin
from build_hooks.scaffold import require_absent
from transforms.importers.monkeypatch.compiler import compile_plugin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from build_hooks.settings import Settings
    from transforms.importers.monkeypatch.compiler import Imported


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
    opened = open_plugin(request.source, None, roots=request.roots, define=request.defines)
    plan = open_plan(settings, {}, *locate(settings, ()))
    release = plan.metadata.release
    with without_collector():
        reading = read_plugin(opened, plan.artifact, release)
        imported = compile_plugin(
            opened.plugin,
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
        package=opened.plugin.package,
        roots=opened.plugin.roots,
        release=release,
        files=tuple(files),
        imported=imported,
    )
