"""`python -m vllm.wheelwright bisect` runs a real command until it knows the patch."""

from __future__ import annotations

import json
import sys
import time
from math import ceil, log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.build_hooks.small_release import PATCHES
from tests.build_hooks.switched_release import python, switched_wheel, unpacked

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable

# Fails where a patch is on, as far as this process can see.
FAILS_WITH = "import vllm.wheelwright_switches as s; raise SystemExit({name!r} in s.choice().on)"
SCHEMA = REPOSITORY / "docs/schemas/installed/bisect.schema.json"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel; nothing may change it."""
    folder = tmp_path_factory.mktemp("bisected")
    return unpacked(switched_wheel(folder), folder / "site")


def bisect(
    site: Path, *words: str, start: Iterable[str] = ("-m", "vllm.wheelwright"), **variables: str
) -> subprocess.CompletedProcess[str]:
    return python(site, *start, "bisect", *words, **variables)


def command(program: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-S", "-c", program)


def result(site: Path, program: str, code: int, *words: str, **variables: str) -> dict[str, Any]:
    done = bisect(site, "--json", *words, *command(program), **variables)
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return document


@pytest.mark.parametrize("bad", PATCHES)
def test_finds_the_patch(site: Path, bad: str) -> None:
    document = result(site, FAILS_WITH.format(name=bad), 0)
    assert (document["verdict"], document["patches"]) == ("one", [bad])
    assert len(document["runs"]) <= 2 + ceil(log2(len(PATCHES)))
    for each in document["runs"]:
        assert each["passed"] is (bad in each["off"])
        assert sorted([*each["on"], *each["off"]]) == sorted(PATCHES)


def test_runs_as_a_plain_file_and_says_what_it_does(site: Path) -> None:
    start = (str(site / "vllm" / "wheelwright.py"),)
    done = bisect(site, *command(FAILS_WITH.format(name=PATCHES[0])), start=start)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"FOUND: {PATCHES[0]}: the command fails with it alone (2 runs, 2 patches)\n"
        f"next: VLLM_WHEELWRIGHT_DISABLE={PATCHES[0]} runs without it\n"
    )
    first, second = (line for line in done.stderr.splitlines() if "on: " in line)
    assert first == "bisect: run 1: 0 of 2 patches on: upstream's code"
    assert second == f"bisect: run 2: 1 of 2 patches on: {PATCHES[0]}"


def test_real_code_of_a_patch_is_what_fails(site: Path) -> None:
    program = (
        "from vllm.platforms.interface import Platform; "
        "raise SystemExit(hasattr(Platform, 'is_musa'))"
    )
    assert result(site, program, 0)["patches"] == ["musa/platform_is_musa"]


def test_two_that_fail_together_are_both_named(site: Path) -> None:
    program = "import vllm.wheelwright_switches as s; raise SystemExit(len(s.choice().on) == 2)"
    document = result(site, program, 0)
    assert (document["verdict"], document["patches"]) == ("several", list(PATCHES))


@pytest.mark.parametrize(("code", "verdict"), [(0, "passes"), (1, "fails-without")])
def test_a_command_that_no_patch_breaks_is_said(site: Path, code: int, verdict: str) -> None:
    document = result(site, f"import vllm; raise SystemExit({code})", 1)
    assert (document["verdict"], document["patches"]) == (verdict, [])


def test_what_is_off_already_stays_off(site: Path) -> None:
    program = "import vllm.wheelwright_switches as s; raise SystemExit(bool(s.choice().on))"
    document = result(site, program, 0, VLLM_WHEELWRIGHT_DISABLE=PATCHES[0])
    assert document["patches"] == [PATCHES[1]]
    assert {name for run in document["runs"] for name in run["on"]} == {PATCHES[1]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (command("pass"), "the command has not imported the vLLM in "),
        (command("import vllm; raise SystemExit(125)"), "ended with 125: it cannot tell"),
        (("--", "/no/such/command"), "/no/such/command cannot be run: No such file"),
        (("--", "sh", "-c", "no-such-command"), "sh ended with 127: it cannot be run"),
    ],
)
def test_a_run_that_tells_nothing_ends_the_search(
    site: Path, words: tuple[str, ...], said: str
) -> None:
    done = bisect(site, "--json", *words)
    assert done.returncode == 5
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert (document["verdict"], document["patches"]) == (None, [])
    assert said in document["problem"]
    assert f"bisect: error: {document['problem']}" in done.stderr


def test_a_run_that_takes_too_long_fails_and_leaves_nothing_behind(
    site: Path, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    program = f"""
import os, subprocess, time
import vllm.wheelwright_switches as s
if {PATCHES[1]!r} in s.choice().on:
    child = subprocess.Popen(["sleep", "60"])
    with open({str(pids)!r}, "a") as file:
        print(child.pid, file=file)
    time.sleep(60)
"""
    begun = time.monotonic()
    document = result(site, program, 0, "--timeout", "2")
    assert time.monotonic() - begun < 40
    assert document["patches"] == [PATCHES[1]]
    assert [run["exit"] for run in document["runs"] if not run["passed"]] == [None]
    for pid in pids.read_text(encoding="utf-8").split():
        assert not Path(f"/proc/{pid}").exists() or is_zombie(int(pid))


def is_zombie(pid: int) -> bool:
    return ") Z " in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")


def test_without_a_command_it_is_wrong_use(site: Path) -> None:
    done = bisect(site)
    assert done.returncode == 2
    assert "-- COMMAND" in done.stderr


def test_the_output_of_the_command_does_not_mix_with_ours(site: Path) -> None:
    program = "import vllm; print('hello')"
    done = bisect(site, "--json", *command(program))
    assert "hello" in done.stderr
    assert json.loads(done.stdout)["verdict"] == "passes"


def test_a_wheel_without_switches_has_no_such_command(tmp_path: Path) -> None:
    site = unpacked(switched_wheel(tmp_path, switches="off"), tmp_path / "site")
    done = bisect(site, *command("import vllm"))
    assert done.returncode == 2
    assert not (site / "vllm" / "wheelwright_switches").exists()
