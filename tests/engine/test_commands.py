"""The commands in the engine's environment, on what real engines recorded."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import browser, opened
from tests.engine.engines import LAYERS, MIXTRAL, TOP_K
from tests.transforms.platforms.profile.profilemate import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import Opened
    from tests.engine.environment import Environments
    from tests.engine.running import Place, Run

pytestmark = pytest.mark.engine

__all__ = ["browser", "opened"]


def profile(place: Place, run: Run, *words: str | Path) -> Run:
    done = place.run("-m", "vllm.wheelwright", "profile", run.session().folder, *words)
    assert done.code == 0, done.log
    return done


def test_the_csv_files_are_those_of_profilemate(on: Run, patched: Place, tmp_path: Path) -> None:
    profile(patched, on, "export", "--csv", tmp_path / "csv")
    written = {path.name: path for path in (tmp_path / "csv").glob("*.csv")}
    assert {name: path.read_text().splitlines()[0] for name, path in written.items()} == HEADERS


def test_the_csv_files_hold_what_the_engine_did(on: Run, patched: Place, tmp_path: Path) -> None:
    profile(patched, on, "export", "--csv", tmp_path / "csv")

    def column(name: str, key: str) -> list[str]:
        with (tmp_path / "csv" / name).open(newline="") as file:
            return [row[key] for row in csv.DictReader(file)]

    streams = on.session().streams()
    steps = [row for stream in streams for row in stream.rows("steps")]
    scheduled = sum(row["scheduled_tokens"] for row in steps)
    assert sum(map(int, column("batch_utilization.csv", "num_tokens"))) == scheduled
    assert sum(map(int, column("forward_pass_timing.csv", "num_tokens"))) == scheduled
    preempted = column("preemption_events.csv", "event").count("preempted")
    assert preempted == sum(row["preempted"] for row in steps) > 0
    routed = sum(row["scheduled_tokens"] for row in on.steps(MIXTRAL.name)) * TOP_K * LAYERS
    assert sum(map(int, column("moe_expert_activations.csv", "activation_count"))) == routed


def test_the_summary_is_the_same_without_vllm(
    on: Run, patched: Place, environments: Environments
) -> None:
    program = environments.site_packages("patched") / "vllm" / "wheelwright.py"
    alone = subprocess.run(
        [sys.executable, "-I", program, "profile", on.session().folder, "summary"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert alone.stdout == profile(patched, on, "summary").log
    for phase in ("prefill", "decode", "mixed"):
        assert phase in alone.stdout


def test_diagnose_tells_which_points_fired(on: Run, patched: Place) -> None:
    run = patched.run("-m", "vllm.wheelwright", "diagnose", on.session().folder, "--json")
    assert run.code == 0, run.log
    text = json.dumps(json.loads(run.log))
    for point in ("scheduler.schedule", "experts.selected", "requests.preempted"):
        assert point in text


def test_a_session_in_arrow_is_read_where_pyarrow_is(served: Run, patched: Place) -> None:
    arrow = str(patched.environments.overlay("arrow"))
    profile(patched.with_variables(PYTHONPATH=arrow), served, "summary")


def test_without_pyarrow_a_session_in_arrow_is_refused(served: Run, patched: Place) -> None:
    folder = served.session().folder
    run = patched.run("-m", "vllm.wheelwright", "profile", folder, "summary")
    assert run.code == 5
    assert "pyarrow" in run.log


def test_the_report_opens_in_a_browser(
    on: Run,
    patched: Place,
    tmp_path: Path,
    opened: Callable[..., Opened],
) -> None:
    profile(patched, on, "report", "-o", tmp_path / "report.html")
    page = opened(tmp_path / "report.html").page
    assert page.locator("svg").count() > 4
    page.screenshot(path=tmp_path / "report.png", full_page=True)
