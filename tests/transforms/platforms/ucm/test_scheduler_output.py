"""UCM's plan and the failed loads travel in what the scheduler gives to the workers."""

from __future__ import annotations

import pickle
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm.scheduler_output import PATCH

if TYPE_CHECKING:
    import pytest

MODULE = "vllm.v1.core.sched.output"
BEFORE = """
from dataclasses import dataclass


@dataclass
class SchedulerOutput:
    num_scheduled_tokens: dict[str, int]

    # KV Cache Connector metadata.
    kv_connector_metadata: object = None
"""
AFTER = """
from dataclasses import dataclass


@dataclass
class SchedulerOutput:
    num_scheduled_tokens: dict[str, int]

    # KV Cache Connector metadata.
    kv_connector_metadata: object = None
    ucm_connector_meta: object = None
    '''What UCM's connector planned for this step. None without UCM.'''
    ucm_failed_recving: frozenset[str] = frozenset()
    '''The requests whose blocks UCM failed to load, and that are computed again.'''
"""


def test_the_output_gains_two_fields() -> None:
    for release in ("0.9.2", "0.33.0"):
        assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_they_survive_the_way_to_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    output = run(patched(PATCH, "0.33.0", MODULE, BEFORE), __name__=__name__).SchedulerOutput
    monkeypatch.setattr(sys.modules[__name__], "SchedulerOutput", output, raising=False)
    made = output({"a": 1})
    assert (made.ucm_connector_meta, made.ucm_failed_recving) == (None, frozenset())
    made.ucm_connector_meta, made.ucm_failed_recving = {"a": [1]}, frozenset({"b"})
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - its own


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.1") is Status.EXCLUDED
