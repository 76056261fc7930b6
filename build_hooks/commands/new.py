"""Begin a patch: write its module and its test, with what only an author knows left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("platform", help="the platform that the patch belongs to")
    parser.add_argument("name", help="the patch's name, e.g. worker_device_type")
    parser.add_argument("--create", action="store_true", help="make the platform, too")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Write the files and say what to do next."""
    from build_hooks.scaffold import scaffold  # noqa: PLC0415 - quick start-up

    written = scaffold(options.platform, options.name, create=options.create)
    full_name = f"{options.platform}/{options.name}"
    if options.json:
        write_json("new", {"patch": full_name, "files": [str(path) for path in written]})
        return 0
    for path in written:
        write_line(f"wrote {path}")
    write_line(f"next: fill it in, then `check -p {options.platform} --only {full_name} -v`")
    return 0
