"""Recorded figures take the place of earlier ones of the same subject, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from build_hooks.triton.document import measured
from build_hooks.triton.measured import read_measured, record
from tests.build_hooks.triton.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.triton.report import Report


def of_release(report: Report, release: str) -> Report:
    """Give a report as if it were of another release."""
    return replace(report, subject=replace(report.subject, release=release))


def test_nothing_is_recorded_at_first(tmp_path: Path) -> None:
    assert read_measured(tmp_path / "none.json") == []


def test_a_second_record_takes_the_place_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "measured.json"
    record(report_of("lost"), file)
    record(report_of(), file)
    assert read_measured(file) == [measured(report_of())]


def test_the_newest_release_comes_first_whatever_the_order(tmp_path: Path) -> None:
    texts = []
    for name, order in (("a", ("0.9.2", "0.33.0", "0.10.0")), ("b", ("0.10.0", "0.9.2", "0.33.0"))):
        file = tmp_path / name
        for release in order:
            record(of_release(report_of(), release), file)
        assert [one["release"] for one in read_measured(file)] == ["0.33.0", "0.10.0", "0.9.2"]
        texts.append(file.read_bytes())
    assert texts[0] == texts[1]


def test_what_is_missing_tells_kernels_from_what_they_call() -> None:
    report = report_of()
    called = [
        replace(one, configurations=0) if one.found.qualname == "launch" else one
        for one in report.functions
    ]
    found = {
        missing["feature"]: missing
        for missing in measured(replace(report, functions=called))["missing"]
    }
    assert found["tl.gather"]["kernels"] == ["ops/a.py::lost", "ops/a.py::unlaunched"]
    assert found["tl.gather"]["functions"] == ["ops/a.py::launch"]
    assert [missing["known"] for missing in found.values()] == [True, False]
