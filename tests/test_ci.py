"""What CI runs is every session, and the examples for it are what their readers take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
BY_HAND = {"bench", "bench-engine", "matrix", "tests", "windows-ptx"}


def nox(*words: str) -> str:
    """Run nox and give its standard output; what it says of itself goes elsewhere."""
    command = [sys.executable, "-m", "nox", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def include() -> list[dict[str, str]]:
    """Give the matrix as `nox -s matrix` prints it."""
    pytest.importorskip("nox")
    found: list[dict[str, str]] = json.loads(nox("-s", "matrix"))["include"]
    return found


def listed() -> set[str]:
    """Give the sessions as `nox -l` lists them."""
    lines = [line for line in nox("-l").splitlines() if line.startswith(("* ", "- "))]
    return {line[2:].partition(" ->")[0] for line in lines}


def valid(path: Path, schema: str) -> None:
    """Hold a file against the schema that its readers publish (check-jsonschema carries them)."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_session_is_in_it_but_those_that_are_asked_for(
    include: list[dict[str, str]],
) -> None:
    names = [item["session"] for item in include]
    assert len(set(names)) == len(names)
    assert set(names) == listed() - BY_HAND
    assert {"reproduce", "many", "wheel-profile", "tests-all-3.10", "e2e"} <= set(names)


def test_it_says_what_a_session_needs(include: list[dict[str, str]]) -> None:
    needs = {item["session"]: item for item in include}
    assert needs["tests-all-3.12"]["pythons"] == "3.12"
    assert needs["lint"]["pythons"] == "3.11"
    assert needs["reproduce"]["pythons"] == "3.10 3.11 3.12 3.13"
    assert "chromium" in needs["drift"]["packages"].split()
    assert "clang-19" in needs["windows"]["packages"].split()


def test_ci_runs_each_of_them(include: list[dict[str, str]]) -> None:
    """The script of this project's own CI names them all, beside those that `nox` alone runs."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    sessions = text.partition("<< SESSIONS")[2].partition("\nSESSIONS")[0].split()
    left_out = {"lint", "typecheck", "tests-all-3.11", "tests-all-3.12"}
    assert {item["session"] for item in include} - left_out == set(sessions) & listed()


def test_the_pipeline_for_gitlab_is_one(tmp_path: Path) -> None:
    pytest.importorskip("nox")
    pytest.importorskip("check_jsonschema")
    path = tmp_path / "sessions.yml"
    path.write_text(nox("-s", "matrix", "--", "gitlab"))
    valid(path, "vendor.gitlab-ci")
    jobs: dict[str, Any] = json.loads(path.read_text())
    assert set(jobs) - {"default", "variables"} == listed() - BY_HAND
    assert jobs["many"]["script"] == ["uvx nox -s many"]


@pytest.mark.parametrize(
    ("name", "schema"),
    [("github-actions.yml", "vendor.github-workflows"), ("gitlab-ci.yml", "vendor.gitlab-ci")],
)
def test_an_example_is_what_its_reader_takes(name: str, schema: str, tmp_path: Path) -> None:
    pytest.importorskip("check_jsonschema")
    valid(EXAMPLES / name, schema)
    # That it can fail:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    broken = tmp_path / name
    broken.write_text(
        text.replace("    runs-on: ", "    runs_on: ").replace("stages: [", "stages: 3 #")
    )
    with pytest.raises(AssertionError):
        valid(broken, schema)
