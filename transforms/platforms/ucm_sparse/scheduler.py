"""Give the scheduler UCM's agent, and ask it for the slots of each request."""

from transforms.edits import AddArgument, AddImport, InsertBefore, Patch

_MODULE = "vllm.v1.core.sched.scheduler"
_SCHEDULER = f"{_MODULE}.Scheduler"
_SCHEDULE = f"{_SCHEDULER}.schedule"

_ESTIMATE = """
    num_slots_sparsed: int | None = None
    if self.ucm_sparse is not None:
        num_slots_sparsed = wheelwright_ucm_sparse.scheduling.estimate(
            request, req_sparsed_slots
        )
"""
_ESTIMATE_AND_NOTE = """
    num_slots_sparsed = None
    if self.ucm_sparse is not None:
        num_slots_sparsed = wheelwright_ucm_sparse.scheduling.estimate(
            request, req_sparsed_slots
        )
        num_external_computed_tokens_per_req[request.request_id] = (
            num_external_computed_tokens
        )
"""
_RUNNING = "new_blocks = self.kv_cache_manager.allocate_slots(request, num_new_tokens, $$lookahead)"

PATCH = Patch(
    why=(
        "the scheduler gives a request slots for all of its tokens; a sparse method needs fewer, says so for each "
        "step, and must hear of requests that come and go"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="the scheduler asks a plugin how many slots a request needs",
    versions=">=0.9.2",
    needs=("kv_cache_manager", "runner_inputs", "runner_states", "scheduler_output"),
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        # Behind the connector, which UCM's agent may look for.
        InsertBefore(
            inside=f"{_SCHEDULER}.__init__",
            anchor="self.kv_event_publisher = EventPublisherFactory.create($$arguments)",
            code="""
                self.ucm_sparse = (
                    wheelwright_ucm_sparse.agents.start_scheduler(vllm_config)
                    if wheelwright_ucm_sparse.on
                    else None
                )
            """,
        ),
        InsertBefore(
            inside=_SCHEDULE,
            anchor="token_budget = self.max_num_scheduled_tokens",
            code="""
                req_sparsed_slots: dict[str, int] | None = None
                num_external_computed_tokens_per_req: dict[str, int] | None = None
                if self.ucm_sparse is not None:
                    req_sparsed_slots = {}
                    num_external_computed_tokens_per_req = {}
            """,
        ),
        # Of running requests, then of waiting ones.
        InsertBefore(inside=_SCHEDULE, anchor=_RUNNING, code=_ESTIMATE, versions="<0.14"),
        InsertBefore(
            inside=_SCHEDULE,
            anchor="""
                new_blocks = self.kv_cache_manager.allocate_slots(
                    request, num_new_tokens, num_lookahead_tokens=self.num_lookahead_tokens
                )
            """,
            code=_ESTIMATE,
            versions=">=0.14",
        ),
        InsertBefore(
            inside=_SCHEDULE,
            anchor="""
                new_blocks = self.kv_cache_manager.allocate_slots(
                    request, num_new_tokens + num_external_computed_tokens, $$others
                )
            """,
            code=_ESTIMATE_AND_NOTE,
            versions="<0.14",
        ),
        InsertBefore(
            inside=_SCHEDULE,
            anchor="""
                new_blocks = self.kv_cache_manager.allocate_slots(
                    request, $tokens, $$others, num_new_computed_tokens=$computed
                )
            """,
            code=_ESTIMATE_AND_NOTE,
            versions=">=0.14",
        ),
        AddArgument(
            inside=_SCHEDULE,
            call="self.kv_cache_manager.allocate_slots",
            argument="num_slots_sparsed=num_slots_sparsed",
            count=2,
        ),
        AddArgument(
            inside=_SCHEDULE,
            call="SchedulerOutput",
            argument="req_sparsed_slots=req_sparsed_slots",
        ),
        AddArgument(
            inside=_SCHEDULE,
            call="SchedulerOutput",
            argument=("num_external_computed_tokens_per_req=num_external_computed_tokens_per_req"),
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.add_request",
            anchor="self.requests[request.request_id] = request",
            code="""
                if self.ucm_sparse is not None:
                    self.ucm_sparse.request_begin(request.request_id, request.prompt_token_ids)
            """,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}._free_request",
            anchor="self.encoder_cache_manager.free(request)",
            code="""
                if self.ucm_sparse is not None:
                    self.ucm_sparse.request_finished_in_scheduler(request.request_id)
            """,
        ),
    ],
)
