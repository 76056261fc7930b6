"""Number the steps, and tell the workers which one they run."""

from transforms.edits import AddImport, AddMember, InsertAfter, Patch

_SCHEDULER = "vllm.v1.core.sched.scheduler"

PATCH = Patch(
    why=(
        "nothing says which step of the scheduler a worker's forward pass belongs to, so what the one "
        "decided and what the other took for it cannot be joined"
    ),
    upstream=(
        "none: vLLM counts iterations in its log of iteration details, in EngineCore only; no id "
        "reaches a worker"
    ),
    drop_when="SchedulerOutput carries a number of its own that is unique per scheduler and counts up",
    versions=">=0.14.1",
    edits=[
        AddMember(
            inside="vllm.v1.core.sched.output.SchedulerOutput",
            code="""
                profile_step_id: int = -1
                '''The step's number in its EngineCore, where profiling is on.'''
            """,
        ),
        AddImport(inside=_SCHEDULER, code="from vllm import wheelwright_profile"),
        InsertAfter(
            inside=f"{_SCHEDULER}.Scheduler.schedule",
            anchor="scheduler_output = SchedulerOutput($$fields)",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.scheduling.number(scheduler_output)
            """,
        ),
    ],
)
