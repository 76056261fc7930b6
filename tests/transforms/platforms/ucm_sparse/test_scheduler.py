"""The scheduler asks UCM for the slots of each request, and tells it which come and go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from tests.transforms.platforms.ucm_sparse.stand_ins import config
from transforms.platforms.ucm_sparse.scheduler import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.ucm_sparse.loaded import Loaded

MODULE = "vllm.v1.core.sched.scheduler"
WAITING = {
    "0.9.2": "request, num_new_tokens + num_external_computed_tokens, 0, blocks",
    "0.13.0": "request, num_new_tokens + num_external_computed_tokens, 0, blocks",
    "0.14.1": "request, num_new_tokens, num_new_computed_tokens=0, new_computed_blocks=blocks",
    "0.33.0": "request, num_tokens_past_hit, num_new_computed_tokens=0, new_computed_blocks=blocks",
}
BEFORE = """
import time


class Scheduler:
    def __init__(self, vllm_config):
        self.connector = None
        self.kv_event_publisher = EventPublisherFactory.create(None)

    def schedule(self):
        token_budget = self.max_num_scheduled_tokens
        blocks, num_new_tokens, num_tokens_past_hit = None, 1, 2
        for request in self.running:
            while True:
                new_blocks = self.kv_cache_manager.allocate_slots(
                    request, num_new_tokens, num_lookahead_tokens=self.num_lookahead_tokens
                )
                break
        for request in self.waiting:
            num_external_computed_tokens = 3
            new_blocks = self.kv_cache_manager.allocate_slots({waiting})
        scheduler_output = SchedulerOutput(finished_req_ids=self.finished_req_ids)
        return scheduler_output

    def add_request(self, request):
        self.waiting.append(request)
        self.requests[request.request_id] = request

    def _free_request(self, request):
        assert request.is_finished()
        self.encoder_cache_manager.free(request)
        self.finished_req_ids.add(request.request_id)
"""


def _request(name: str) -> SimpleNamespace:
    return SimpleNamespace(request_id=name, prompt_token_ids=[1, 2], is_finished=lambda: True)


def _scheduler(release: str, package: object, log: list[Any], **options: Any) -> Any:
    text = without_imports(patched(PATCH, release, MODULE, BEFORE.format(waiting=WAITING[release])))

    def allocate_slots(request: Any, *_: object, **keywords: object) -> None:
        log.append(("allocate_slots", request.request_id, keywords["num_slots_sparsed"]))

    module = run(
        text,
        wheelwright_ucm_sparse=package,
        EventPublisherFactory=SimpleNamespace(create=lambda _: None),
        SchedulerOutput=SimpleNamespace,
    )
    made = module.Scheduler(config(**options))
    made.running, made.waiting, made.requests = [_request("run")], [], {}
    made.finished_req_ids = set()
    made.max_num_scheduled_tokens, made.num_lookahead_tokens = 8, 0
    made.kv_cache_manager = SimpleNamespace(allocate_slots=allocate_slots)
    made.encoder_cache_manager = SimpleNamespace(free=lambda _: log.append(("free",)))
    return made


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Give the package, switched on."""
    return switched_on(monkeypatch)


@pytest.mark.parametrize("release", WAITING)
def test_a_step_carries_the_slots_of_every_request(release: str, loaded: Loaded) -> None:
    log: list[Any] = []
    scheduler = _scheduler(release, loaded.package, log)
    agent = scheduler.ucm_sparse
    assert agent.role == "SCHEDULER"
    agent.calls, agent.slots = log, {"run": 5}
    scheduler.add_request(_request("new"))
    output = scheduler.schedule()
    assert log == [
        ("request_begin", "new", [1, 2]),
        ("estimate", "run"),
        ("allocate_slots", "run", 5),
        ("estimate", "new"),
        ("allocate_slots", "new", None),
    ]
    assert output.req_sparsed_slots == {"run": 5, "new": -1}
    assert output.num_external_computed_tokens_per_req == {"new": 3}


@pytest.mark.parametrize("release", WAITING)
def test_a_request_that_ends_is_told_once(release: str, loaded: Loaded) -> None:
    log: list[Any] = []
    scheduler = _scheduler(release, loaded.package, log)
    scheduler.ucm_sparse.calls = log
    scheduler._free_request(_request("run"))
    assert log == [("finished_in_scheduler", "run"), ("free",)]


@pytest.mark.parametrize("release", WAITING)
def test_where_it_is_off_a_step_carries_nothing(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[Any] = []
    scheduler = _scheduler(release, off(monkeypatch), log)
    scheduler.add_request(_request("new"))
    output = scheduler.schedule()
    scheduler._free_request(_request("run"))
    assert scheduler.ucm_sparse is None
    assert log == [("allocate_slots", "run", None), ("allocate_slots", "new", None), ("free",)]
    assert output.req_sparsed_slots is None
    assert output.num_external_computed_tokens_per_req is None


def test_without_a_sparse_method_there_is_no_agent(loaded: Loaded) -> None:
    log: list[Any] = []
    assert _scheduler("0.33.0", loaded.package, log, sparse=False).ucm_sparse is None
