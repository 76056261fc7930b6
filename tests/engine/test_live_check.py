"""A running engine is asked, process by process, whether its patches are what runs in it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.engine.engines import ENDLESS
from tests.engine.running import Place, Run, end_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.environment import Environments

pytestmark = pytest.mark.engine

_PATIENCE = 300.0
# Loaded by vLLM itself in each of its processes; in EngineCore's, it patches when it is told to.
_PLUGIN = """
import multiprocessing
import os
import threading
import time


def register():
    if multiprocessing.current_process().name.startswith("EngineCore"):
        threading.Thread(target=wait, daemon=True).start()


def wait():
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.05)
    from vllm.v1.core.sched.scheduler import Scheduler

    schedule = Scheduler.schedule

    def late(self, *args, **kwargs):
        return schedule(self, *args, **kwargs)

    Scheduler.schedule = late
    open(os.environ["GO"] + ".done", "w").close()
"""
_SCHEMA = REPOSITORY / "docs" / "schemas" / "installed" / "live.schema.json"


@pytest.fixture(scope="module")
def engine(
    environments: Environments,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """Give an engine that runs until the tests are done, with a plugin that can patch it late."""
    folder = tmp_path_factory.mktemp("live")
    place = Place(environments=environments, name="patched", folder=folder, variables={})
    described = place.distribution("late-patcher", "1")
    (described / "entry_points.txt").write_text(
        "[vllm.general_plugins]\nlate = late_patcher:register"
    )
    (described.parent / "late_patcher.py").write_text(_PLUGIN)
    place = place.with_path(described.parent).with_variables(
        WHEELWRIGHT_LIVE=str(folder / "live"), GO=str(folder / "go")
    )
    process = place.generate([ENDLESS.work(environments.models)])
    try:
        until = time.monotonic() + _PATIENCE
        while "generating endless" not in place.log():
            assert process.poll() is None, place.log()
            assert time.monotonic() < until, place.log()
            time.sleep(0.5)
        yield place
    finally:
        end_group(process.pid)
        process.wait()


def asked(place: Place, *words: str) -> Run:
    """Run the command beside the engine, without the engine's variables."""
    script = place.environments.site_packages("patched") / "vllm" / "wheelwright.py"
    asking = replace(place, folder=place.folder / f"asking-{time.monotonic_ns()}", variables={})
    return asking.run(script, "live", str(place.folder / "live"), "--timeout", "120", *words)


def by_state(run: Run) -> dict[str, dict[str, Any]]:
    document = json.loads(run.log)
    jsonschema.validate(document, json.loads(_SCHEMA.read_text(encoding="utf-8")))
    return {row["name"]: row for row in document["processes"] if row["name"]}


def test_every_process_is_asked_and_a_late_patcher_is_found_where_it_patched(
    engine: Place,
) -> None:
    run = asked(engine, "--json")
    assert run.code == 0, run.log
    rows = by_state(run)
    core = next(name for name in rows if name.startswith("EngineCore"))
    worker = next(name for name in rows if name.startswith("VllmWorker"))
    assert set(rows) == {"MainProcess", core, worker}
    assert {row["state"] for row in rows.values()} == {"patched"}
    assert all(row["built"] > 5 for row in rows.values()), rows
    assert run.log.count('"stock"') == sum(
        not row["name"] for row in json.loads(run.log)["processes"]
    )

    # What vLLM itself says while it starts.
    assert "vllm-wheelwright: 0.32.0+profile, platform profile, " in engine.log()

    go = Path(engine.variables["GO"])
    go.touch()
    until = time.monotonic() + 60
    while not Path(f"{go}.done").exists():
        assert time.monotonic() < until
        time.sleep(0.1)
    run = asked(engine, "--json")
    assert run.code == 1, run.log
    rows = by_state(run)
    assert {name: row["state"] for name, row in rows.items()} == {
        "MainProcess": "patched",
        core: "rebound",
        worker: "patched",
    }
    (item,) = rows[core]["rebound"]
    assert (item["module"], item["name"]) == ("vllm.v1.core.sched.scheduler", "Scheduler.schedule")
    assert item["by"]["module"] == "late_patcher"
    text = asked(engine).log
    assert "vllm.v1.core.sched.scheduler.Scheduler.schedule  (profile/" in text
    assert "is now late_patcher.wait.<locals>.late" in text
    assert "FAIL: 2 patched, 1 rebound" in text


def test_vllms_own_report_says_what_it_is(patched: Place) -> None:
    code = "from vllm.collect_env import get_env_info as get; print(get().vllm_version)"
    run = patched.run("-c", code)
    assert "0.32.0 (vllm-wheelwright: 0.32.0+profile, platform profile, " in run.log
