"""Find the vLLM of an interpreter, and ask it, without importing it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from build_hooks.errors import IntegrityError, UsageError

# vLLM's import needs torch, and runs much.
_FIND = (
    "import importlib.util as u, pathlib as p; s = u.find_spec('vllm'); "
    "print(p.Path(s.origin).parent / 'wheelwright.py' if s and s.origin else '')"
)


def installed_script(python: str) -> Path:
    """Give the path that an installed vLLM describes itself by, whether it has that file or not.

    Args:
        python: the interpreter.

    Raises:
        UsageError: the interpreter cannot be run, or has no vLLM.
    """
    script = output_of([python, "-c", _FIND]).strip()
    if not script:
        raise UsageError(f"{python} has no vllm installed")
    return Path(script)


def output_of(command: list[str], good: tuple[int, ...] = (0,)) -> str:
    """Run a program of an installation, and give what it writes.

    Args:
        command: its words.
        good: the exit codes with which it has an answer.

    Raises:
        UsageError: it cannot be run.
        IntegrityError: it ends with another code.
    """
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
