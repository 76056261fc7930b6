"""`vllm serve` with profiling on answers over HTTP, and each of its processes records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import PROGRAMS
from tests.engine.scenarios import SERVED_PROMPT, SERVED_TOKENS
from tests.engine.sessions import Session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.environment import Environments
    from tests.engine.running import Place, Run

pytestmark = pytest.mark.engine


@pytest.fixture
def session(served: Run, patched: Place, environments: Environments, tmp_path: Path) -> Session:
    """Give the server's session, with its Arrow files read by pyarrow itself."""
    arrow = served.session()
    place = patched.with_variables(PYTHONPATH=str(environments.overlay("arrow")))
    read = tmp_path / "read"
    run = place.run(PROGRAMS / "read_arrow.py", arrow.folder, read)
    assert run.code == 0, run.log
    return Session(read)


def test_the_server_answers(served: Run) -> None:
    assert served.answer["usage"]["prompt_tokens"] == len(SERVED_PROMPT)
    assert served.answer["usage"]["completion_tokens"] == SERVED_TOKENS


def test_with_pyarrow_streams_are_arrow(served: Run) -> None:
    assert {stream.path.suffix for stream in served.session().streams()} == {".arrow"}


def test_the_api_server_has_a_stream_beside_its_engine(session: Session) -> None:
    commands = {}
    for stream in session.streams():
        (process,) = stream.rows("process")
        commands[process["role"]] = process["command"]
    assert set(commands) == {"main", "engine_core", "worker"}
    assert " serve " in commands["main"]


def test_what_was_served_was_recorded(session: Session) -> None:
    steps = session.stream("engine_core").rows("steps")
    expected = len(SERVED_PROMPT) + SERVED_TOKENS - 1
    assert sum(row["scheduled_tokens"] for row in steps) == expected
    forward = session.stream("worker").rows("forward")
    assert sum(row["tokens"] for row in forward) == expected


def test_the_session_says_what_it_is_of(served: Run) -> None:
    said = served.session().metadata()
    assert said["vllm"] == "0.32.0"
    assert json.dumps(said).count("+profile") == 1
