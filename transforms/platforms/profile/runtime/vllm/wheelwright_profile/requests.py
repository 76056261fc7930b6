# SPDX-License-Identifier: Apache-2.0
"""The life of each request: points of the scheduler, in EngineCore.

| event | when | computed_tokens | running_ns |
|---|---|---|---|
| added | the scheduler has it, waiting | 0 | None |
| scheduled | it is let in; a streaming session once for each input | in a cache already | None |
| preempted | it is put back to wait, and its blocks are taken | what it loses | since it was let in
| | resumed | it is let in again | still in a cache | None |
| finished | stop, length, abort, error, repetition | at the end | since it was let in, if it runs |

Tokens count as computed from the moment they are scheduled. So over whole requests, where nothing
of what a speculation proposed was rejected, the sum of `steps.scheduled_tokens` is exactly

    sum(computed_tokens of preempted and finished) - sum(computed_tokens of scheduled and resumed)

and a request that was never preempted, and not found in a cache, has prompt_tokens + output_tokens
- 1 scheduled tokens: its last one is sampled and never computed. With asynchronous scheduling a
  request
that ends by itself (`stop`) may have one more, which was scheduled before its end was known; and
one that is preempted while its last token is on the way finishes without coming back.

What is kept of a request is one attribute on it, which lives as long as it does.
"""

from __future__ import annotations

from typing import Protocol

from . import recording, scheduling

NO_FREE_BLOCKS = "no free KV blocks"
RESET = "reset_prefix_cache"


class Request(Protocol):
    """What is used of a `Request`, and the time that is kept on it."""

    request_id: str
    num_prompt_tokens: int
    num_computed_tokens: int
    profile_running_since: int | None

    @property
    def num_output_tokens(self) -> int:
        """How many tokens were generated."""

    def get_finished_reason(self) -> object:
        """Give why it ended; its text is what users know: stop, length, abort, error."""


@recording.point("requests.added")
def added(request: Request) -> None:
    """Note a request that is new to the scheduler: `add_request`."""
    _record(request, "added", scheduling.last_step(), computed=request.num_computed_tokens)


@recording.point("requests.scheduled")
def scheduled(request: Request, computed_tokens: int) -> None:
    """Note a request that is let in for the first time: in `schedule`.

    Args:
        request: the request, whose own count is not up to date yet.
        computed_tokens: how many of its tokens a cache had.
    """
    request.profile_running_since = recording.clock()
    _record(request, "scheduled", scheduling.next_step(), computed=computed_tokens)


@recording.point("requests.resumed")
def resumed(request: Request, computed_tokens: int) -> None:
    """Note a request that is let in again after it was preempted; as `scheduled`."""
    request.profile_running_since = recording.clock()
    _record(request, "resumed", scheduling.next_step(), computed=computed_tokens)


@recording.point("requests.preempted")
def preempted(request: Request, reason: str) -> None:
    """Note a request that is about to lose its blocks: before `_preempt_request`.

    Args:
        request: the request, as it was while it ran.
        reason: `NO_FREE_BLOCKS` within a step, `RESET` between two.
    """
    _record(
        request,
        "preempted",
        scheduling.next_step() if reason == NO_FREE_BLOCKS else scheduling.last_step(),
        computed=request.num_computed_tokens,
        reason=reason,
        running_ns=_stop(request),
    )


@recording.point("requests.finished")
def finished(request: Request) -> None:
    """Note a request that has ended, however it did: `_free_request`."""
    _record(
        request,
        "finished",
        scheduling.last_step(),
        computed=request.num_computed_tokens,
        reason=str(request.get_finished_reason()),
        running_ns=_stop(request),
    )


def _stop(request: Request) -> int | None:
    """Give how long a request has run, and note that it does not any more; None if it did not."""
    since: int | None = getattr(request, "profile_running_since", None)
    if since is None:
        return None
    request.profile_running_since = None
    return recording.clock() - since


def _record(  # noqa: PLR0913 - the columns
    request: Request,
    event: str,
    step: int,
    *,
    computed: int,
    reason: str = "",
    running_ns: int | None = None,
) -> None:
    recording.record(
        "requests",
        (
            recording.now(),
            step,
            request.request_id,
            event,
            reason,
            running_ns,
            request.num_prompt_tokens,
            computed,
            request.num_output_tokens,
        ),
    )
