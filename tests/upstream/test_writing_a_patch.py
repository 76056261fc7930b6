"""docs/writing-a-patch.md is true: its files are written, its commands print what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.build_hooks.project import copy_checkout
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.upstream

_PAGE = REPOSITORY / "docs" / "writing-a-patch.md"
_BLOCK = re.compile(
    r"(?:^`(?P<path>[\w./]+)`\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """A file to write, or a command to run with what it must print."""

    path: str
    command: str
    text: str


def steps() -> Iterator[Step]:
    for block in _BLOCK.finditer(_PAGE.read_text(encoding="utf-8")):
        if block["path"]:
            yield Step(block["path"], "", block["text"])
        elif block["kind"] == "console":
            for part in block["text"].split("$ ")[1:]:
                command, _, output = part.partition("\n")
                yield Step("", command, output)


def assert_printed(shown: str, printed: str, command: str) -> None:
    """Compare line by line; `...` stands for any text, or for any lines where it stands alone."""
    pattern = re.escape(shown.rstrip("\n"))
    pattern = re.sub(r"(?:^|(?<=\n))\\\.\\\.\\\.(?=\Z|\\\n|\n)", "(?:.*)", pattern)
    pattern = pattern.replace(r"\.\.\.", "[^\n]*")
    assert re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL), f"{command}\n{printed}"


def test_every_step_does_what_the_page_says(tmp_path: Path) -> None:
    project = copy_checkout(tmp_path / "project")
    shutil.copytree(
        REPOSITORY / "tests" / "transforms" / "platforms", project / "tests/transforms/platforms"
    )
    shutil.copy(REPOSITORY / "README.md", project)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python", "pip"):
        (folder / name).write_text(
            f'#!/bin/sh\nexec "{sys.executable}" {"-m pip " if name == "pip" else ""}"$@"\n'
        )
        (folder / name).chmod(0o755)
    environment = real_environment(NO_COLOR="1")
    environment["PATH"] = f"{folder}:{environment['PATH']}"
    done = 0
    for step in steps():
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
    assert done >= 12
    assert Path(tmp_path / "tree" / "vllm").is_dir()


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\nc\n", True),
        ("wrote .../x.py\n", "wrote /y/x.py\n", True),
        ("wrote .../x.py\n", "wrote /y\n/x.py\n", False),
    ],
)
def test_the_comparison_is_one(shown: str, printed: str, same: bool) -> None:  # noqa: FBT001 - a parameter
    if same:
        assert_printed(shown, printed, "")
    else:
        with pytest.raises(AssertionError):
            assert_printed(shown, printed, "")
