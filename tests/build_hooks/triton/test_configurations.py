"""A release takes its own configurations, or those of the nearest release for the same kernels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.configurations import configurations_for, jobs_for, recorded_releases
from tests.build_hooks.triton.reports import function

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.triton.runner.census import JitFunction


def record(folder: Path, release: str, *rows: tuple[str, str, int, str]) -> None:
    """Write a release's configurations: file, name, line and the names of the parameters."""
    lines = [
        json.dumps(
            {
                "path": path,
                "name": name,
                "line": line,
                "found_with": "3.9.0",
                "config": [[one, "c", f"{release} {number}"] for one in parameters],
            }
        )
        for number, (path, name, line, parameters) in enumerate(rows)
    ]
    (folder / f"{release}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def found(release: str, folder: Path, *census: JitFunction) -> list[tuple[str, str]]:
    """Give for each configuration its function and where it is from."""
    return [
        (job.ident, job.config[0][2]) for job in configurations_for(release, census, folder).jobs
    ]


def test_a_recorded_release_has_its_own(tmp_path: Path) -> None:
    record(tmp_path, "0.33.0", ("a.py", "k", 3, "x"), ("a.py", "k", 3, "x"), ("a.py", "j", 9, "y"))
    census = (function("A.k", "a.py", 3, "x"), function("j", "a.py", 9, "y"))
    own = configurations_for("0.33.0", census, tmp_path)
    assert [(job.ident, job.number) for job in own.jobs] == [
        ("a.py::A.k", 0),
        ("a.py::A.k", 1),
        ("a.py::j", 2),
    ]
    assert own.borrowed == {}


def test_a_changed_tree_of_a_recorded_release_is_matched_by_name(tmp_path: Path) -> None:
    record(tmp_path, "0.33.0", ("a.py", "k", 3, "x"), ("a.py", "gone", 9, "y"))
    moved = function("k", "a.py", 4, "x")
    own = configurations_for("0.33.0", [moved], tmp_path)
    assert [job.ident for job in own.jobs] == ["a.py::k"]
    assert own.borrowed == {}
    with pytest.raises(KeyError):
        jobs_for("0.33.0", [moved], tmp_path)


def test_another_release_lends_by_file_and_name_and_parameters(tmp_path: Path) -> None:
    record(tmp_path, "0.33.0", ("a.py", "k", 3, "xy"), ("a.py", "k", 3, "xy"))
    same, other = function("k", "a.py", 70, "x", "y"), function("k", "a.py", 70, "x", "z")
    assert found("0.32.0", tmp_path, same) == [("a.py::k", "0.33.0 0"), ("a.py::k", "0.33.0 1")]
    assert configurations_for("0.32.0", [same], tmp_path).borrowed == {"a.py::k": "0.33.0"}
    assert found("0.32.0", tmp_path, other) == []


def test_a_kernel_that_moved_is_found_by_a_name_of_its_own(tmp_path: Path) -> None:
    record(tmp_path, "0.33.0", ("a.py", "k", 3, "x"))
    moved = function("k", "b/c.py", 7, "x")
    assert found("0.32.0", tmp_path, moved) == [("b/c.py::k", "0.33.0 0")]
    assert found("0.32.0", tmp_path, moved, function("k", "d.py", 7, "x")) == []


def test_a_name_that_two_kernels_have_lends_nothing(tmp_path: Path) -> None:
    record(tmp_path, "0.33.0", ("a.py", "k", 3, "x"), ("b.py", "k", 3, "x"))
    assert found("0.32.0", tmp_path, function("k", "c.py", 7, "x")) == []
    assert found("0.32.0", tmp_path, function("k", "b.py", 7, "x")) == [("b.py::k", "0.33.0 1")]


def test_the_nearest_release_goes_first(tmp_path: Path) -> None:
    for release in ("0.9.2", "0.10.0", "0.14.1"):
        record(tmp_path, release, ("a.py", "k", 3, "x"))
    record(tmp_path, "0.28.0", ("a.py", "j", 3, "x"))
    census = (function("k", "a.py", 7, "x"), function("j", "a.py", 9, "x"))
    lent = configurations_for("0.11.2", census, tmp_path)
    assert lent.borrowed == {"a.py::k": "0.10.0", "a.py::j": "0.28.0"}
    assert [job.number for job in lent.jobs] == [0, 1]
    assert recorded_releases(tmp_path) == ["0.9.2", "0.10.0", "0.14.1", "0.28.0"]
