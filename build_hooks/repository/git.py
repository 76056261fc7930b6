"""Run git so that a user's own configuration decides nothing.

Line ends, hooks, signatures and templates that a user has set for other repositories would change
bytes or ask questions.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from build_hooks.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def git(folder: Path, *words: str, data: bytes | None = None, good: Sequence[int] = (0,)) -> bytes:
    """Run one git command and give its output.

    Args:
        folder: the repository's working folder.
        words: the command and its arguments.
        data: what it reads from standard input.
        good: the exit codes that are well.

    Raises:
        UsageError: git is not installed.
        OutputError: it failed.
    """
    code, output = git_code(folder, *words, data=data)
    if code not in good:
        raise OutputError(f"`git {words[0]}` in {folder} failed: {output.decode(errors='replace')}")
    return output


def git_code(folder: Path, *words: str, data: bytes | None = None) -> tuple[int, bytes]:
    """Run one git command; give its exit code, and its output or, where it failed, its message.

    Raises:
        UsageError: git is not installed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {
        **kept,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(  # noqa: S603 - words of our own
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git
            input=data,
            capture_output=True,
            check=False,
            env=environment,
        )
    except FileNotFoundError as error:
        raise UsageError("git cannot be run", next_step="install git") from error
    return done.returncode, done.stderr if done.returncode and done.stderr else done.stdout
