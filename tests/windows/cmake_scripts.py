"""Parts of real CMake files, run by CMake itself as scripts: what they set and what they call."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.windows.tools import needs
from transforms.engine.cmake.pattern import Pattern
from transforms.engine.cmake.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def block_with(data: bytes, text: str) -> str:
    """Give the outermost command or block of a file that has a text in it.

    Args:
        data: the file.
        text: what exactly one of them says.
    """
    found = [
        data[item.start : item.end].decode()
        for item in read(data)
        if text.encode() in data[item.start : item.end]
    ]
    (only,) = found
    return only


def between(data: bytes, first: str, last: str) -> str:
    """Give all that a file says from one command to another, both included.

    Args:
        data: the file.
        first: a pattern that fits once.
        last: another.
    """
    statements = read(data)
    (begin,) = Pattern.parse(first).matches(statements)
    (end,) = Pattern.parse(last).matches(statements)
    return data[begin.start : end.end].decode()


def fitting(data: bytes, pattern: str) -> list[str]:
    """Give the text of everything that a pattern fits.

    Args:
        data: the file.
        pattern: the pattern.
    """
    matches = Pattern.parse(pattern).matches(read(data))
    return [data[match.start : match.end].decode() for match in matches]


def run_script(
    folder: Path,
    script: str,
    shown: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Run a script with `cmake -P`, and give what some variables are at its end.

    Args:
        folder: where the script is written to and runs.
        script: CMake.
        shown: names of variables; `ENV{X}` for one of the environment.
        environment: what is set there beside PATH.

    Raises:
        AssertionError: CMake refuses the script, or warns.
    """
    path = folder / "script.cmake"
    out = folder / "shown.txt"
    lines = [f'file(APPEND "{out}" "{index}=${_reference(x)}\\n")' for index, x in enumerate(shown)]
    head = "cmake_minimum_required(VERSION 3.20)"  # the policies of a recent version
    path.write_text("\n".join([head, script, f'file(WRITE "{out}" "")', *lines]), encoding="utf-8")
    done = subprocess.run(
        [needs("cmake"), "-P", str(path)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    values = dict(line.split("=", 1) for line in out.read_text(encoding="utf-8").splitlines())
    return {name: values[str(index)] for index, name in enumerate(shown)}


def _reference(name: str) -> str:
    return name if name.startswith("ENV{") else f"{{{name}}}"
