"""Rebuild a wheel or an sdist from its manifest alone, and compare the bytes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import PatchFailureError
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.reproduction.comparison import Compared
    from build_hooks.reproduction.recipe import Recipe
    from build_hooks.settings import Settings

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", help="a wheel or sdist that this project built")
    parser.add_argument("--source", type=Path, help="what it was built from, where no lock has it")
    parser.add_argument("--plugin", type=Path, help="the plugin's file, where no lock has it")
    parser.add_argument("-o", "--output", type=Path, help="keep what is rebuilt in this folder")
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Rebuild, compare, and write what differs."""
    from build_hooks.inspection import open_output, read_manifest  # noqa: PLC0415
    from build_hooks.reproduction.comparison import compare  # noqa: PLC0415
    from build_hooks.reproduction.recipe import Files, recipe_of  # noqa: PLC0415

    path = existing_output(options.file)
    settings = replace(settings, offline=options.offline or settings.offline)
    manifest = read_manifest(open_output(path))
    files = Files(source=options.source, plugin=options.plugin)
    recipe = recipe_of(manifest, settings, files)
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = _rebuilt(recipe, options.output or Path(folder), path)
        compared = compare(path, rebuilt)
    kept = str(rebuilt) if options.output else None
    _write(options, path, kept, manifest, recipe, compared)
    return 0 if compared.same else PatchFailureError.exit_code


def _rebuilt(recipe: Recipe, folder: Path, path: Path) -> Path:
    from build_hooks.building import build_plan  # noqa: PLC0415
    from build_hooks.errors import UsageError  # noqa: PLC0415
    from build_hooks.pipeline import make_plan  # noqa: PLC0415

    if folder.resolve() == path.resolve().parent:
        raise UsageError(f"{folder} holds {path.name}: what is rebuilt would replace it")
    plan = make_plan(recipe.settings, recipe.output)
    # Whatever SOURCE_DATE_EPOCH is now.
    plan = replace(plan, origin=replace(plan.origin, timestamp=recipe.timestamp))
    return build_plan(plan, folder).path


def _write(  # noqa: PLR0913, PLR0917 - each is one part of the result
    options: argparse.Namespace,
    path: Path,
    kept: str | None,
    manifest: dict[str, Any],
    recipe: Recipe,
    compared: Compared,
) -> None:
    from build_hooks.fetch.cache import hash_file  # noqa: PLC0415
    from build_hooks.reproduction.comparison import shown  # noqa: PLC0415

    digest = hash_file(path)
    if options.json:
        differences = [
            {"path": item.path, "problem": item.problem} for item in compared.differences
        ]
        document = {
            "same": compared.same,
            "version": manifest["version"],
            "sha256": digest,
            "artifact": manifest["artifact"],
            "rebuilt": kept,
            "notes": list(recipe.notes),
            "differences": differences,
            "patches": list(compared.patches),
        }
        write_json("reproduce", document)
        return
    for note in recipe.notes:
        write_line(f"note: {note}")
    for line in shown(compared.differences, _SHOWN):
        write_line(line)
    for name in compared.patches:
        write_line(f"patch {name} does something else than it did")
    where = f"from {manifest['artifact']['filename']}"
    if compared.same:
        write_line(f"PASS: {path.name}: rebuilt {where}, the same bytes, sha256 {digest}")
    else:
        count = len(compared.differences)
        write_line(f"FAIL: {path.name}: rebuilt {where}, {count} differences")
