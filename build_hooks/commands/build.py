"""Build patched wheels: the same as `pip wheel .`, for several releases at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    built_releases,
    write_json,
)
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("dist"), help="the wheels' folder"
    )
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Build one wheel for each release."""
    from build_hooks.pipeline import build_wheel  # noqa: PLC0415

    wheels = []
    for chosen in tracked(list(built_releases(options, settings)), "building wheels"):
        wheel = build_wheel(chosen, options.output)
        wheels.append(str(wheel))
        if not options.json:
            write_line(str(wheel))
    if options.json:
        write_json("build", {"wheels": wheels})
    return 0
