"""Say of every function that Triton compiles what a Triton makes of it, unpatched and patched."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_build_options,
    add_json_option,
    read_release,
    write_json,
)
from build_hooks.errors import PatchFailureError, UsageError
from build_hooks.output import replacing, require_writable
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.settings import Settings
    from build_hooks.triton.replay import Target
    from build_hooks.triton.report import Report

_TARGET = "cuda:90:32"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_build_options(parser, several=False)
    parser.add_argument(
        "--triton", metavar="RELEASE", help="its wheel is put into an environment in the cache"
    )
    parser.add_argument(
        "--python", metavar="EXE", help="an interpreter that has a Triton, a fork of yours included"
    )
    parser.add_argument(
        "--target",
        default=_TARGET,
        metavar="BACKEND:ARCH:WARP",
        help=f"what Triton compiles for; {_TARGET} by default, and no GPU is needed",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report for a browser")
    parser.add_argument(
        "--record", action="store_true", help="keep the figures for docs/triton-dialect.md"
    )
    add_json_option(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="show every function")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Compile what is recorded on both trees, and write what came of it."""
    if options.html:
        require_writable(options.html)
    report = _report(options, read_release(options, settings))
    if options.html:
        _write_page(options.html, report)
    if options.record:
        from build_hooks.triton.measured import record  # noqa: PLC0415 - quick start-up

        record(report)
    if options.json:
        from build_hooks.triton.document import document  # noqa: PLC0415 - quick start-up

        write_json("triton-report", document(report))
    else:
        from build_hooks.triton.text import report_lines  # noqa: PLC0415 - quick start-up

        for line in report_lines(report, verbose=options.verbose):
            write_line(line)
    return 0 if report.is_good else PatchFailureError.exit_code


def _report(options: argparse.Namespace, settings: Settings) -> Report:
    from build_hooks.pipeline import make_plan  # noqa: PLC0415 - quick start-up
    from build_hooks.triton.configurations import configurations_for  # noqa: PLC0415
    from build_hooks.triton.environment import provide  # noqa: PLC0415
    from build_hooks.triton.kernels import kernels_of  # noqa: PLC0415
    from build_hooks.triton.parallel import compare  # noqa: PLC0415
    from build_hooks.triton.replay import Compiler  # noqa: PLC0415
    from build_hooks.triton.report import Subject, make_report  # noqa: PLC0415
    from build_hooks.triton.trees import write_trees  # noqa: PLC0415

    target = _target(options.target)
    plan = make_plan(settings)
    interpreter = provide(options.triton, options.python, settings)
    subject = Subject(
        release=plan.metadata.release,
        platforms=sorted(settings.platform),
        triton=interpreter.triton,
        target=target,
    )
    with tempfile.TemporaryDirectory(prefix="vllm-wheelwright-") as name:
        trees = write_trees(plan, Path(name))
        census = kernels_of(trees.before)
        configurations = configurations_for(subject.release, census)
        compiler = Compiler(interpreter.python, target)
        comparison = compare(compiler, trees, configurations.jobs, Path(name, "replays"))
    return make_report(subject, census, configurations, comparison)


def _target(text: str) -> Target:
    words = text.split(":")
    if len(words) != _TARGET.count(":") + 1 or not all(words) or not words[-1].isdecimal():
        raise UsageError(f"--target is {text!r}; it takes BACKEND:ARCH:WARP, e.g. {_TARGET}")
    backend, arch, warp = words
    return backend, int(arch) if arch.isdecimal() else arch, int(warp)


def _write_page(path: Path, report: Report) -> None:
    from build_hooks.triton.page import page  # noqa: PLC0415 - quick start-up

    text = page(report)
    with replacing(path) as file:
        file.write(text.encode())
