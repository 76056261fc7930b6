"""Follow a page: write its files, run its commands, compare what they print."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.build_hooks.command_line import REPOSITORY
from tests.build_hooks.project import copy_checkout
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = re.compile(
    r"(?:^`(?P<path>[\w./]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """A file to write, or a command to run with what it must print."""

    path: str
    command: str
    text: str


def steps(page: str) -> Iterator[Step]:
    """Give the steps of a page, in its order: named files, and commands in `console` blocks.

    Args:
        page: its text.
    """
    for block in _BLOCK.finditer(page):
        if block["path"]:
            yield Step(block["path"], "", block["text"])
        elif block["kind"] == "console":
            for part in block["text"].split("$ ")[1:]:
                command, _, output = part.partition("\n")
                yield Step("", command, output)


def follow(page: str, folder: Path, *parts: str) -> int:
    """Do what a page says, in a copy of this checkout: `project` in a folder.

    Args:
        page: its text.
        folder: where the copy is made.
        parts: files and folders that the page needs beside what builds wheels.

    Returns:
        How many commands were run.
    """
    project = copy_checkout(folder / "project")
    for part in parts:
        source, copy = REPOSITORY / part, project / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    programs = folder / "bin"
    programs.mkdir()
    for name in ("python", "pip"):
        (programs / name).write_text(
            f'#!/bin/sh\nexec "{sys.executable}" {"-m pip " if name == "pip" else ""}"$@"\n'
        )
        (programs / name).chmod(0o755)
    environment = real_environment(NO_COLOR="1")
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    done = 0
    for step in steps(page):
        if step.path:
            path = project / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            continue
        result = subprocess.run(
            ["sh", "-c", step.command],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert_printed(step.text, result.stdout, step.command)
        done += 1
    return done


def assert_printed(shown: str, printed: str, command: str) -> None:
    """Compare line by line; `...` stands for any text, or for any lines where it stands alone.

    Args:
        shown: what the page says.
        printed: what was printed.
        command: what printed it.
    """
    pattern = re.escape(shown.rstrip("\n"))
    pattern = re.sub(r"(?:^|(?<=\n))\\\.\\\.\\\.(?=\Z|\\\n|\n)", "(?:.*)", pattern)
    pattern = pattern.replace(r"\.\.\.", "[^\n]*")
    assert re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL), f"{command}\n{printed}"
