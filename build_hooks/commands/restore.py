"""Restore upstream's files: of a wheel or sdist into a folder, of an installation in place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import UsageError
from build_hooks.installed import installed_script
from build_hooks.output import write_all
from build_hooks.report import counted
from build_hooks.restoration.files import files_in
from build_hooks.restoration.installation import find_installation, restore_installation
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("wheel", nargs="?", help="a wheel or sdist that this project built")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="a new folder for the files"
    )
    parser.add_argument(
        "--installed", action="store_true", help="restore an installation in place instead"
    )
    parser.add_argument("--python", metavar="EXE", help="the interpreter of the installation")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Restore, and write what was done."""
    if bool(options.wheel) == options.installed:
        raise UsageError("restore takes a wheel or sdist, or --installed, one of the two")
    if options.installed:
        if options.output:
            raise UsageError("--installed restores in place: it takes no --output")
        manifest, files, removed, target = _installed(options.python or sys.executable)
    else:
        if options.python:
            raise UsageError("--python goes with --installed")
        target = _new_folder(options.output)
        manifest, before = files_in(existing_output(options.wheel), settings)
        found = {path: data for path, data in before.items() if data is not None}
        write_all({target / path: data for path, data in found.items()})
        files, removed = sorted(found), sorted(before.keys() - found)
    artifact = manifest["artifact"]["filename"]
    if options.json:
        document = {"files": files, "removed": removed, "target": str(target)}
        write_json("restore", {**document, "installed": options.installed, "artifact": artifact})
        return 0
    again = counted(len(files), "file is", "files are")
    write_line(f"{again} as in {artifact}, byte for byte, in {target}")
    gone = counted(len(removed), "file", "files")
    if options.installed:
        write_line(f"{gone} that upstream does not have removed, and what described the build")
        name = f"{manifest['distribution']} {manifest['version']}"
        write_line(f"installers still list {name}: install upstream's wheel for its name, too")
    elif removed:
        write_line(f"{gone} that the build has added left out: {', '.join(removed)}")
    return 0


def _new_folder(output: Path | None) -> Path:
    """Give the folder that upstream's files go to; it must not hold anything yet."""
    if output is None:
        raise UsageError("a wheel or sdist stays as it is", next_step="name a folder by -o DIR")
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise UsageError(f"{output} is there already", next_step="name a new folder")
    return output


def _installed(python: str) -> tuple[dict[str, Any], list[str], list[str], Path]:
    installation = find_installation(installed_script(python).parent)
    done = restore_installation(installation)
    return installation.manifest, [*done.files], [*done.removed], installation.site
