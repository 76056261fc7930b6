"""A Dask cluster of two workers builds the bytes that this machine does."""

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
from tests.build_hooks.command_line import REPOSITORY, assert_clean_failure, run, run_json
from tests.build_hooks.project import Project, copy_checkout, locked_sdist, make_project
from tests.build_hooks.small_release import (
    ONLY,
    PKG_INFO,
    RELEASE,
    WORKER,
    small_files,
    write_sdist,
)
from tests.many.cluster import dask_cluster
from tests.many.storage import s3
from tests.wheels.real import artifact, real_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.many

RELEASES = ("0.29.0", "0.30.0", "0.32.0", RELEASE)
BROKEN = "0.31.0"
WORDS = ("-p", "musa", "-p", "musa,profile", "--only", ONLY)
NOWHERE = {"VLLM_WHEELWRIGHT_INDEX": "http://127.0.0.1:9/simple"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a checkout with five small releases; a patch drifts on one of them."""
    project = make_project(tmp_path_factory.mktemp("checkout"))
    sdists = [project.index / f"vllm-{RELEASE}.tar.gz"]
    for release in (*RELEASES[:-1], BROKEN):
        texts = {"pkg_info": PKG_INFO.replace(RELEASE, release)}
        if release == BROKEN:
            texts["worker"] = WORKER.replace("device_type", "device_kind")
        path = project.index / f"vllm-{release}.tar.gz"
        sdists.append(write_sdist(path, small_files(**texts)))
    lock = Lock(RELEASE, tuple(map(locked_sdist, sdists)))
    (project.root / "vendored" / "vllm.lock.toml").write_text(dump_lock(lock))
    return project


@pytest.fixture(scope="module")
def executor(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give a cluster whose workers have no index: all that they read comes through the cache."""
    folder = tmp_path_factory.mktemp("cluster")
    env = {**project.environment(VLLM_WHEELWRIGHT_CACHE=str(folder / "cache"))}
    with dask_cluster(project.root, folder, env) as address:
        yield address


@pytest.fixture(scope="module")
def here(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give what this machine's processes build, by file name."""
    folder = tmp_path_factory.mktemp("here")
    done = project.build("-o", folder, *WORDS[:4], "--vllm", *RELEASES)
    assert done.returncode == 0, done.stderr
    return contents_of(folder)


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def built(
    project: Project,
    folder: Path,
    *words: str | Path,
    code: int = 0,
    changes: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    given = ("build", "-o", folder, *words)
    env = project.environment(**(changes or {}))
    document = run_json(*given, code=code, project=project.root, env=env, timeout=300)
    found: list[dict[str, Any]] = document["builds"]
    return found


def test_builds_the_same_bytes(
    project: Project, executor: str, here: dict[str, bytes], tmp_path: Path
) -> None:
    words = (*WORDS, "--vllm", *RELEASES, "--executor", executor, "--shared", tmp_path / "shared")
    found = built(project, tmp_path / "dist", *words)
    assert [item["status"] for item in found] == ["built"] * 8
    assert contents_of(tmp_path / "dist") == here
    # What the cluster has built need not be built here, and the other way round.
    given = (*WORDS, "--vllm", *RELEASES, "--shared", tmp_path / "shared")
    found = built(project, tmp_path / "again", *given, changes=NOWHERE)
    assert [item["status"] for item in found] == ["reused"] * 8
    assert contents_of(tmp_path / "again") == here


def test_the_time_is_that_of_who_asks(project: Project, executor: str, tmp_path: Path) -> None:
    given = {"SOURCE_DATE_EPOCH": "1700000000"}
    (own,) = built(project, tmp_path / "here", *WORDS[2:], changes=given)
    words = (*WORDS[2:], "--executor", executor, "--shared", tmp_path / "shared")
    (theirs,) = built(project, tmp_path / "there", *words, changes=given)
    assert theirs["sha256"] == own["sha256"]


def test_a_failure_is_said_as_it_is_here(project: Project, executor: str, tmp_path: Path) -> None:
    words = ("--only", ONLY, "--vllm", RELEASES[0], BROKEN, RELEASES[1])
    (_, here, _) = built(project, tmp_path / "here", *words, code=1)
    cluster = ("--executor", executor, "--shared", tmp_path / "shared")
    found = built(project, tmp_path / "there", *words, *cluster, code=1)
    assert [item["status"] for item in found] == ["built", "failed", "built"]
    assert found[1]["failure"] == here["failure"]
    assert here["failure"]["kind"] == "patches"
    assert len(contents_of(tmp_path / "there")) == 2


def test_workers_of_another_checkout_refuse(
    project: Project, executor: str, tmp_path: Path
) -> None:
    other = copy_checkout(tmp_path / "other")
    sdist = project.index / f"vllm-{RELEASE}.tar.gz"
    given = ("--source", sdist, "--only", ONLY, "-o", tmp_path / "dist")
    words = ("build", *given, "--executor", executor, "--shared", tmp_path / "shared")
    done = run(*words, project=other, env=project.environment())
    assert done.returncode == 2
    assert "has another checkout, or other libraries" in done.stderr
    assert done.stderr.splitlines()[-1] == "FAIL: 1 build: 1 failed"


def test_no_scheduler_is_a_message(project: Project, tmp_path: Path) -> None:
    words = ("build", "-o", tmp_path, "--shared", tmp_path / "shared")
    given = ("--executor", "dask://127.0.0.1:9")
    env = project.environment(DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="2s")
    done = run(*words, *given, project=project.root, env=env)
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in assert_clean_failure(done, 4)


def test_a_run_that_is_killed_goes_on_where_it_was(
    project: Project, executor: str, here: dict[str, bytes], tmp_path: Path
) -> None:
    words = [*WORDS, "--vllm", *RELEASES, "--executor", executor]
    words += ["--shared", str(tmp_path / "shared")]
    command = [sys.executable, "-m", "build_hooks", "build", "-o", str(tmp_path / "dist"), *words]
    process = subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("[1/8] ")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    time.sleep(1)
    found = [item["status"] for item in built(project, tmp_path / "dist", *words)]
    assert found.count("reused") >= 1
    assert found.count("failed") == 0
    assert contents_of(tmp_path / "dist") == here


def test_through_object_storage(project: Project, here: dict[str, bytes], tmp_path: Path) -> None:
    with s3("builds") as variables:
        folder = tmp_path / "cluster"
        own = {**variables, "VLLM_WHEELWRIGHT_CACHE": str(folder / "cache")}
        with dask_cluster(project.root, folder, project.environment(**own)) as address:
            words = (*WORDS, "--vllm", *RELEASES, "--shared", "s3://builds/cache")
            cluster = ("--executor", address)
            found = built(project, tmp_path / "dist", *words, *cluster, changes=variables)
            assert [item["status"] for item in found] == ["built"] * 8
            again = built(project, tmp_path / "again", *words, changes={**variables, **NOWHERE})
            assert [item["status"] for item in again] == ["reused"] * 8
    assert contents_of(tmp_path / "dist") == contents_of(tmp_path / "again") == here


def test_a_real_release(tmp_path: Path) -> None:
    """Of two platforms; the worker has nothing but the shared cache and its checkout."""
    release = "0.14.1"
    artifact(release)
    env = real_environment()
    given = ("-p", "musa", "-p", "musa,profile", "--vllm", release)
    words = ("build", *given, "-o", tmp_path / "here", "--json")
    done = run(*words, env=env, timeout=600)
    assert done.returncode == 0, done.stderr
    with dask_cluster(REPOSITORY, tmp_path / "cluster", env) as address:
        cluster = ("--executor", address, "--shared", tmp_path / "shared")
        there = run(
            "build", *given, "-o", tmp_path / "there", *cluster, "--json", env=env, timeout=600
        )
    assert there.returncode == 0, there.stderr
    assert len(json.loads(there.stdout)["wheels"]) == 2
    assert contents_of(tmp_path / "there") == contents_of(tmp_path / "here")
