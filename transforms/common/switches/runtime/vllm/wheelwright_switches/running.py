# SPDX-License-Identifier: Apache-2.0
"""Run somebody's command with some patches off, and tell whether it passes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .choosing import DISABLE, SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .choosing import Names

# As `git bisect run` has it: this one can tell nothing.
CANNOT_TELL = 125
# What shells give for a command that is not there, or cannot be run.
_NOT_RUN = frozenset({126, 127})
_GRACE = 10.0


class RunError(Exception):
    """A run that tells nothing of the patches."""


class Run(NamedTuple):
    """One run of the command.

    Attributes:
        on: the candidates that were on.
        off: those that were off.
        exit: its exit code, negative for a signal; None where it took too long.
        seconds: how long it took.
    """

    on: tuple[str, ...]
    off: tuple[str, ...]
    exit: int | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Tell whether the command did what it should."""
        return self.exit == 0


class Runner:
    """Runs a command again and again, with other patches on each time.

    Args:
        command: the command's words.
        names: what there is to switch.
        off: the patches that are off in every run.
        timeout: after how many seconds a run has failed; None for never.
    """

    def __init__(
        self, command: Sequence[str], names: Names, off: Iterable[str], timeout: float | None
    ) -> None:
        self._command = list(command)
        self._names = names
        self._off = frozenset(off)
        self._timeout = timeout
        self.runs: list[Run] = []

    def run(self, on: Iterable[str]) -> Run:
        """Run the command with some candidates on, and all others off.

        Raises:
            RunError: the command cannot be run, says so, or has not imported this vLLM.
        """
        chosen = frozenset(on)
        others = [name for name in self._names.patches if name not in chosen]
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in self._names.aliases or name == DISABLE
        }
        environment[DISABLE] = ",".join(others)
        with tempfile.TemporaryDirectory(prefix="wheelwright-bisect-") as folder:
            seen = Path(folder) / "seen"
            environment[SEEN] = str(seen)
            begun = time.monotonic()
            code = self._exit_code(environment)
            done = Run(
                on=tuple(name for name in self._names.patches if name in chosen),
                off=tuple(name for name in others if name not in self._off),
                exit=code,
                seconds=round(time.monotonic() - begun, 3),
            )
            self.runs.append(done)
            if code in _NOT_RUN:
                raise RunError(f"{self._command[0]} ended with {code}: it cannot be run")
            if code == CANNOT_TELL:
                raise RunError(f"the command ended with {code}: it cannot tell")
            if not seen.exists():
                package = Path(__file__).resolve().parent.parent
                raise RunError(f"the command has not imported the vLLM in {package}")
        return done

    def _exit_code(self, environment: dict[str, str]) -> int | None:
        """Run the command in a process group of its own; its output goes to standard error."""
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"{self._command[0]} cannot be run: {error.strerror}") from error
        try:
            return process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a command, engine processes included: the next run needs the device."""
    if not hasattr(os, "killpg"):
        process.kill()
        process.wait()
        return
    for number, grace in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
            _wait_for_group(process, grace)


def _wait_for_group(process: subprocess.Popen[bytes], grace: float) -> None:
    """Wait until a process group is empty; a `ProcessLookupError` says that it is."""
    end = time.monotonic() + grace
    while time.monotonic() < end:
        process.poll()
        os.killpg(process.pid, 0)
        time.sleep(0.05)
