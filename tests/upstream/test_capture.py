"""Upstream's own changes, captured and applied: the same bytes, and nowhere anything wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.wheels.real import real_environment

pytestmark = pytest.mark.upstream

MOST_REFUSED = 1 / 20


@pytest.mark.skipif(
    not (shutil.which("git") and shutil.which("patch")), reason="git or patch is not installed"
)
def test_a_sample_of_upstreams_history_is_captured_and_never_applied_wrongly() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/survival.py", "--changes", "2", "--json"],
        cwd=REPOSITORY,
        env=real_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["changes"] >= 40
    assert found["unequal"] == []
    assert len(found["refused"]) <= MOST_REFUSED * found["changes"], found["refused"]
    counts = found["tools"]["typed patch"]
    assert counts["wrong"] == 0
    assert counts["correct"] > found["changes"]
