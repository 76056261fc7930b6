"""What UCM decided in the scheduler travels to the workers with each step."""

from __future__ import annotations

import pickle

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.ucm_sparse.scheduler_output import PATCH

MODULE = "vllm.v1.core.sched.output"
BEFORE = """
from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SchedulerOutput:
    finished_req_ids: set[str]
    kv_connector_metadata: object = None

    @classmethod
    def make_empty(cls) -> "SchedulerOutput":
        return cls(finished_req_ids=set())
"""


@pytest.mark.parametrize("release", ["0.9.2", "0.11.0", "0.33.0"])
def test_both_fields_travel(release: str) -> None:
    made = run(patched(PATCH, release, MODULE, BEFORE), __name__=__name__)
    empty = made.SchedulerOutput.make_empty()
    assert empty.req_sparsed_slots is None
    assert empty.num_external_computed_tokens_per_req is None
    output = made.SchedulerOutput(
        set(), req_sparsed_slots={"a": 5}, num_external_computed_tokens_per_req={"a": 2}
    )
    # As msgspec and pickle do: by attributes.
    assert pickle.loads(pickle.dumps(vars(output))) == vars(output)  # noqa: S301 - its own bytes


def test_fields_of_upstream_keep_their_places() -> None:
    made = run(patched(PATCH, "0.33.0", MODULE, BEFORE), __name__=__name__)
    assert made.SchedulerOutput({"a"}, "metadata").kv_connector_metadata == "metadata"
