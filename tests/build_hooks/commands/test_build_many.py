"""`build` for releases times platforms: in processes and through a shared cache."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.lock import Lock, dump_lock
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.project import Project, locked_sdist, make_project
from tests.build_hooks.small_release import (
    ONLY,
    PATCHES,
    PKG_INFO,
    RELEASE,
    WHEEL,
    WORKER,
    small_files,
    write_folder,
    write_sdist,
)
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CACHE = "VLLM_WHEELWRIGHT_CACHE"
OLDER, BROKEN = "0.32.0", "0.31.0"
RELEASES = (OLDER, RELEASE)
BOTH = ("-p", "musa", "-p", "musa,profile", "--vllm", *RELEASES, "--only", ONLY)


def name(release: str, platforms: str = "musa") -> str:
    return f"vllm-{release}+{platforms}-py3-none-any.whl"


NAMES = [name(release, label) for label in ("musa", "musa.profile") for release in RELEASES]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a checkout with three small releases; a patch drifts on the oldest."""
    project = make_project(tmp_path_factory.mktemp("checkout"))
    sdists = [project.index / f"vllm-{RELEASE}.tar.gz"]
    for release in (OLDER, BROKEN):
        texts = {"pkg_info": PKG_INFO.replace(RELEASE, release)}
        if release == BROKEN:
            texts["worker"] = WORKER.replace("device_type", "device_kind")
        path = project.index / f"vllm-{release}.tar.gz"
        sdists.append(write_sdist(path, small_files(**texts)))
    lock = Lock(RELEASE, tuple(map(locked_sdist, sdists)))
    (project.root / "vendored" / "vllm.lock.toml").write_text(dump_lock(lock))
    return project


def built(
    project: Project,
    folder: Path,
    *words: str | Path,
    code: int = 0,
    changes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    env = project.environment(**(changes or {}))
    given = ("build", "-o", folder, *words)
    return run_json(*given, code=code, project=project.root, env=env)


def statuses(document: dict[str, Any]) -> list[str]:
    return [item["status"] for item in document["builds"]]


@pytest.fixture(scope="module")
def one_by_one(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give what four commands of one build each make, by file name."""
    folder = tmp_path_factory.mktemp("one_by_one")
    for platforms in ("musa", "musa,profile"):
        for release in RELEASES:
            words = ("-p", platforms, "--vllm", release, "-o", folder)
            done = project.build(*words)
            assert (done.returncode, done.stderr) == (0, "")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_release_is_built_for_every_platform(
    project: Project, one_by_one: dict[str, bytes], tmp_path: Path
) -> None:
    words = ("build", "-o", tmp_path, *BOTH, "--jobs", "2")
    done = run(*words, project=project.root, env=project.environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / each) for each in NAMES]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == one_by_one
    lines = done.stderr.splitlines()
    assert sorted(line[:5] for line in lines[:4]) == [f"[{n}/4]" for n in range(1, 5)]
    assert lines[4].split() == ["platforms", "release", "status", "seconds", "result"]
    assert [line.split()[:3] for line in lines[5:9]] == [
        [platforms, release, "built"]
        for platforms in ("musa", "musa,profile")
        for release in RELEASES
    ]
    assert lines[-1] == "PASS: 4 builds: 4 built"


def test_what_is_there_is_not_built_again(
    project: Project, one_by_one: dict[str, bytes], tmp_path: Path
) -> None:
    shared = ("--shared", tmp_path / "shared")
    first = built(project, tmp_path / "first", *BOTH[:4], *BOTH[4:], *shared)
    assert statuses(first) == ["built"] * 4
    # Whoever comes next needs neither the index nor the cache.
    elsewhere = {
        "VLLM_WHEELWRIGHT_CACHE": str(tmp_path / "empty"),
        "VLLM_WHEELWRIGHT_INDEX": "http://127.0.0.1:9/simple",
    }
    again = built(project, tmp_path / "again", *BOTH, *shared, changes=elsewhere)
    assert statuses(again) == ["reused"] * 4
    for folder in ("first", "again"):
        there = {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        assert there == one_by_one
    # Another build of the same release takes the release from there.
    more = built(project, tmp_path / "more", "--only", PATCHES[0], *shared, changes=elsewhere)
    assert statuses(more) == ["built"]


def test_what_follows_from_other_inputs_is_built_anew(project: Project, tmp_path: Path) -> None:
    shared = ("--shared", tmp_path / "shared", "--only", ONLY)
    assert statuses(built(project, tmp_path, *shared)) == ["built"]
    assert statuses(built(project, tmp_path, *shared)) == ["reused"]
    timed = built(project, tmp_path, *shared, changes={"SOURCE_DATE_EPOCH": "1700000000"})
    assert statuses(timed) == ["built"]
    assert statuses(built(project, tmp_path, *shared[:3], PATCHES[0])) == ["built"]
    later = make_project(tmp_path / "later")
    module = later.root / "transforms" / "platforms" / f"{PATCHES[1]}.py"
    module.write_text(module.read_text() + "# a comment\n")
    assert statuses(built(later, tmp_path, *shared)) == ["built"]


def test_failures_are_collected_and_cost_the_others_nothing(
    project: Project, one_by_one: dict[str, bytes], tmp_path: Path
) -> None:
    words = ("-o", tmp_path, "--vllm", OLDER, BROKEN, RELEASE, "--only", ONLY)
    done = run("build", *words, project=project.root, env=project.environment())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / name(release)) for release in RELEASES]
    assert f"error: musa on {BROKEN}: {PATCHES[1]}: drifted on {BROKEN}" in done.stderr
    assert done.stderr.splitlines()[-1] == "FAIL: 3 builds: 2 built, 1 failed"
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {each: one_by_one[each] for each in map(name, RELEASES)}
    document = built(project, tmp_path, *words[2:], code=1)
    failures = [item["failure"] for item in document["builds"]]
    assert [failure and failure["exit_code"] for failure in failures] == [None, 1, None]
    # Failures of two kinds have no code in common but that of failing.
    (project.index / f"vllm-{OLDER}.tar.gz").rename(tmp_path / "away")
    try:
        empty = str(tmp_path / "empty")
        document = built(project, tmp_path, *words[2:], code=1, changes={CACHE: empty})
        assert [item["failure"]["kind"] for item in document["builds"][:2]] == [
            "network",
            "patches",
        ]
        fewer = ("--vllm", OLDER, RELEASE, "--only", ONLY)
        empty = str(tmp_path / "emptier")
        document = built(project, tmp_path, *fewer, code=4, changes={CACHE: empty})
        assert statuses(document) == ["failed", "built"]
    finally:
        (tmp_path / "away").rename(project.index / f"vllm-{OLDER}.tar.gz")


def test_a_damaged_result_is_named_and_not_used(project: Project, tmp_path: Path) -> None:
    shared = ("--shared", tmp_path / "shared", "--only", ONLY)
    document = built(project, tmp_path / "first", *shared)
    (item,) = document["builds"]
    (kept,) = (tmp_path / "shared" / "sha256").rglob(WHEEL)
    assert kept.parent.name == item["sha256"]
    data = bytearray(kept.read_bytes())
    data[100] ^= 1
    kept.write_bytes(data)
    document = built(project, tmp_path / "again", *shared, code=5)
    (item,) = document["builds"]
    assert "has other bytes than its name says" in item["failure"]["message"]
    assert list((tmp_path / "again").iterdir()) == []
    kept.write_bytes(data[:-1])
    assert statuses(built(project, tmp_path / "again", *shared)) == ["built"]
    (result,) = (tmp_path / "shared" / "results").rglob("*.json")
    result.write_text("{}")
    words = ("build", "-o", tmp_path, *shared)
    done = run(*words, project=project.root, env=project.environment())
    assert "is no result" in assert_clean_failure(done, 5)


def test_what_cannot_be_shared_or_sent_is_said_before_anything_is_built(
    project: Project, tmp_path: Path
) -> None:
    tree = write_folder(tmp_path / "tree", small_files())

    def refused(*words: str | Path) -> str:
        given = ("build", "-o", tmp_path / "dist", *words)
        done = run(*given, project=project.root, env=project.environment())
        assert not (tmp_path / "dist").exists() or not [*(tmp_path / "dist").iterdir()]
        return assert_clean_failure(done, 2)

    shared = ("--shared", tmp_path / "shared")
    assert "has no hash" in refused("--source", tree, *shared)
    assert "no such file" in refused("--source", tmp_path / "none.tar.gz", *shared)
    assert "did you mean 'dask'" in refused("--executor", "dusk://127.0.0.1:1")
    assert "through a shared cache" in refused("--executor", "dask://127.0.0.1:1")
    assert "--jobs is 0" in refused("--jobs", "0")
    assert "through http" in refused("--shared", "http://127.0.0.1:9/")


def test_ones_own_sdist_travels_too(
    project: Project, sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    words = ("--source", sdist, "--only", ONLY, "--shared", tmp_path / "shared")
    assert statuses(built(project, tmp_path, *words)) == ["built"]
    assert contents(tmp_path / WHEEL).keys() == contents(wheel).keys()
    assert (tmp_path / WHEEL).read_bytes() == wheel.read_bytes()


def start(project: Project, folder: Path, *words: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "build_hooks", "build", "-o", folder, *words]
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_a_line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def test_ctrl_c_leaves_what_is_whole_and_nothing_else(project: Project, tmp_path: Path) -> None:
    process = start(project, tmp_path, *BOTH, "--jobs", "1")
    assert wait_for_a_line(process).startswith("[1/4] ")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("interrupted: nothing was left half-written\n")
    left = [path.name for path in tmp_path.iterdir()]
    assert set(left) <= set(NAMES)
    assert 1 <= len(left) < 4


def test_a_run_that_was_killed_goes_on_where_it_was(
    project: Project, one_by_one: dict[str, bytes], tmp_path: Path
) -> None:
    words = (*BOTH, "--jobs", "1", "--shared", tmp_path / "shared")
    process = start(project, tmp_path / "dist", *words)
    assert wait_for_a_line(process).startswith("[1/4] ")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    time.sleep(0.2)
    document = built(project, tmp_path / "dist", *words)
    found = statuses(document)
    assert set(found) == {"built", "reused"}
    assert 1 <= found.count("reused") < 4
    kept = [path for path in (tmp_path / "dist").iterdir() if not path.name.startswith(".")]
    assert {path.name: path.read_bytes() for path in kept} == one_by_one


def test_the_document_says_what_was_built(project: Project, tmp_path: Path) -> None:
    done = run(
        "build",
        "-o",
        tmp_path,
        *BOTH[4:],
        "--json",
        project=project.root,
        env=project.environment(),
    )
    (first, second) = json.loads(done.stdout)["builds"]
    assert first["platforms"] == ["musa"]
    assert (first["release"], second["release"]) == RELEASES
    assert first["path"] == str(tmp_path / name(OLDER))
