"""Tasks run in processes: each has a result, and no process is left."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_hooks.drift.cell import Failure
from build_hooks.workers import run_tasks
from tests.build_hooks import worker_tasks as tasks

if TYPE_CHECKING:
    from collections.abc import Callable


def results(function: Callable[[int], object], count: int, jobs: int) -> dict[int, object]:
    found: dict[int, object] = {}
    todo = {number: number for number in range(count)}
    run_tasks(function, todo, jobs=jobs, on_result=found.__setitem__)
    return found


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_every_task_has_its_result(jobs: int) -> None:
    assert results(tasks.squared, 5, jobs) == {number: number**2 for number in range(5)}


def test_no_task_takes_no_process() -> None:
    assert results(tasks.squared, 0, 2) == {}


def test_a_process_that_dies_costs_its_own_task_only() -> None:
    found = results(tasks.lethal, 6, 2)
    died = found.pop(3)
    assert isinstance(died, Failure)
    assert (died.kind, died.exit_code) == ("error", 70)
    assert found == {0: 0, 1: 1, 2: 2, 4: 4, 5: 5}


def test_workers_leave_the_interrupt_to_the_process_that_shows_it() -> None:
    assert results(tasks.hears_interrupt, 2, 2) == {0: False, 1: False}


def test_a_process_does_not_grow_from_task_to_task() -> None:
    assert set(results(tasks.tie, 5, 1).values()) == {0}


def test_an_error_in_the_middle_leaves_no_process(tmp_path: Path) -> None:
    def interrupt() -> None:
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
        os.kill(os.getpid(), 2)

    threading.Thread(target=interrupt).start()
    todo = {number: str(tmp_path) for number in range(4)}
    with pytest.raises(KeyboardInterrupt):
        run_tasks(tasks.hang, todo, jobs=2, on_result=lambda _, __: None)
    assert multiprocessing.active_children() == []
    for path in tmp_path.iterdir():
        assert not Path("/proc", path.name).exists()
