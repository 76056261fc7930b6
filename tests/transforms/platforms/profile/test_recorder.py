"""The recorder goes into the wheel whole, and needs nothing of vLLM to be imported."""

from __future__ import annotations

import ast
import dataclasses
import operator
import re
import sys
from typing import TYPE_CHECKING

import pytest

from build_hooks.platforms import load_platform
from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.profile.loaded import FOLDER, load, switched_on
from tests.transforms.platforms.profile.runtime.samples import part
from transforms.engine.outcome import Status
from transforms.platforms.profile.recorder import FILES, PATCH

if TYPE_CHECKING:
    from pathlib import Path

MODULES = sorted(FOLDER.rglob("*.py"))
COUNTS = {"recording.point", "recording.fired"}


def _name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def test_every_file_of_it_is_added_and_no_byte_code() -> None:
    there = {
        _name(path)
        for path in FOLDER.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(FILES) == there
    assert list(FILES) == sorted(FILES)
    edits = load_platform("profile").patches["recorder"].edits
    added = {edit.path: edit.data for edit in edits}  # type: ignore[attr-defined]
    assert added == {
        f"vllm/wheelwright_profile/{name}": (FOLDER / name).read_bytes() for name in there
    }


@pytest.mark.parametrize(
    ("release", "status"),
    [("0.14.0", Status.EXCLUDED), ("0.14.1", Status.APPLIED), ("0.33.0", Status.APPLIED)],
)
def test_it_is_for_the_releases_that_have_its_points(release: str, status: Status) -> None:
    assert status_on(PATCH, release) is status


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_an_import_takes_the_standard_library_and_its_own_modules(path: Path) -> None:
    """What it uses of others it imports where it uses it: any Python can read sessions."""
    outside = []
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            outside += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            outside.append(node.module or "")
    roots = {name.split(".")[0] for name in outside}
    assert roots <= sys.stdlib_module_names


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_each_file_says_under_which_licence_it_comes(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# SPDX-License-Identifier: Apache-2.0\n")


def test_what_the_patches_call_is_there_where_it_is_on(tmp_path: Path) -> None:
    package = load(switched_on(tmp_path))
    texts = [
        text
        for patch in load_platform("profile").patches.values()
        for edit in patch.edits
        for text in _texts(edit)
    ]
    called = {
        names for text in texts for names in re.findall(r"wheelwright_profile\.([\w.]+)", text)
    }
    assert "on" in called
    for names in called:
        operator.attrgetter(names)(package)


def _texts(edit: object) -> list[str]:
    """Give the texts of an edit."""
    values = [getattr(edit, field.name) for field in dataclasses.fields(edit)]  # type: ignore[arg-type]
    return [value for value in values if isinstance(value, str)]


def test_every_point_that_is_counted_is_described_and_the_reverse() -> None:
    described = {point.name for point in part(load({}), "points").POINTS}
    constants, counted = set(), set()
    for path in MODULES:
        if path.name == "points.py":
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant):
                constants.add(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in COUNTS:
                (argument,) = node.args
                if isinstance(argument, ast.Constant):
                    counted.add(argument.value)
    assert counted <= described
    # Those of operations end with the names that vLLM gives its scopes.
    assert {name for name in described if not name.startswith("operations.")} <= constants


def test_every_point_is_of_a_patch_that_is_there_and_is_said_once() -> None:
    points = part(load({}), "points").POINTS
    names = [point.name for point in points]
    assert len(set(names)) == len(names)
    patches = set(load_platform("profile").patches)
    assert {point.patch for point in points} <= patches
    for point in points:
        assert point.target.startswith("vllm."), point.name
        assert point.fires_when, point.name
        assert set(point.process.split(", ")) <= {"main", "engine_core", "worker"}, point.name
