"""Programs that record, run in processes of their own as an engine's are."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.profile.loaded import FOLDER, load, switched_on
from tests.transforms.platforms.profile.runtime.samples import part

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("arrow", "jsonl")
# Where pyarrow is not to be had.
_HIDDEN = "import sys; sys.modules['pyarrow'] = None\n"
_BEGIN = """
import os, signal, sys, threading, time
def main():
"""
_END = """
if __name__ == "__main__":
    main()
"""


def begun(
    folder: Path, code: str, *, form: str = "arrow", profiling: bool = True
) -> subprocess.Popen[str]:
    """Begin a program.

    Args:
        folder: where it is written to, and where its sessions go: `folder / "sessions"`.
        code: the body of its `main`; `wheelwright_profile` is imported in it.
        form: of the streams.
        profiling: whether it is on.
    """
    hidden = _HIDDEN if form == "jsonl" else ""
    head = hidden + "import wheelwright_profile\n" + _BEGIN
    body = "".join(f"    {line}\n" for line in dedent(code).strip().splitlines())
    program = folder / "program.py"
    program.write_text(head + body + _END, encoding="utf-8")
    variables = switched_on(folder / "sessions") if profiling else {}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(program)],
        env={**kept, **variables, "PYTHONPATH": str(FOLDER.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    """Wait for the end of a program, and give what it printed, and what it said besides."""
    printed, said = process.communicate(timeout=60)
    assert process.returncode == code, said
    return printed, said


def ran(folder: Path, code: str, *, form: str = "arrow") -> tuple[str, str]:
    """Run a program to its end, and give what it printed, and what it said besides."""
    return ended(begun(folder, code, form=form))


def session_of(folder: Path) -> Any:  # noqa: ANN401 - of a fresh package
    """Read the session of a program."""
    return part(load({}), "reading").read_session(folder / "sessions")
