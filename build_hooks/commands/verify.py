"""Verify a wheel, an sdist or an installation: what it says of itself against the bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import IntegrityError, PatchFailureError, UsageError
from build_hooks.inspection import verify_wheel
from build_hooks.sdist_inspection import verify_sdist
from build_hooks.terminal import write_line

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from build_hooks.settings import Settings

# Finds the installed package without importing it: vLLM's import needs torch.
_FIND = (
    "import importlib.util as u, pathlib as p; s = u.find_spec('vllm'); "
    "print(p.Path(s.origin).parent / 'wheelwright.py' if s and s.origin else '')"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("wheel", nargs="?", help="a wheel or sdist that this project built")
    parser.add_argument("--installed", action="store_true", help="verify an installation instead")
    parser.add_argument("--python", metavar="EXE", help="the interpreter of the installation")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Verify, and write what differs."""
    if bool(options.wheel) == options.installed:
        raise UsageError("verify takes a wheel or sdist, or --installed, one of the two")
    if options.python and not options.installed:
        raise UsageError("--python goes with --installed")
    more: dict[str, str | None] = {}
    if options.installed:
        manifest, problems = _installed(options.python or sys.executable)
    else:
        manifest, problems, more = _file(existing_output(options.wheel), settings)
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
    return f"not compared with {wanted}: no such locked file in the cache"


def _file(
    path: Path, settings: Settings
) -> tuple[dict[str, Any], list[dict[str, str]], dict[str, str | None]]:
    """Verify a wheel or an sdist; of an sdist, say with what of upstream it was compared."""
    more: dict[str, str | None] = {}
    if path.suffix == ".whl":
        manifest, found = verify_wheel(path)
    else:
        manifest, found, more["upstream"] = verify_sdist(path, settings)
    return manifest, [{"path": item.path, "problem": item.problem} for item in found], more


def _installed(python: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    script = _output([python, "-c", _FIND]).strip()
    if not script:
        raise UsageError(f"{python} has no vllm installed")
    text = _output([python, script, "--json", "--verify"], good=(0, 1))
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise IntegrityError(f"{script} does not describe the installation: {error}") from error
    return document, document["problems"]


def _output(command: list[str], good: tuple[int, ...] = (0,)) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode not in good:
        raise IntegrityError(
            f"the vllm of {command[0]} does not describe itself: {done.stderr.strip()}",
            next_step="install a wheel that this project built",
        )
    return done.stdout
