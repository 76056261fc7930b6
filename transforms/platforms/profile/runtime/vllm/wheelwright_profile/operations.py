# SPDX-License-Identifier: Apache-2.0
"""What the engine's processes do on the CPU: vLLM's own named scopes, and calls that have none.

An operation's row is made when it ends; one that raises has none, but a scope, whose end is always
seen, has. Its step is the one that the process works on. (The scheduler names a step when most of
it is planned; scopes before that are of the step to be.) `main` knows no steps: -1.

A scope that is entered once for each request of a step gives one row for the step: its duration is
the sum of all, its context says how many.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from . import recording, scheduling

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Factory = Callable[[str], contextlib.AbstractContextManager[Any]]

# Of `Scheduler.schedule`, before the step has its id. What follows the scope of each request,
# whether it was entered or not, gives its row.
_EACH_REQUEST = "schedule: allocate_slots"
_PLANNING = frozenset(
    {"schedule: get_num_common_prefix_blocks", "schedule: make_cached_request_data"}
)

started: Callable[[], int] = recording.clock


def done(operation: str, since: int, *, context: str = "", step_of: object = None) -> None:
    """Record an operation: directly behind it. Each is a point of its own.

    Args:
        operation: its name.
        since: what `started()` gave in front of it.
        context: what it was done with.
        step_of: the scheduler's output of the step that it was done for; None for that which this
            process works on.
    """
    point = f"operations.{operation}"
    try:
        duration = recording.clock() - since
        recording.fired(point)
        step = recording.step if step_of is None else getattr(step_of, "profile_step_id", -1)
        row = recording.now() - duration, step, duration, operation, context
        recording.record("operations", row)
    except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
        recording.trouble(point, error)


def scopes(factory: Factory) -> Factory:
    """Make a factory of scopes that are recorded, each around the scope that vLLM would have.

    Args:
        factory: what vLLM has chosen: of empty scopes, or of those of a profiler.
    """
    if factory is contextlib.nullcontext:
        return _Scope

    def around(name: str) -> contextlib.AbstractContextManager[Any]:
        return _Scope(name, factory(name))

    return around


class _Scope:
    """A named scope, which may be entered once."""

    __slots__ = ("_inner", "_name", "_since")

    def __init__(
        self, name: str, inner: contextlib.AbstractContextManager[Any] | None = None
    ) -> None:
        self._name = name
        self._inner = inner
        self._since = 0

    def __enter__(self) -> Any:  # noqa: ANN401 - what the inner one gives
        given = None if self._inner is None else self._inner.__enter__()
        self._since = recording.clock()
        return given

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        duration = recording.clock() - self._since
        if self._name == _EACH_REQUEST:
            _each.append(duration)
        else:
            _ended(self._name, duration)
        return None if self._inner is None else self._inner.__exit__(kind, error, traceback)


# Durations of the scope that each request has, in the step that is being planned. Only the thread
# that schedules is here.
_each: list[int] = []


@recording.point("operations.scope")
def _ended(name: str, duration: int) -> None:
    began = recording.now() - duration
    if name not in _PLANNING:
        recording.record("operations", (began, recording.step, duration, name, ""))
        return
    step = scheduling.next_step()
    if _each:
        total, requests = sum(_each), len(_each)
        _each.clear()
        row = began - total, step, total, _EACH_REQUEST, f"{requests} requests"
        recording.record("operations", row)
    recording.record("operations", (began, step, duration, name, ""))


recording.on_fork(_each.clear)
