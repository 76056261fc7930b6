"""A scheduler like upstream's, cut down to what the points are about, and its stubs."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.transforms.platforms.profile.recorded import compiled

if TYPE_CHECKING:
    from types import ModuleType

    from transforms.edits import Patch

MODULE = "vllm.v1.core.sched.scheduler"
SCHEDULER = """
class Scheduler:
    def schedule(self):
        scheduled_new_reqs: list[Request] = []
        scheduled_resumed_reqs: list[Request] = []
        preempted_reqs: list[Request] = []
        num_scheduled_tokens: dict[str, int] = {}
        token_budget = self.max_num_scheduled_tokens
        for request in list(self.running):
            while request in self.running and not self.allocate(request):
                preempted_req = self.running.pop()
                self._preempt_request(preempted_req, 0.0)
                preempted_reqs.append(preempted_req)
            if request in self.running:
                num_new_tokens = min(request.remaining, token_budget)
                if num_new_tokens:
                    num_scheduled_tokens[request.request_id] = num_new_tokens
                    token_budget -= num_new_tokens
        while self.waiting and token_budget and not preempted_reqs:
            request = self.waiting.pop(0)
            request_id = request.request_id
            num_computed_tokens = self.cached.get(request_id, 0)
            if request.status == RequestStatus.WAITING:
                scheduled_new_reqs.append(request)
            elif request.status == RequestStatus.PREEMPTED:
                scheduled_resumed_reqs.append(request)
            self.running.append(request)
            request.status = RequestStatus.RUNNING
            request.num_computed_tokens = num_computed_tokens
            num_scheduled_tokens[request_id] = min(request.remaining, token_budget)
            token_budget -= num_scheduled_tokens[request_id]
        scheduler_output = SchedulerOutput(num_scheduled_tokens)
        for request_id, num_tokens in num_scheduled_tokens.items():
            self.requests[request_id].num_computed_tokens += num_tokens
        return scheduler_output

    def _preempt_request(self, request, timestamp):
        request.status = RequestStatus.PREEMPTED
        request.num_computed_tokens = 0
        self.waiting.insert(0, request)

    def update_from_output(self, scheduler_output, model_runner_output):
        sampled_token_ids = model_runner_output.sampled_token_ids
        engine_core_outputs = {}
        for request_id, token in sampled_token_ids.items():
            request = self.requests[request_id]
            request.num_output_tokens += 1
            if request.num_output_tokens == request.max_tokens:
                self.finish_requests([request_id], "length")
            engine_core_outputs[request_id] = token
        return engine_core_outputs

    def add_request(self, request):
        self.waiting.append(request)
        self.requests[request.request_id] = request

    def finish_requests(self, request_ids, finished_status):
        for request_id in request_ids:
            request = self.requests[request_id]
            for queue in (self.running, self.waiting):
                if request in queue:
                    queue.remove(request)
            request.status = finished_status
            self._free_request(request)

    def _free_request(self, request):
        assert request.is_finished()
        del self.requests[request.request_id]

    def reset_prefix_cache(self):
        timestamp = 0.0
        while self.running:
            request = self.running.pop()
            self._preempt_request(request, timestamp)
"""
RequestStatus = SimpleNamespace(WAITING="waiting", RUNNING="running", PREEMPTED="preempted")


@dataclass(eq=False)
class Request:
    """A request like upstream's."""

    request_id: str
    num_prompt_tokens: int
    max_tokens: int = 1
    status: str = "waiting"
    num_computed_tokens: int = 0
    num_output_tokens: int = 0

    @property
    def num_tokens(self) -> int:
        """How many tokens are known."""
        return self.num_prompt_tokens + self.num_output_tokens

    @property
    def remaining(self) -> int:
        """How many of them are to be computed."""
        return self.num_tokens - self.num_computed_tokens

    def is_finished(self) -> bool:
        """Tell whether it has ended."""
        return self.status not in vars(RequestStatus).values()

    def get_finished_reason(self) -> str:
        """Give why."""
        return self.status


@dataclass
class SchedulerOutput:
    """What goes to the workers, with the field that `step_id` adds."""

    num_scheduled_tokens: dict[str, int]
    profile_step_id: int = -1

    @property
    def total_num_scheduled_tokens(self) -> int:
        """How many tokens are scheduled."""
        return sum(self.num_scheduled_tokens.values())


@dataclass(kw_only=True)
class Parts:
    """What upstream's scheduler has from elsewhere."""

    max_num_running_reqs: int = 8
    max_num_scheduled_tokens: int = 100
    running: list[Request] = field(default_factory=list)
    waiting: list[Request] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    cached: dict[str, int] = field(default_factory=dict)
    # How often there is room for a running request; when it is used up, one is preempted each time.
    refusals: int = 0
    kv_cache_manager: Any = None

    def allocate(self, _: Request) -> bool:
        """Tell whether a running request gets blocks."""
        self.refusals -= 1
        return self.refusals < 0

    def get_request_counts(self) -> tuple[int, int]:
        """Give how many run and wait."""
        return len(self.running), len(self.waiting)

    def has_unfinished_requests(self) -> bool:
        """Tell whether any does."""
        return bool(self.running or self.waiting)


class Pool:
    """A pool of which nobody uses a block."""

    num_gpu_blocks = 11
    enable_caching = True

    def get_num_free_blocks(self) -> int:
        """Give all but the null block."""
        return 10


def scheduler(patches: list[Patch], release: str, package: ModuleType, **parts: Any) -> Any:  # noqa: ANN401
    """Make a scheduler with these patches compiled in, and give it its parts."""
    module = compiled(patches, release, MODULE, SCHEDULER, package)
    names = {"RequestStatus": RequestStatus, "SchedulerOutput": SchedulerOutput}
    module.Scheduler.schedule.__globals__.update(names)
    manager = SimpleNamespace(block_pool=Pool())

    class Scheduler(module.Scheduler, Parts):  # type: ignore[misc, name-defined]
        pass

    return Scheduler(kv_cache_manager=manager, **parts)


def run_step(scheduler: Any, tokens: dict[str, int] | None = None) -> SchedulerOutput:  # noqa: ANN401
    """Schedule a step, and hand the results in: by default a token of each request that is through.

    Args:
        scheduler: made by `scheduler`.
        tokens: what each request sampled.
    """
    output: SchedulerOutput = scheduler.schedule()
    if tokens is None:
        done = [
            name for name in output.num_scheduled_tokens if not scheduler.requests[name].remaining
        ]
        tokens = dict.fromkeys(done, 7)
    scheduler.update_from_output(output, SimpleNamespace(sampled_token_ids=tokens))
    return output
