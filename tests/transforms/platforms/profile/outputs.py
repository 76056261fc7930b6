"""What a scheduler gives to the workers, cut down to what points read."""

from __future__ import annotations

from types import SimpleNamespace

# The parallel configuration of an engine without data parallelism.
ALONE = SimpleNamespace(data_parallel_size=1, data_parallel_index=0)


def output(
    step: int = 7,
    *,
    new: dict[str, int] | None = None,
    cached: dict[str, tuple[int, int]] | None = None,
    resumed: tuple[str, ...] = (),
    proposed: dict[str, int] | None = None,
) -> SimpleNamespace:
    """Make a `SchedulerOutput`.

    Args:
        step: its id.
        new: requests that the workers do not know yet: how many tokens each is scheduled for.
        cached: requests that they know: the tokens that are scheduled, and the output it has.
        resumed: those of `cached` that were preempted.
        proposed: how many of a request's tokens are only proposed by a speculation.
    """
    new, cached, proposed = new or {}, cached or {}, proposed or {}
    tokens = new | {name: count for name, (count, _) in cached.items()}
    return SimpleNamespace(
        profile_step_id=step,
        scheduled_new_reqs=list(new),
        scheduled_cached_reqs=SimpleNamespace(
            req_ids=list(cached),
            resumed_req_ids=set(resumed),
            num_output_tokens=[outputs for _, outputs in cached.values()],
        ),
        num_scheduled_tokens=tokens,
        total_num_scheduled_tokens=sum(tokens.values()),
        scheduled_spec_decode_tokens={name: [0] * count for name, count in proposed.items()},
    )
