"""UCM's connector is asked before a step, plans it after, and each worker's is handed the plan."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.transforms.platforms.ucm.loaded import load, with_counterpart

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONNECTOR = """
calls = []

class Connector:
    def get_num_new_matched_tokens(self, request):
        calls.append(("matched", request.request_id))
        return 7

    def build_connector_meta(self, output):
        calls.append(("meta", sorted(output.ucm_failed_recving)))
        return {"step": len(calls)}

    def failed_recving(self, ids):
        calls.append(("failed", sorted(ids)))

    def bind_connector_metadata(self, meta):
        calls.append(("bound", meta))

def create_ucm_connector():
    calls.append("created")
    return Connector()
"""


def output() -> SimpleNamespace:
    return SimpleNamespace(ucm_connector_meta=None, ucm_failed_recving=frozenset())


def test_the_calls_are_made_in_the_order_of_a_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path, CONNECTOR)
    package = load(monkeypatch, "1")
    waiting = [SimpleNamespace(request_id=name) for name in "ab"]
    scheduler = SimpleNamespace(
        ucm_connector=package.counterpart.create_connector(),
        waiting=waiting,
        failed_recving_kv_req_ids={"b"},
    )
    failed = package.steps.before(scheduler)
    # The step takes the request up again, and forgets that it had failed.
    scheduler.failed_recving_kv_req_ids.clear()
    made = output()
    package.steps.after(scheduler, made, failed)
    worker = SimpleNamespace()
    package.steps.received(worker, made)
    package.steps.received(worker, output())
    assert [request.ucm_matched_tokens for request in waiting] == [7, 7]
    assert sys.modules["ucm.integration.vllm.ucm_connector"].calls == [
        "created",
        ("matched", "a"),
        ("matched", "b"),
        ("meta", ["b"]),
        # The worker's own; nothing is bound in the second step, which has no plan.
        "created",
        ("failed", ["b"]),
        ("bound", {"step": 4}),
    ]


def test_without_a_connector_failed_loads_travel_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_counterpart(monkeypatch, tmp_path)
    package = load(monkeypatch, "1")
    scheduler = SimpleNamespace(
        ucm_connector=package.counterpart.create_connector(),
        waiting=[SimpleNamespace()],
        failed_recving_kv_req_ids={"b"},
    )
    made = output()
    package.steps.after(scheduler, made, package.steps.before(scheduler))
    assert (made.ucm_failed_recving, made.ucm_connector_meta) == (frozenset({"b"}), None)
    package.steps.received(SimpleNamespace(), made)
