"""A worker that is an actor of Ray's records as any other does: the file on disk is the patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.engines import BY_RAY

if TYPE_CHECKING:
    from tests.engine.running import Run

pytestmark = pytest.mark.engine


def test_the_engine_generates(by_ray: Run) -> None:
    assert list(map(len, by_ray.tokens(BY_RAY.name))) == BY_RAY.tokens


def test_the_actor_records_into_the_session_of_its_engine(by_ray: Run) -> None:
    session = by_ray.session()
    (process,) = session.stream("worker").rows("process")
    assert "/ray/_private/workers/default_worker.py " in process["command"]
    core, worker = session.stream("engine_core"), session.stream("worker")
    scheduled = [row["step"] for row in core.rows("steps") if row["scheduled_tokens"]]
    assert [row["step"] for row in worker.rows("forward")] == scheduled
