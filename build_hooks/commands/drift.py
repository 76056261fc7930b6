"""Say of every patch and release whether the patch still holds, and where upstream's code went."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.drift.columns import ALL, chosen_artifacts
from build_hooks.errors import PatchFailureError, UsageError
from build_hooks.lock import KINDS, read_lock
from build_hooks.output import replacing, require_writable
from build_hooks.platforms import platform_names
from build_hooks.settings import DISTRIBUTIONS
from build_hooks.terminal import is_coloured, write_line

if TYPE_CHECKING:
    import argparse

    from rich.progress import Progress, TaskID

    from build_hooks.drift.compatibility import Support
    from build_hooks.drift.matrix import Matrix
    from build_hooks.lock import LockedArtifact
    from build_hooks.settings import Settings

_PLAIN_WIDTH = 100
# Readable on light and dark terminals, and told apart without red against green.
_STYLES = {
    "applied": "blue",
    "excluded": "dim",
    "obsolete": "cyan",
    "drifted": "bold yellow",
    "missing": "bold red",
    "conflict": "bold magenta",
    "error": "reverse",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "-p", "--platform", nargs="+", metavar="PLATFORM", help="these only; all by default"
    )
    parser.add_argument(
        "--vllm", nargs="+", metavar="RELEASE", help="releases, or 'all' that the lock holds"
    )
    parser.add_argument(
        "--distribution", nargs="+", choices=DISTRIBUTIONS, help="these only; all by default"
    )
    parser.add_argument(
        "--source",
        nargs="+",
        choices=KINDS,
        help="each of these; by default the sdist, or the wheel where there is no sdist",
    )
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report for a browser")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes; one per core by default")
    parser.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep earlier results"
    )
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make the matrix, and write it as text or JSON and as a page."""
    jobs = _jobs(options.jobs)
    settings = replace(
        settings,
        offline=options.offline or settings.offline,
    )
    lock = read_lock()
    artifacts = chosen_artifacts(
        lock, options.vllm or [ALL], options.distribution or (), options.source or ()
    )
    if options.html:
        require_writable(options.html)
    matrix = _matrix(
        _platforms(options.platform), artifacts, settings, jobs, keep=not options.no_cache
    )
    from build_hooks.drift.compatibility import compatibility  # noqa: PLC0415 - quick start-up
    from build_hooks.drift.document import document  # noqa: PLC0415

    supports = compatibility(matrix, lock.releases("vllm"))
    made = document(matrix, supports) if options.html or options.json else {}
    if options.html:
        _write_page(options.html, made)
    if options.json:
        write_json("drift", made)
    else:
        _write_text(matrix, supports)
    return 0 if matrix.is_good else PatchFailureError.exit_code


def _jobs(asked: int | None) -> int:
    if asked is not None and asked < 1:
        raise UsageError(f"--jobs is {asked}; it takes 1 or more")
    return asked or os.cpu_count() or 1


def _platforms(words: list[str] | None) -> list[str]:
    if words is None:
        return list(platform_names())
    names = {name.strip() for word in words for name in word.split(",") if name.strip()}
    if not names:
        raise UsageError("--platform names no platform")
    return sorted(names)


def _matrix(
    platforms: list[str],
    artifacts: list[LockedArtifact],
    settings: Settings,
    jobs: int,
    *,
    keep: bool,
) -> Matrix:
    """Make the matrix, with a progress bar on a terminal."""
    from build_hooks.drift.cache import FOLDER, ResultCache  # noqa: PLC0415 - quick start-up
    from build_hooks.drift.matrix import Work, make_matrix  # noqa: PLC0415
    from build_hooks.fetch.cache import cache_root  # noqa: PLC0415

    cache = ResultCache(cache_root(settings.cache) / FOLDER, _note) if keep else None
    work = Work(settings=settings, jobs=jobs, cache=cache)
    if not sys.stderr.isatty():
        return make_matrix(platforms, artifacts, work)
    from rich.console import Console  # noqa: PLC0415 - only where there is something to draw
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("judging artifacts"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None, visible=False)
        begin = partial(_begin, progress, bar)
        advance = partial(progress.advance, bar)
        return make_matrix(platforms, artifacts, replace(work, begin=begin, advance=advance))


def _begin(progress: Progress, bar: TaskID, total: int) -> None:
    progress.update(bar, total=total, visible=bool(total))


def _note(line: str) -> None:
    sys.stderr.write(f"note: {line}\n")


def _write_text(matrix: Matrix, supports: list[Support]) -> None:
    from build_hooks.drift import text as written  # noqa: PLC0415 - quick start-up

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _PLAIN_WIDTH
    lines = [
        *written.matrix_lines(matrix, width),
        [],
        *written.support_lines(supports),
        *written.problem_lines(matrix),
        [],
        written.verdict_line(matrix),
    ]
    if not is_coloured(sys.stdout):
        for line in lines:
            write_line("".join(piece for piece, _ in line))
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is something to colour
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False)
    for line in lines:
        text = Text.assemble(*((piece, _STYLES.get(outcome, "")) for piece, outcome in line))
        console.print(text, soft_wrap=True)


def _write_page(path: Path, document: dict[str, Any]) -> None:
    from build_hooks.drift.page import page  # noqa: PLC0415 - quick start-up

    text = page(document)
    with replacing(path) as file:
        file.write(text.encode())
