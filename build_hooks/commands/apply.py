"""Write the patched tree as a git repository: one commit for upstream, one for each patch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    read_release,
    write_json,
)
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder")
    add_build_options(parser, several=False)
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Match, apply and check in memory, and write the commits."""
    from build_hooks.pipeline import compile_patches, make_plan  # noqa: PLC0415
    from build_hooks.repository.series import commits  # noqa: PLC0415
    from build_hooks.repository.writing import require_new, write_repository  # noqa: PLC0415

    require_new(options.folder)
    plan = make_plan(read_release(options, settings))
    compiled = compile_patches(plan)
    added = {file.path for file in compiled.files if file.before is None}
    subjects = write_repository(
        options.folder,
        commits(plan, compiled),
        timestamp=plan.origin.timestamp,
        is_executable=lambda path: path not in added and plan.artifact.is_executable(path),
    )
    if options.json:
        document = {"folder": str(options.folder), "release": plan.metadata.release}
        write_json("apply", {**document, "commits": subjects})
    else:
        for subject in subjects:
            write_line(subject)
        write_line(f"{len(subjects)} commits in {options.folder}: edit there, then run `capture`")
    return 0
