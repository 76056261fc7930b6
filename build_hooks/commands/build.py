"""Build patched wheels and sdists: the same as a front end, for several releases at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    add_plugin_options,
    built_releases,
    write_json,
)
from build_hooks.shipping import SDIST, WHEEL
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser)
    add_plugin_options(parser)
    parser.add_argument("-o", "--output", type=Path, default=Path("dist"), help="where they go")
    kinds = parser.add_mutually_exclusive_group()
    for kind in (WHEEL, SDIST):
        kinds.add_argument(
            f"--{kind}",
            dest="kind",
            action="store_const",
            const=kind,
            default="",
            help=f"build the {kind}, whatever the platform is built to by default",
        )
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Build one wheel or sdist for each release."""
    from build_hooks.building import build  # noqa: PLC0415

    found: dict[str, list[str]] = {WHEEL: [], SDIST: []}
    for chosen in tracked(list(built_releases(options, settings, options.kind)), "building wheels"):
        built = build(chosen, options.output, options.kind)
        kind = WHEEL if built.path.suffix == ".whl" else SDIST
        found[kind].append(str(built.path))
        for note in built.notes:
            sys.stderr.write(f"note: {note}\n")
        if not options.json:
            write_line(str(built.path))
    if options.json:
        write_json("build", {"wheels": found[WHEEL], "sdists": found[SDIST]})
    return 0
