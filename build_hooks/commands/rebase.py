"""Take patches to a newer release: report every edit, and rewrite what moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_artifact_options,
    add_json_option,
    readable,
    with_artifact,
    write_json,
)
from build_hooks.errors import PatchFailureError
from build_hooks.report import counted, outcome_json, outcome_lines, verdict
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.diffs.rebasing import Rebased
    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="patches, as importers write them")
    parser.add_argument("--vllm", required=True, metavar="NEW", help="the newer release")
    parser.add_argument(
        "--from",
        dest="base",
        default="",
        metavar="OLD",
        help="a release that the patches hold on, or its sdist; default: the oldest that is locked",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    add_artifact_options(parser, "the newer vLLM's")
    add_json_option(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="show the edits that hold too")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Match every edit on the newer release, find what moved, and write that down."""
    from build_hooks.diffs.rebasing import rebase  # noqa: PLC0415 - quick start-up

    settings = with_artifact(options, settings)
    rebased = rebase(options.folder, options.base, readable(settings), dry_run=options.dry_run)
    if options.json:
        write_json("rebase", _document(rebased, dry_run=options.dry_run))
    else:
        _write_text(rebased, dry_run=options.dry_run, verbose=options.verbose)
    return 0 if rebased.is_good else PatchFailureError.exit_code


def _document(rebased: Rebased, *, dry_run: bool) -> dict[str, object]:
    from transforms.importers.diffs.rows import where_of  # noqa: PLC0415
    from transforms.importers.kinds import kind_name  # noqa: PLC0415

    return {
        "release": rebased.release,
        "base": rebased.base or None,
        "good": rebased.is_good,
        "edits": [
            {
                "patch": stem,
                "edit": state.number,
                "kind": kind_name(state.edit),
                "where": where_of(state.edit),
                "outcome": state.outcome,
                "moved_to": state.to or None,
                "reason": state.problem.reason if state.problem else "",
                "closest": state.problem.closest if state.problem else "",
                "line": state.problem.line if state.problem else 0,
                "notes": list(state.problem.notes) if state.problem else [],
            }
            for stem, states in rebased.states.items()
            for state in states
        ],
        "patches": [outcome_json(outcome) for outcome in rebased.outcomes],
        "files": [str(path) for path in rebased.files],
        "written": not dry_run and bool(rebased.files),
        "fixed": dict(rebased.fixed),
    }


def _write_text(rebased: Rebased, *, dry_run: bool, verbose: bool) -> None:
    from transforms.importers.diffs.rows import where_of  # noqa: PLC0415
    from transforms.importers.kinds import kind_name  # noqa: PLC0415
    from transforms.importers.rebasing import MOVED  # noqa: PLC0415

    for stem, states in rebased.states.items():
        for state in states:
            if verbose or state.outcome == MOVED:
                to = f" -> {state.to}" if state.to else ""
                what = f"{kind_name(state.edit)} in {where_of(state.edit)}"
                write_line(f"{stem}: edit {state.number}: {state.outcome}: {what}{to}")
    for outcome in rebased.outcomes:
        stem = outcome.patch.partition("/")[2]
        if verbose or not outcome.status.is_good:
            for line in outcome_lines(outcome, rebased.patches[stem], rebased.release):
                write_line(line.removeprefix("rebase/"))
    for stem, reason in rebased.fixed.items():
        write_line(f"{stem}: cannot be rewritten: {reason}; do it by hand")
    for path in rebased.files:
        write_line(f"{'would rewrite' if dry_run else 'rewrote'} {path}")
    every = [state for states in rebased.states.values() for state in states]
    kinds = [state.outcome for state in every]
    parts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    write_line(f"{counted(len(every), 'edit')} on {rebased.release}: {', '.join(parts)}")
    write_line(f"{rebased.release}: {verdict(rebased.outcomes)}")
