"""Record the life of each request: added, scheduled, preempted, resumed, finished."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_MODULE = "vllm.v1.core.sched.scheduler"
_SCHEDULER = f"{_MODULE}.Scheduler"

PATCH = Patch(
    why=(
        "vLLM counts preemptions, but does not say which request lost its blocks, at which step and "
        "why, how long it had run, what had to be computed again, and when it came back"
    ),
    upstream=(
        "none: a request's own events (queued, scheduled, preempted) go to the frontend, which keeps "
        "the first of each for its latency histograms and spans"
    ),
    drop_when="vLLM exposes preemptions and resumptions as events with request, time and reason",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_profile"),
        InsertAfter(
            inside=f"{_SCHEDULER}.add_request",
            anchor="self.requests[request.request_id] = request",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.added(request)
            """,
        ),
        InsertAfter(
            inside=f"{_SCHEDULER}.schedule",
            anchor="scheduled_new_reqs.append(request)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.scheduled(request, num_computed_tokens)
            """,
        ),
        InsertAfter(
            inside=f"{_SCHEDULER}.schedule",
            anchor="scheduled_resumed_reqs.append(request)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.resumed(request, num_computed_tokens)
            """,
        ),
        # Before the calls, which know why; behind them nothing is left of what the request had.
        InsertBefore(
            inside=f"{_SCHEDULER}.schedule",
            anchor="self._preempt_request(preempted_req, $$rest)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.preempted(
                        preempted_req, wheelwright_profile.requests.NO_FREE_BLOCKS
                    )
            """,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.reset_prefix_cache",
            anchor="self._preempt_request(request, $$rest)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.preempted(
                        request, wheelwright_profile.requests.RESET
                    )
            """,
        ),
        InsertAfter(
            inside=f"{_SCHEDULER}._free_request",
            anchor="assert request.is_finished()",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.requests.finished(request)
            """,
        ),
    ],
)
