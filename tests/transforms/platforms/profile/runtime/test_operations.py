"""Scopes and calls become rows, and change nothing of what they are around."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ALLOCATE = "schedule: allocate_slots"
MAKE = "schedule: make_cached_request_data"


@pytest.fixture
def recorded(recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Play EngineCore, whose clocks go on by 1 each time that they are asked."""
    played = Recorded(recorder(), monkeypatch)
    ticks = iter(range(1_000))
    monkeypatch.setattr(played.package.recording, "clock", lambda: next(ticks))
    monkeypatch.setattr(played.package.recording, "now", lambda: 10_000)
    return played


def rows(recorded: Recorded) -> list[tuple[object, ...]]:
    """Give the operations, as they were recorded."""
    return [tuple(row.values()) for row in recorded.rows("operations")]


def test_a_scope_s_row_says_when_it_began_and_how_long_it_took(recorded: Recorded) -> None:
    scope = recorded.package.operations.scopes(contextlib.nullcontext)
    recorded.package.recording.step = 3
    with scope("outer"), scope("inner"):
        pass
    # Each scope asks the clock when it is entered and when it is left.
    assert rows(recorded) == [(9_999, 3, 1, "inner", ""), (9_997, 3, 3, "outer", "")]
    assert recorded.points == ["operations.scope"] * 2


def test_what_is_raised_inside_passes_and_the_scope_has_its_row(recorded: Recorded) -> None:
    scope = recorded.package.operations.scopes(contextlib.nullcontext)
    with pytest.raises(ZeroDivisionError), scope("divides"):
        _ = 1 / 0
    assert [row[3] for row in rows(recorded)] == ["divides"]


def test_the_scope_inside_decides_what_passes_and_what_is_bound(recorded: Recorded) -> None:
    @contextlib.contextmanager
    def forgives(name: str) -> Iterator[str]:
        with contextlib.suppress(KeyError):
            yield f"bound by {name}"

    scope = recorded.package.operations.scopes(forgives)
    bound: list[str] = []
    with scope("forgives") as given:
        bound.append(given)
        {"one": 1}["another"]
    assert bound == ["bound by forgives"]
    with pytest.raises(ValueError, match="too much"), scope("does not"):
        raise ValueError("too much")


def test_scopes_of_tasks_that_take_turns_are_their_own(recorded: Recorded) -> None:
    scope = recorded.package.operations.scopes(contextlib.nullcontext)

    async def work(name: str) -> None:
        with scope(name):
            await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(both())
    # a begins at 0, b at 1, a ends at 2, b at 3.
    assert [(row[3], row[2]) for row in rows(recorded)] == [("a", 2), ("b", 2)]


def test_a_step_that_is_being_planned_has_one_row_for_all_its_requests(recorded: Recorded) -> None:
    scope = recorded.package.operations.scopes(contextlib.nullcontext)
    for step, requests in enumerate([3, 0, 2]):
        for _ in range(requests):
            with scope(ALLOCATE):
                pass
        with scope(MAKE):
            pass
        recorded.package.scheduling.number(SimpleNamespace())
        with scope("schedule: update_after_schedule"):
            pass
        assert recorded.package.recording.step == step
    assert [(row[1], row[2], row[3], row[4]) for row in rows(recorded)] == [
        (0, 3, ALLOCATE, "3 requests"),
        (0, 1, MAKE, ""),
        (0, 1, "schedule: update_after_schedule", ""),
        (1, 1, MAKE, ""),
        (1, 1, "schedule: update_after_schedule", ""),
        (2, 2, ALLOCATE, "2 requests"),
        (2, 1, MAKE, ""),
        (2, 1, "schedule: update_after_schedule", ""),
    ]


def test_an_operation_is_of_this_process_s_step_or_of_the_one_it_was_done_for(
    recorded: Recorded,
) -> None:
    operations = recorded.package.operations
    recorded.package.recording.step = 9
    operations.done("now", 0, context="2 outputs")
    operations.done("for another", 0, step_of=SimpleNamespace(profile_step_id=7))
    operations.done("for one without id", 0, step_of=SimpleNamespace())
    assert [(row[1], row[3], row[4]) for row in rows(recorded)] == [
        (9, "now", "2 outputs"),
        (7, "for another", ""),
        (-1, "for one without id", ""),
    ]
    assert recorded.points[0] == "operations.now"


@pytest.mark.parametrize("call", ["done", "scope"])
def test_trouble_is_said_and_the_engine_goes_on(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    package = recorder()
    said: list[str] = []

    def fails(*_: Any) -> None:  # noqa: ANN401 - whatever it is
        raise OSError

    monkeypatch.setattr(package.recording, "record", fails)
    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    if call == "done":
        package.operations.done("work", package.operations.started())
        assert said == ["operations.work"]
    else:
        with package.operations.scopes(contextlib.nullcontext)("work"):
            pass
        assert said == ["operations.scope"]
