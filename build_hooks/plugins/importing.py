"""Read a plugin that patches vLLM while it runs, and write what it does as patch modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.collector import without_collector
from build_hooks.locating import locate
from build_hooks.metadata import oldest_python
from build_hooks.output import write_all
from build_hooks.pipeline import open_plan
from build_hooks.plugins.reading import read_plugin
from build_hooks.plugins.wanted import opened_plugin
from build_hooks.scaffold import require_absent
from transforms.importers.monkeypatch.compiler import compile_plugin

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.settings import Settings
    from transforms.importers.monkeypatch.compiler import Imported


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


def import_plugin(plugin: str, folder: Path, settings: Settings) -> Written:
    """Compile a plugin's run-time patches, and write them; nothing of the plugin is ever run.

    Args:
        plugin: ``NAME==VERSION`` of a locked one, or the path of a folder, an sdist or a wheel.
        folder: where the patch modules go; their files go into `runtime/` below it.
        settings: where vLLM's release comes from, and what else is said of the plugin.

    Raises:
        UsageError: the plugin has no such package or root, a define is none or settles nothing,
            nothing patches vLLM, or a file is in the way.
        ArtifactError: the plugin's archive is malformed or hostile.
    """
    opened = opened_plugin(plugin, settings)
    plan = open_plan(settings, {}, *locate(settings, ()), label=opened.label)
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
        **{folder / f"{stem}.py": text.encode() for stem, text in imported.modules.items()},
        **{folder / "runtime" / path: data for path, data in sorted(imported.runtime.items())},
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
