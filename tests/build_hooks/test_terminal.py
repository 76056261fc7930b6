"""Colours are for terminals only, and take nothing away; a pipe gets the plain bytes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY, environment, run
from tests.build_hooks.small_release import ONLY, small_sdist

if TYPE_CHECKING:
    from pathlib import Path

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_RED, _GREEN = "\x1b[1;31m", "\x1b[32m"


def on_a_terminal(*words: str | Path, **changes: str) -> tuple[int, str]:
    """Run a command whose standard output and error are one terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "build_hooks", *map(str, words)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm", COLUMNS="60", **changes),
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    return process.wait(), b"".join(pieces).decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    sdist = small_sdist(tmp_path_factory.mktemp("small"), worker="x = 1\n")
    return ("check", "--source", str(sdist), "--only", ONLY, "-v")


def test_outcomes_are_coloured_on_a_terminal_and_nothing_else_differs(
    drifted: tuple[str, ...],
) -> None:
    code, shown = on_a_terminal(*drifted)
    plain = run(*drifted)
    assert code == plain.returncode == 1
    assert _ESCAPE.sub("", shown) == plain.stdout
    assert f"{_RED}missing" in shown
    assert f"{_GREEN}applied" in shown
    assert f"{_RED}FAIL" in shown


@pytest.mark.parametrize("variable", ["NO_COLOR", "plain pipe"])
def test_no_colours_where_nobody_wants_them(drifted: tuple[str, ...], variable: str) -> None:
    if variable == "NO_COLOR":
        _, shown = on_a_terminal(*drifted, NO_COLOR="1")
    else:
        shown = run(*drifted).stdout
    assert _RED not in shown
    assert _GREEN not in shown


def test_colours_can_be_asked_for(drifted: tuple[str, ...]) -> None:
    assert _RED in run(*drifted, env=environment(FORCE_COLOR="1", TERM="xterm")).stdout


def test_a_diff_is_coloured_by_its_marks_and_keeps_its_lines(sdist: Path) -> None:
    words = ("diff", "--source", sdist, "--only", ONLY)
    code, shown = on_a_terminal(*words)
    assert code == 0
    assert _ESCAPE.sub("", shown) == run(*words).stdout
    assert re.search(r"\x1b\[32m\+ +if self.device_config", shown)
    assert re.search(r"\x1b\[31m- +if self.device_config", shown)


def test_long_work_shows_a_bar_that_goes_away(sdist: Path) -> None:
    words = ("check", "--source", sdist, "--only", ONLY)
    _, one = on_a_terminal(*words, "--vllm", "0.33.0")
    assert "checking releases" not in one
    _, several = on_a_terminal(*words, "--vllm", "0.33.0", "0.33.0")
    assert "checking releases" in several
    assert "checking releases" not in run(*words, "--vllm", "0.33.0", "0.33.0").stderr
