"""Show what a wheel, sdist or installation carries: its origin, and every patch with its reason."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import UsageError
from build_hooks.output import replacing, require_writable
from build_hooks.showing.carried import carried_by, carried_by_installation
from build_hooks.showing.text import lines
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("wheel", nargs="?", help="a wheel or sdist that this project built")
    parser.add_argument("--installed", action="store_true", help="show an installation instead")
    parser.add_argument("--python", metavar="EXE", help="the interpreter of the installation")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the diffs")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Write what the manifest says."""
    if bool(options.wheel) == options.installed:
        raise UsageError("show takes a wheel or sdist, or --installed, one of the two")
    if options.python and not options.installed:
        raise UsageError("--python goes with --installed")
    if options.html:
        require_writable(options.html)
    if options.installed:
        carried = carried_by_installation(options.python or sys.executable)
    else:
        carried = carried_by(existing_output(options.wheel))
    if options.html:
        from build_hooks.showing.page import page  # noqa: PLC0415 - its packages take a while

        with replacing(options.html) as file:
            file.write(page(carried).encode())
    if options.json:
        places = {"diffs": carried.folder or None, "sbom": carried.sbom or None}
        write_json("show", {"manifest": dict(carried.manifest), **places})
    else:
        for line in lines(carried):
            write_line(line)
    return 0
