"""Where records cannot be written the engine goes on, and says so; who is killed loses little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.engines import BRIEF
from tests.engine.scenarios import STEPS_BEFORE_THE_KILL

if TYPE_CHECKING:
    from tests.engine.running import Place, Run

pytestmark = pytest.mark.engine


def assert_goes_on_and_says_once(run: Run, reason: str) -> None:
    assert list(map(len, run.tokens(BRIEF.name))) == BRIEF.tokens
    said = [line for line in run.log.splitlines() if "profiling: " in line]
    assert len(said) == 1, run.log
    assert reason in said[0]


def test_the_engine_goes_on_without_a_folder_for_sessions(unwritable: Run) -> None:
    assert_goes_on_and_says_once(unwritable, "NotADirectoryError")


def test_the_engine_goes_on_when_the_disk_is_full(full: Run) -> None:
    assert_goes_on_and_says_once(full, "No space left on device")


def test_records_of_a_killed_process_are_readable(killed: Run) -> None:
    assert "engine core exited unexpectedly" in killed.log
    stream = killed.session().stream("engine_core")
    # The process was killed when so many steps had been written, and may have written more.
    text = stream.path.read_text()
    complete, _, cut_off = text.rpartition("\n")
    rows = [json.loads(line) for line in complete.splitlines()]
    steps = [row["step"] for row in rows if row["table"] == "steps"]
    assert len(steps) >= STEPS_BEFORE_THE_KILL
    assert steps == list(range(len(steps)))
    # Whole writes only: where one was cut off, it is the last one.
    assert len(cut_off) < 1 << 20
    process, *_ = rows
    assert process["table"] == "process"


def test_a_worker_that_lost_its_engine_has_written_what_it_ran(killed: Run) -> None:
    steps = {row["step"] for row in killed.session().stream("engine_core").rows("steps")}
    forward = {row["step"] for row in killed.session().stream("worker").rows("forward")}
    assert len(steps & forward) >= STEPS_BEFORE_THE_KILL // 2


def test_the_commands_read_what_was_cut_off(killed: Run, patched: Place) -> None:
    run = patched.run("-m", "vllm.wheelwright", "profile", killed.session().folder, "summary")
    assert run.code == 0, run.log
