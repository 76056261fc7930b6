"""Windows lacks what the rules say that it lacks: mypy knows, by what typeshed says of it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from transforms.rules.posix.lacking import MODULES, NAMES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows
_ERROR = re.compile(r"^[^:]+:(\d+): error", re.MULTILINE)
# uvloop is not of the standard library, and typeshed's curses is that of `windows-curses`, too.
_LIBRARY = sorted(MODULES - {"curses", "uvloop"})


def errors(code: list[str], system: str, folder: Path) -> list[str]:
    """Give the lines that mypy finds an error in."""
    path = folder / "asked.py"
    path.write_text("\n".join(code) + "\n", encoding="utf-8")
    words = ["--platform", system, "--python-version", "3.10", "--no-incremental", path.name]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert not run.stderr, run.stderr
    return [code[int(number) - 1] for number in dict.fromkeys(_ERROR.findall(run.stdout))]


def test_names_are_on_linux_and_not_on_windows(tmp_path: Path) -> None:
    names = sorted(NAMES)
    code = ["import os, signal, socket", *names]
    assert errors(code, "linux", tmp_path) == []
    assert errors(code, "win32", tmp_path) == names


def test_modules_have_nothing_on_windows(tmp_path: Path) -> None:
    """Typeshed has these modules for every system, and what is in them for POSIX alone."""
    names = {"crypt": "crypt", "fcntl": "flock", "grp": "getgrnam"}
    names |= {"nis": "match", "ossaudiodev": "open", "posix": "fork", "pty": "spawn"}
    names |= {"pwd": "getpwnam", "readline": "read_init_file", "resource": "getrlimit"}
    names |= {"spwd": "getspnam", "syslog": "syslog", "termios": "tcgetattr", "tty": "setraw"}
    assert sorted(names) == _LIBRARY
    uses = [f"{module}.{name}" for module, name in sorted(names.items())]
    code = [f"import {', '.join(sorted(names))}", *uses]
    assert errors(code, "linux", tmp_path) == []
    assert errors(code, "win32", tmp_path) == uses
