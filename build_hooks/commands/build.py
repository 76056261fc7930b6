"""Build patched wheels and sdists: as a front end does, for releases times platforms."""

from __future__ import annotations

import os
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
from build_hooks.errors import UsageError
from build_hooks.shipping import SDIST, WHEEL
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from build_hooks.many.driver import Done
    from build_hooks.settings import Settings

_PROCESSES = "processes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser, several_platforms=True)
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
    parser.add_argument("--jobs", type=int, metavar="N", help="processes; one per core by default")
    parser.add_argument(
        "--executor", default=_PROCESSES, help="processes (of this machine), or dask://HOST:PORT"
    )
    parser.add_argument(
        "--shared", metavar="URL", help="a folder or s3://... that keeps files and results by hash"
    )
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Build one wheel or sdist for each release and each set of platforms."""
    from build_hooks.many.summary import as_json, exit_code  # noqa: PLC0415

    jobs = _jobs(options.jobs)
    chosen = list(dict.fromkeys(_chosen(options, settings)))
    is_plain = len(chosen) == 1 and options.executor == _PROCESSES and options.shared is None
    if is_plain:
        found = [_built_here(chosen[0], options)]
    else:
        found = _built_together(chosen, options, jobs)
    paths = [done.path for done in found if done.path is not None]
    if options.json:
        wheels = [str(path) for path in paths if path.suffix == ".whl"]
        sdists = [str(path) for path in paths if path.suffix != ".whl"]
        write_json("build", {"wheels": wheels, "sdists": sdists, "builds": as_json(found)})
    else:
        for path in paths:
            write_line(str(path))
    return exit_code(found)


def _chosen(options: argparse.Namespace, settings: Settings) -> list[Settings]:
    """Give the settings of each build: the releases of the first `-p`, then of the next."""
    found: list[Settings] = []
    words: Sequence[str | None] = options.platform or [None]
    for platform in words:
        options.platform = platform
        found += built_releases(options, settings, options.kind)
    return found


def _built_here(settings: Settings, options: argparse.Namespace) -> Done:
    """Build in this process, where there is one build only: its failure is the command's."""
    from build_hooks.many.driver import Done  # noqa: PLC0415
    from build_hooks.many.task import task_of  # noqa: PLC0415
    from build_hooks.many.worker import build_in  # noqa: PLC0415

    task = task_of(settings, options.kind)
    made = build_in(options.output, settings, task)
    _note(made.notes)
    return Done(task=task, made=made, path=options.output / made.filename)


def _built_together(
    chosen: Sequence[Settings], options: argparse.Namespace, jobs: int
) -> list[Done]:
    from build_hooks.many.driver import Wanted, build_all  # noqa: PLC0415
    from build_hooks.many.summary import progress_line, summary_lines  # noqa: PLC0415
    from build_hooks.many.task import task_of  # noqa: PLC0415

    tasks = [task_of(settings, options.kind) for settings in chosen]
    finished: list[Done] = []

    def say(done: Done) -> None:
        finished.append(done)
        sys.stderr.write(progress_line(done, len(finished), len(tasks)) + "\n")
        _note(done.made.notes if done.made else ())
        sys.stderr.flush()

    wanted = Wanted(
        folder=options.output, executor=options.executor, jobs=jobs, shared=options.shared
    )
    found = build_all(tasks, wanted, say)
    for line in summary_lines(found):
        sys.stderr.write(f"{line}\n")
    return found


def _note(notes: Iterable[str]) -> None:
    for note in notes:
        sys.stderr.write(f"note: {note}\n")


def _jobs(asked: int | None) -> int:
    if asked is not None and asked < 1:
        raise UsageError(f"--jobs is {asked}; it takes 1 or more")
    return asked or os.cpu_count() or 1
