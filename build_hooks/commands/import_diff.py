"""Write diffs and series of commits as typed patches that give the same bytes."""

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
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse

    from build_hooks.diffs.importing import Imported
    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "diffs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a unified diff or mails of `git format-patch`, in the order to apply them",
    )
    parser.add_argument(
        "--vllm", required=True, metavar="RELEASE", help="the release that it was made for"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="where the patches go"
    )
    parser.add_argument(
        "-p",
        "--strip",
        type=int,
        default=1,
        metavar="N",
        help="folders to strip from the names in the diff; default: 1, as for git",
    )
    parser.add_argument("--directory", default="", help="the folder of vLLM that names are in")
    parser.add_argument(
        "--exclude",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATTERN",
        help="leave out files, e.g. 'tests/*'",
    )
    parser.add_argument("--name", default="", help="make one patch of this name of it all")
    for name, what in (
        ("why", "the symptom that a user sees without it; default: what the commit says"),
        ("upstream", "a link to the change upstream, or why there is none"),
        ("drop-when", "a condition that somebody, or the tool, can check"),
    ):
        parser.add_argument(f"--{name}", default="", help=what)
    add_artifact_options(parser)
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Apply in memory, compile, prove, write the patch modules, and say what each hunk became."""
    from build_hooks.diffs.importing import Request, import_diffs  # noqa: PLC0415 - start-up
    from transforms.importers.diffs.names import Naming  # noqa: PLC0415

    settings = with_artifact(options, settings)
    imported = import_diffs(
        Request(
            diffs=options.diffs,
            folder=options.output,
            naming=Naming(strip=options.strip, directory=options.directory),
            exclude=options.exclude,
            name=options.name,
            said={
                "why": options.why,
                "upstream": options.upstream,
                "drop_when": options.drop_when,
            },
        ),
        readable(settings),
    )
    if options.json:
        write_json("import-diff", _document(imported))
    else:
        _write_text(imported)
    return PatchFailureError.exit_code if imported.checks else 0


def _document(imported: Imported) -> dict[str, object]:
    return {
        "release": imported.release,
        "artifact": imported.artifact,
        "patches": [
            {
                "patch": stem,
                "commits": list(commits),
                "edits": edits,
                "missing": list(imported.missing[stem]),
            }
            for stem, commits, edits in imported.patches
        ],
        "rows": [row.as_json() for row in imported.rows],
        "files": [str(path) for path in imported.files],
        "notes": list(imported.notes),
        "checks": list(imported.checks),
    }


def _write_text(imported: Imported) -> None:
    from build_hooks.diffs.importing import summary  # noqa: PLC0415

    path = ""
    for row in imported.rows:
        if row.path != path:
            path = row.path
            write_line(path)
        edits = ", ".join(f"{kind} in {where}" for kind, where in row.edits)
        behind = f"  {row.patch}: {edits}" if edits else ""
        write_line(f"  {row.hunk or 'the file':26}{row.became:9}{behind}")
    write_line()
    for note in imported.notes:
        write_line(f"note: {note}")
    for file in imported.files:
        write_line(f"wrote {file}")
    for stem, names in imported.missing.items():
        if names:
            write_line(f"next: fill in {', '.join(names)} of {stem}; nothing is built before")
    for check in imported.checks:
        write_line(f"check: {check}")
    verdict = "FAIL" if imported.checks else "PASS"
    write_line(f"{verdict}: {summary(imported)}")
