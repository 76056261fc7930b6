"""All CMake of all releases is read, and what is read is what CMake itself says."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from build_hooks.lock import read_lock
from tests.transforms.cmake_lists import ARGUMENTS
from tests.windows.release import tree
from tests.windows.tools import needs
from transforms.engine.cmake.files import is_cmake
from transforms.engine.cmake.pattern import Pattern
from transforms.engine.cmake.reading import read
from transforms.engine.cmake.syntax import Argument, commands_of, keys
from transforms.engine.patch import admits

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows


def _releases() -> list[str]:
    return [item for item in read_lock().releases("vllm", "sdist") if admits(">=0.14.1", item)]


@pytest.mark.parametrize("version", _releases())
def test_every_file_is_read_and_a_pattern_made_of_it_fits_it(version: str) -> None:
    artifact = tree(version)
    paths = [path for path in artifact if is_cmake(path)]
    assert {"CMakeLists.txt", "cmake/utils.cmake"} <= set(paths)
    for path in paths:
        data = artifact.read(path)
        statements = read(data)
        for command in commands_of(statements):
            for item in command.arguments:
                assert isinstance(item, Argument)
                assert data[item.start : item.end].decode() == item.text
        pattern = Pattern.parse(data.decode())
        assert pattern.names == frozenset()
        (match,) = pattern.matches(statements)
        assert match.statements == statements
        assert keys(read(data.replace(b"\n", b"\r\n"))) == keys(statements)


# CMake does not show these as they are written: it evaluates, splits, or joins them.
_EVALUATED = {"@A@", '"a\\\nb"'}


def test_arguments_end_where_they_end_for_cmake(tmp_path: Path) -> None:
    """CMake's trace shows every argument of a call, without its quotes and brackets."""
    arguments = [item for item in ARGUMENTS if item not in _EVALUATED]
    calls = [f"f({one}\n  {other} # c\n)" for one in arguments for other in arguments[::5]]
    text = "function(f)\nendfunction()\n" + "\n".join(calls) + "\n"
    script = tmp_path / "a.cmake"
    script.write_text("cmake_policy(VERSION 3.20)\n" + text, encoding="utf-8")
    trace = tmp_path / "trace.json"
    subprocess.run(
        [needs("cmake"), "--trace-format=json-v1", f"--trace-redirect={trace}", "-P", str(script)],
        capture_output=True,
        check=True,
    )
    lines = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    theirs = [line["args"] for line in lines if line.get("cmd") == "f"]
    ours = [
        [_bare(item.text) for item in command.arguments if isinstance(item, Argument)]
        for command in commands_of(read(text.encode()))
        if command.name == "f"
    ]
    assert len(theirs) == len(calls)
    assert ours == theirs


def _bare(text: str) -> str:
    """Take the quotes or the brackets off an argument."""
    if text.startswith('"'):
        return text[1:-1]
    if text.startswith("["):
        opening = text[: text.index("[", 1) + 1]
        return text[len(opening) : -len(opening)]
    return text
