"""Tell the workers how many tokens each request has been given, so that they drop what was thrown away."""

from transforms.edits import AddArgument, AddImport, AddMember, InsertAfter, Patch
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, UPSTREAM, VERSIONS

_OUTPUT = "vllm.v1.core.sched.output"
_SCHEDULER = "vllm.v1.core.sched.scheduler"
_RUNNER = "vllm.v1.worker.gpu_model_runner"

PATCH = Patch(
    why=(
        "a worker keeps the token that the scheduler has thrown away after a failed load, and computes the next one "
        "behind it"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    edits=[
        AddImport(inside=_OUTPUT, code="from dataclasses import field"),
        AddMember(
            inside=f"{_OUTPUT}.CachedRequestData",
            after="num_computed_tokens",
            code="num_output_tokens: list[int] = field(default_factory=list)",
        ),
        AddImport(inside=_SCHEDULER, code=IMPORT),
        AddArgument(
            inside=f"{_SCHEDULER}.Scheduler._make_cached_request_data",
            call="CachedRequestData",
            argument=(
                "num_output_tokens=wheelwright_ucm.recovery.output_counts("
                "itertools.chain(running_reqs, resumed_reqs))"
            ),
        ),
        AddImport(inside=_RUNNER, code=IMPORT),
        InsertAfter(
            inside=f"{_RUNNER}.GPUModelRunner._update_states",
            anchor="req_state.num_computed_tokens = num_computed_tokens",
            code="""
                if wheelwright_ucm.on and is_last_rank:
                    wheelwright_ucm.recovery.align(self, req_state, req_data.num_output_tokens[i])
            """,
        ),
    ],
)
