"""`expect` counts the sites of rules, and writes the table that a build is held against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import run
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import RELEASE, small_files, write_folder

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

WORD = b"device_type"
FILES = {
    "__init__.py": b"""
from transforms.edits import PatchSet

PATCH_SET = PatchSet(name="toy", summary="s", source="sdist")
""",
    "_rule.py": b'''
import re
from dataclasses import dataclass

from transforms.engine.edit import Found
from transforms.engine.site import text_site


@dataclass(frozen=True)
class Renames:
    """Renames a word wherever it stands."""

    name: str = "renames"
    needles: tuple = (b"device_type",)

    def match(self, source):
        found = re.finditer(rb"\\bdevice_type\\b", source.data)
        return Found(sites=tuple(text_site(source, *each.span(), "kind") for each in found))
''',
    "renames.py": b"""
from transforms.edits import ApplyRule, Patch
from transforms.platforms.toy._expected import EXPECTED
from transforms.platforms.toy._rule import Renames

EDIT = ApplyRule(rule=Renames(), expected=EXPECTED["renames"])
PATCH = Patch(why="w", upstream="u", drop_when="d", versions=">=0.9.2", edits=[EDIT])
""",
    "_expected.py": b'EXPECTED = {"renames": {"0.1.0": 7}}\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a checkout with a small release, and a platform with a rule that nobody has counted."""
    made = make_project(tmp_path)
    write_folder(made.root / "transforms" / "platforms" / "toy", FILES)
    return made


def expect(project: Project, *words: str) -> CompletedProcess[str]:
    return run("expect", "-p", "toy", *words, project=project.root, env=project.environment())


def numbers(done: CompletedProcess[str]) -> Any:  # noqa: ANN401 - what JSON holds
    (patch,) = json.loads(done.stdout)["patches"]
    return patch["counts"]


def test_counts_every_release_of_the_lock_and_keeps_what_it_does_not_count(
    project: Project,
) -> None:
    there = sum(data.count(WORD) for path, data in small_files().items() if path.endswith(".py"))
    assert there > 0
    done = expect(project, "--json", "--check")
    assert done.returncode == 1
    assert numbers(done) == {"0.1.0": 7, RELEASE: there}


def test_check_writes_nothing_and_fails_until_the_numbers_are_written(project: Project) -> None:
    path = project.root / "transforms" / "platforms" / "toy" / "_expected.py"
    done = expect(project, "--check")
    assert (done.returncode, path.read_bytes()) == (1, FILES["_expected.py"])
    assert "toy/renames" in done.stdout
    assert done.stdout.endswith("FAIL: review the numbers and write them\n")
    done = expect(project)
    assert done.returncode == 0, done.stderr
    assert path.read_text().startswith('"""How many sites each rule has in each release')
    done = expect(project, "--check")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "PASS: all as reviewed")


def test_a_dialect_is_counted_by_its_own_name(project: Project) -> None:
    words = ("expect", "-p", "triton-3.1", "--json", "--check")
    done = run(*words, project=project.root, env=project.environment())
    patches = {item["patch"] for item in json.loads(done.stdout)["patches"]}
    assert {"triton-3.1/triton_annotations", "triton-3.1/triton_boolean_chains"} <= patches
