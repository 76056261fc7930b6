"""The scheduler ignores what rests on failed loads, and takes requests up again."""

from __future__ import annotations

import difflib
from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.ucm.loaded import executed, load
from transforms.engine.outcome import Status
from transforms.platforms.ucm.load_error_recovery import PATCH

MODULE = "vllm.v1.core.sched.scheduler"
_AROUND = """
from __future__ import annotations


class Scheduler:
    def __init__(self):
        self.connector = SimpleNamespace(requests_meta={"a": 1, "b": 2})
        self.finished_recving_kv_req_ids: set[str] = set()

    def _update_waiting_for_remote_kv(self, request):
        if request.request_id not in self.finished_recving_kv_req_ids:
            return False
        (block_ids,) = self.kv_cache_manager.get_block_ids(request.request_id)
        self.kv_cache_manager.said.append(("cached", request.request_id))
        self.finished_recving_kv_req_ids.remove(request.request_id)
        return True
"""
OVER_RUNNING = f"""{_AROUND}
    def update_from_output(self, scheduler_output, model_runner_output):
        num_scheduled_tokens = scheduler_output.num_scheduled_tokens
        new_running: list[Request] = []
        given: list[str] = []
        spec_decoding_stats: Optional[SpecDecodingStats] = None
        for request in self.running:
            req_id = request.request_id
            num_tokens_scheduled = num_scheduled_tokens.get(req_id, 0)
            if num_tokens_scheduled == 0:
                new_running.append(request)
                continue
            given.append(req_id)
            new_running.append(request)
        self.running = new_running
        return given
"""
OVER_SCHEDULED = f"""{_AROUND}
    def update_from_output(self, scheduler_output, model_runner_output):
        num_scheduled_tokens = scheduler_output.num_scheduled_tokens
        given: list[str] = []
        spec_decoding_stats: Optional[SpecDecodingStats] = None
        for req_id, num_tokens_scheduled in num_scheduled_tokens.items():
            assert num_tokens_scheduled > 0
            given.append(req_id)
        return given
"""
FORMS = [("0.9.2", OVER_RUNNING), ("0.10.0", OVER_SCHEDULED), ("0.11.0", OVER_SCHEDULED)]


def _engine(release: str, text: str, package: object) -> Any:  # noqa: ANN401 - an excerpt's
    names = executed(PATCH, release, MODULE, text, package, SimpleNamespace=SimpleNamespace)
    engine = names.Scheduler()
    status = SimpleNamespace(name="RUNNING")
    engine.running = [
        SimpleNamespace(
            request_id=name, num_computed_tokens=40, num_cached_tokens=32, status=status
        )
        for name in "ab"
    ]
    engine.waiting, engine.block_size = [], 16
    said: list[tuple[str, str]] = []
    engine.kv_cache_manager = SimpleNamespace(
        said=said,
        get_block_ids=lambda name: ([10, 11, 12] if name == "a" else [20, 21, 22],),
        free=lambda request: said.append(("freed", request.request_id)),
    )
    return engine


def _output(release: str, invalid: set[int]) -> SimpleNamespace:
    if release in {"0.9.2", "0.10.0"}:
        return SimpleNamespace(invalid_block_ids=invalid or None)
    reported = SimpleNamespace(invalid_block_ids=invalid)
    return SimpleNamespace(kv_connector_output=reported if invalid else None)


@pytest.mark.parametrize(("release", "text"), FORMS)
def test_what_rests_on_a_failed_load_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch, release: str, text: str
) -> None:
    engine = _engine(release, text, load(monkeypatch))
    scheduled = SimpleNamespace(num_scheduled_tokens={"a": 8, "b": 8})
    assert engine.update_from_output(scheduled, _output(release, set())) == ["a", "b"]
    assert engine.update_from_output(scheduled, _output(release, {21})) == ["a"]
    # It still runs, from its last valid block on, and UCM's connector plans it anew.
    assert [request.request_id for request in engine.running] == ["a", "b"]
    assert [request.num_computed_tokens for request in engine.running] == [40, 16]
    assert engine.connector.requests_meta == {"a": 1}


@pytest.mark.parametrize(("release", "text"), FORMS)
def test_a_request_whose_load_failed_is_taken_up_without_its_blocks(
    monkeypatch: pytest.MonkeyPatch, release: str, text: str
) -> None:
    engine = _engine(release, text, load(monkeypatch))
    for name, failed in (("x", True), ("y", False)):
        request = SimpleNamespace(request_id=name, num_computed_tokens=0)
        assert not engine._update_waiting_for_remote_kv(request)
        engine.finished_recving_kv_req_ids.add(name)
        if failed:
            engine.failed_recving_kv_req_ids.add(name)
        assert engine._update_waiting_for_remote_kv(request)
    assert engine.kv_cache_manager.said == [("freed", "x"), ("cached", "y")]
    assert engine.finished_recving_kv_req_ids == engine.failed_recving_kv_req_ids == set()


@pytest.mark.parametrize(("release", "text"), FORMS)
def test_no_line_of_upstreams_goes_but_one_condition(release: str, text: str) -> None:
    after = patched(PATCH, release, MODULE, text)
    lines = difflib.ndiff(text.splitlines(), after.splitlines())
    removed = [line[2:].strip() for line in lines if line.startswith("- ")]
    assert removed == (["if num_tokens_scheduled == 0:"] if release == "0.9.2" else [])


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
