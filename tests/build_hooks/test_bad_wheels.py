"""A wheel that cannot be relied on: one message, its own exit code, nothing half-written."""

from __future__ import annotations

import shutil
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.artifact.archives import set_central
from tests.build_hooks.command_line import assert_clean_failure, limited, run
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import ONLY, RELEASE
from tests.build_hooks.small_wheel import (
    INFO,
    LIBRARY,
    NAME,
    RECORD,
    TAG,
    as_csv,
    record_rows,
    small_contents,
    small_wheel,
    write_members,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHEEL = f"vllm-{RELEASE}+musa-{TAG}.whl"
WORKER = "vllm/v1/worker/gpu_worker.py"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return tmp_path / "dist"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, small_wheel(tmp_path / "index"))


def assert_nothing_written(folder: Path) -> None:
    assert not folder.exists() or list(folder.iterdir()) == []


def edited(path: Path, change: Callable[[bytearray], object]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def with_rows(path: Path, rows: list[list[str]]) -> Path:
    write_members(path, {**small_contents(), RECORD: as_csv(rows)})
    return path


def rows() -> list[list[str]]:
    return record_rows(small_contents())


def other_bytes(path: Path, name: str) -> Path:
    """Write a wheel in which one file is another one than RECORD names, of the same length."""
    files = small_contents()
    files[name] = bytes([files[name][0] ^ 1]) + files[name][1:]
    write_members(path, {**files, RECORD: as_csv(rows())})
    return path


def appended(path: Path) -> Path:
    path.write_bytes(path.read_bytes() + b"more")
    return path


def commented(path: Path) -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"hello"
    return path


def twice(path: Path) -> Path:
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(LIBRARY, b"another one")
    return path


BAD: dict[str, tuple[Callable[[Path], Path], int, str]] = {
    "no row": (
        lambda path: with_rows(path, [row for row in rows() if row[0] != LIBRARY]),
        6,
        f"RECORD that is of no use: it does not name '{LIBRARY}'",
    ),
    "a row too many": (
        lambda path: with_rows(path, [["vllm/x.py", *rows()[0][1:]], *rows()]),
        6,
        "it names 'vllm/x.py', which the wheel does not hold",
    ),
    "a malformed row": (
        lambda path: with_rows(path, [[LIBRARY], *rows()]),
        6,
        f"a row is malformed: '{LIBRARY}'",
    ),
    "a wrong size": (
        lambda path: with_rows(path, [[*row[:2], "1"] if row[2] else row for row in rows()]),
        5,
        "RECORD has 1 bytes for",
    ),
    "a wrong hash of a file that is patched": (
        lambda path: other_bytes(path, WORKER),
        5,
        f"'{WORKER}' does not have the hash that RECORD has for it",
    ),
    "a wrong hash of WHEEL": (
        lambda path: other_bytes(path, f"{INFO}/WHEEL"),
        5,
        f"'{INFO}/WHEEL' does not have the hash that RECORD has for it",
    ),
    "truncated": (
        lambda path: edited(path, lambda data: data.__delitem__(slice(-100, None))),
        6,
        "is not a usable wheel: File is not a zip file",
    ),
    "duplicate names": (twice, 6, f"is refused: it holds the member '{LIBRARY}' twice"),
    "an unexpected compression method": (
        lambda path: set_central(path, offset=10, value=struct.pack("<H", zipfile.ZIP_LZMA)),
        6,
        f"is refused: it holds an unexpected compression method: '{RECORD}'",
    ),
    "encrypted": (
        lambda path: set_central(path, offset=8, value=b"\1\0"),
        6,
        f"is refused: it holds an encrypted member: '{RECORD}'",
    ),
    "a header of another member": (
        lambda path: edited(path, lambda data: struct.pack_into("<L", data, 14, 7)),
        6,
        "is refused: it holds a header that disagrees with its directory: 'vllm/__init__.py'",
    ),
    "data behind the end": (appended, 6, "is refused: it holds bytes behind its end record"),
    "an archive comment": (commented, 6, "is refused: it holds an archive comment"),
    "bytes in front": (
        lambda path: edited(path, lambda data: data.__setitem__(slice(0, 0), b"#!/bin/sh\n")),
        6,
        "is refused: it holds an end record that disagrees with its directory",
    ),
    "the name of another wheel": (
        lambda path: path.rename(path.with_name(f"vllm-0.32.0-{TAG}.whl")),
        6,
        f"holds {INFO}: that is another name or version",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_wheel(tmp_path: Path, dist: Path, name: str) -> None:
    damage, code, why = BAD[name]
    source = damage(small_wheel(tmp_path))
    done = run("build", "--source", source, "-o", dist, "--only", ONLY)
    message = assert_clean_failure(done, code)
    assert why in message
    assert source.name in message
    assert "next: " in message
    assert_nothing_written(dist)


@pytest.mark.parametrize("name", ["a wrong hash of WHEEL", "no row"])
def test_a_bad_wheel_whose_metadata_are_asked_for(
    project: Project, tmp_path: Path, dist: Path, name: str
) -> None:
    damage, code, why = BAD[name]
    settings = {"source": str(damage(small_wheel(tmp_path)))}
    program = f"backend.prepare_metadata_for_build_wheel({str(dist)!r}, {settings!r})"
    assert why in assert_clean_failure(project.hook(program), code)
    assert_nothing_written(dist)


@pytest.mark.parametrize("size", [2_000, 200_000, 305_000])
def test_a_full_disk_keeps_the_wheel_of_before(tmp_path: Path, dist: Path, size: int) -> None:
    source = small_wheel(tmp_path)
    dist.mkdir()
    (dist / WHEEL).write_bytes(b"the wheel of before")
    words = ("build", "--source", source, "-o", dist, "--only", ONLY)
    done = run(*words, preexec_fn=lambda: limited(size))
    message = assert_clean_failure(done, 7)
    assert f"{WHEEL} cannot be written: File too large" in message
    assert [path.read_bytes() for path in dist.iterdir()] == [b"the wheel of before"]
    assert run(*words).returncode == 0
    assert [path.name for path in dist.iterdir()] == [WHEEL]


def test_the_cache_is_unharmed_and_serves_again(project: Project, dist: Path) -> None:
    words = ("--source", "wheel", "-o", dist)
    done = project.build(*words)
    assert done.returncode == 0, done.stderr
    assert project.kept() == [NAME]
    kept = next(project.cache.rglob(NAME))
    before = kept.read_bytes()
    shutil.rmtree(dist)
    failed = run(
        *("build", "--only", ONLY, *words),
        project=project.root,
        env=project.environment(),
        preexec_fn=lambda: limited(100_000),
    )
    assert_clean_failure(failed, 7)
    assert_nothing_written(dist)
    assert (kept.read_bytes(), project.kept()) == (before, [NAME])
    done = project.build(*words, "--offline")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in dist.iterdir()] == [WHEEL]


def test_a_wheel_that_was_changed_in_the_cache_is_fetched_again(
    project: Project, dist: Path
) -> None:
    words = ("--source", "wheel", "-o", dist)
    assert project.build(*words).returncode == 0
    kept = next(project.cache.rglob(NAME))
    before, built = kept.read_bytes(), (dist / WHEEL).read_bytes()
    edited(kept, lambda data: data.__setitem__(400, data[400] ^ 1))
    done = project.build(*words)
    assert done.returncode == 0, done.stderr
    assert (kept.read_bytes(), (dist / WHEEL).read_bytes()) == (before, built)
