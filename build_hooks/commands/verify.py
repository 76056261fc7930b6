"""Verify a wheel, an sdist or an installation: what it says of itself against the bytes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import IntegrityError, PatchFailureError, UsageError
from build_hooks.installed import installed_script, output_of
from build_hooks.terminal import write_line
from build_hooks.verification.sdist import verify_sdist
from build_hooks.verification.upstream import find_upstream
from build_hooks.verification.wheel import verify_wheel

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from build_hooks.artifact import Artifact
    from build_hooks.settings import Settings

NOT_COMPARED = "no such locked file in the cache; --fetch brings it, --upstream FILE names it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("wheel", nargs="?", help="a wheel or sdist that this project built")
    parser.add_argument("--installed", action="store_true", help="verify an installation instead")
    parser.add_argument("--python", metavar="EXE", help="the interpreter of the installation")
    parser.add_argument("--fetch", action="store_true", help="fetch upstream's file to compare")
    parser.add_argument("--upstream", type=Path, metavar="FILE", help="upstream's file, if here")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Verify, and write what differs."""
    if bool(options.wheel) == options.installed:
        raise UsageError("verify takes a wheel or sdist, or --installed, one of the two")
    if options.python and not options.installed:
        raise UsageError("--python goes with --installed")
    if options.installed and (options.fetch or options.upstream):
        raise UsageError("--fetch and --upstream go with a wheel or sdist")
    more: dict[str, str | None] = {}
    if options.installed:
        manifest, problems = _installed(options.python or sys.executable)
    else:
        path = existing_output(options.wheel)

        def find(manifest: Mapping[str, Any]) -> Artifact | None:
            where = {"fetching": options.fetch, "given": options.upstream}
            return find_upstream(manifest, settings, **where)

        verify = verify_wheel if path.suffix == ".whl" else verify_sdist
        manifest, found, more["upstream"] = verify(path, find)
        problems = [{"path": item.path, "problem": item.problem} for item in found]
    if options.json:
        document = {"good": not problems, "version": manifest["version"], "problems": problems}
        write_json("verify", {**document, **more})
    else:
        for problem in problems:
            write_line(f"{problem['path']} {problem['problem']}")
        verdict = "FAIL" if problems else "PASS"
        patches = sum(patch["outcome"] == "applied" for patch in manifest["patches"])
        write_line(
            f"{verdict}: {manifest['distribution']} {manifest['version']}: {patches} patches in "
            f"{len(manifest['files'])} files, {len(problems)} problems"
        )
        if "upstream" in more:
            write_line(_compared(more["upstream"], manifest["artifact"]["filename"]))
    return PatchFailureError.exit_code if problems else 0


def _compared(found: str | None, wanted: str) -> str:
    if found:
        return f"compared with {found}, every file"
    return f"not compared with {wanted}: {NOT_COMPARED}"


def _installed(python: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    script = installed_script(python)
    text = output_of([python, str(script), "--json", "--verify"], good=(0, 1))
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise IntegrityError(f"{script} does not describe the installation: {error}") from error
    return document, document["problems"]
