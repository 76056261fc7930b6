"""Carry to the workers what UCM decided in the scheduler: slots of sparse requests, tokens of others' caches."""

from transforms.edits import AddMember, Patch

_OUTPUT = "vllm.v1.core.sched.output.SchedulerOutput"

PATCH = Patch(
    why=(
        "a worker does not know which requests are sparse in a step, how many slots they keep, and how many of "
        "their tokens came from a KV connector: SchedulerOutput has no place for it"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="SchedulerOutput carries metadata of a plugin's own",
    versions=">=0.9.2",
    edits=[
        AddMember(
            inside=_OUTPUT,
            code="""
                req_sparsed_slots: dict[str, int] | None = None
                '''For each request the slots that UCM leaves it; -1 for all. None without UCM.'''
            """,
        ),
        AddMember(
            inside=_OUTPUT,
            code="""
                num_external_computed_tokens_per_req: dict[str, int] | None = None
                '''For each new request the tokens from a KV connector. None without UCM.'''
            """,
        ),
    ],
)
