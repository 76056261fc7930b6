"""The six outcomes."""

from __future__ import annotations

import json

from transforms.engine.outcome import Status


def test_only_applied_and_excluded_let_a_wheel_be_built() -> None:
    assert {status.value for status in Status if status.is_good} == {"applied", "excluded"}
    assert {status.value for status in Status if not status.is_good} == {
        "obsolete",
        "drifted",
        "missing",
        "conflict",
    }


def test_an_outcome_is_written_as_its_word() -> None:
    assert json.dumps(Status.DRIFTED) == '"drifted"'
