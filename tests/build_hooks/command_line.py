"""Run this project's programs as a user does: in a process of their own."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

from build_hooks.settings import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY = Path(__file__).resolve().parents[2]


# What says when something is built, and which environment is active: uv installs into that one.
_LEFT_OUT = frozenset({"SOURCE_DATE_EPOCH", "UV", "UV_PYTHON", "VIRTUAL_ENV"})


def environment(**changes: str) -> dict[str, str]:
    """Give this process's environment without anything that decides what is built, or where to.

    Args:
        changes: what is added.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(ENVIRONMENT_PREFIX) and name not in _LEFT_OUT
    }
    # No progress of one run may be seen by the next.
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **changes}


def run(
    *words: str | Path,
    env: Mapping[str, str] | None = None,
    project: Path = REPOSITORY,
    **options: Any,  # noqa: ANN401 - what `subprocess.run` takes
) -> subprocess.CompletedProcess[str]:
    """Run `python -m build_hooks` with some words.

    Args:
        words: the command and its arguments.
        env: the environment; without our settings where not given.
        project: the checkout.
        options: for `subprocess.run`.
    """
    return subprocess.run(  # noqa: PLW1510 - `check` is in the options
        [sys.executable, "-m", "build_hooks", *map(str, words)],
        **{
            "cwd": project,
            "env": env or environment(),
            "capture_output": True,
            "encoding": "utf-8",
            "check": False,
            "timeout": 120,
            **options,
        },
    )


def run_json(*words: str | Path, code: int = 0, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """Run a command with `--json` and give what it wrote.

    Args:
        words: the command and its arguments.
        code: the exit code that is expected.
        options: for `run`.
    """
    done = run(*words, "--json", **options)
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["command"] == words[0]
    jsonschema.validate(document, schema(str(words[0])))
    if words[0] == "show":
        jsonschema.validate(document["manifest"], schema("manifest"))
    return document


def schema(command: str) -> dict[str, Any]:
    """Give the committed schema of what a command writes with `--json`.

    Args:
        command: the command's name, or `manifest`.
    """
    path = REPOSITORY / "docs" / "schemas" / f"{command}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def build(
    source: Path,
    folder: Path,
    *words: str | Path,
    **options: Any,  # noqa: ANN401
) -> Path:
    """Build a wheel of a small release and give its path.

    Args:
        source: the sdist or folder.
        folder: where the wheel goes.
        words: further arguments.
        options: for `run`.
    """
    from tests.build_hooks.small_release import ONLY  # noqa: PLC0415 - the default only

    only = () if "--only" in words else ("--only", ONLY)
    done = run("build", "--source", source, "-o", folder, *only, *words, **options)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def assert_clean_failure(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Assert that a command failed with one message and no traceback; give the message.

    Args:
        done: how it ended.
        code: the exit code that is expected.
    """
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")
    return done.stderr


def limited(size: int) -> None:
    """Let no file grow beyond a size, which a full disk looks like to a program.

    Args:
        size: in bytes.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
