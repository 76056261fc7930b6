"""Record each step as it is scheduled: what, against which budget, and how long it took to decide."""

from transforms.edits import AddImport, InsertBefore, Patch

_SCHEDULER = "vllm.v1.core.sched.scheduler"
_STARTED = (
    "profile_started = wheelwright_profile.recording.clock() if wheelwright_profile.on else 0"
)

PATCH = Patch(
    why=(
        "vLLM shows averages of batch size and cache usage, but not step by step how full the "
        "budgets of requests and tokens were, what was prefill, and how long schedule() took"
    ),
    upstream=(
        "none: iteration details (--enable-logging-iteration-details) log requests and tokens of a "
        "step as text, without budgets, queues, blocks or the scheduler's own time"
    ),
    drop_when="vLLM gives, for each step, its scheduled tokens against both budgets and schedule()'s time",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_SCHEDULER, code="from vllm import wheelwright_profile"),
        InsertBefore(
            inside=f"{_SCHEDULER}.Scheduler.schedule",
            anchor="scheduled_new_reqs: list[Request] = []",
            code=_STARTED,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.Scheduler.schedule",
            anchor="return scheduler_output",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.scheduling.scheduled(
                        self, scheduler_output, preempted_reqs, profile_started
                    )
            """,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.Scheduler.update_from_output",
            anchor="sampled_token_ids = model_runner_output.sampled_token_ids",
            code=_STARTED,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.Scheduler.update_from_output",
            anchor="return engine_core_outputs",
            code="""
                if wheelwright_profile.on:
                    wheelwright_profile.scheduling.updated(self, scheduler_output, profile_started)
            """,
        ),
    ],
)
