"""The lock of object storage: one holder, taken over from the dead, and noticed by the slow."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.index.lease import PATIENCE, ClaimLostError, Lease
from build_hooks.index.object_store import ObjectStore
from tests.build_hooks.index.indexes import memory_store

FOLDER = "lock/"


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def storage() -> ObjectStore:
    store = memory_store()
    assert isinstance(store, ObjectStore)
    return store


def lease(objects: ObjectStore, time: Time) -> Lease:
    return Lease(objects, FOLDER, clock=time, sleep=time.sleep)


def never(who: str) -> None:
    raise AssertionError(who)


def test_one_after_the_other_needs_no_waiting() -> None:
    objects, time = storage(), Time()
    for _ in range(3):
        holder = lease(objects, time)
        holder.take(never)
        holder.keep()
        holder.give_back()
    assert time.now == 0
    assert len(objects.names(FOLDER)) == 1


def test_the_next_one_waits_until_the_lock_is_given_back() -> None:
    objects, time = storage(), Time()
    first, second = lease(objects, time), lease(objects, time)
    first.take(never)
    seen: list[str] = []

    def give_back_soon(who: str) -> None:
        seen.append(who)
        first.give_back()

    second.take(give_back_soon)
    assert "process" in seen[0]
    assert len(seen) == 1
    assert time.now < PATIENCE
    second.keep()


def test_a_holder_that_died_is_taken_over_after_a_while_and_not_before() -> None:
    objects, time = storage(), Time()
    dead, next_one = lease(objects, time), lease(objects, time)
    dead.take(never)
    next_one.take(lambda _: None)
    assert PATIENCE <= time.now < PATIENCE + 2
    with pytest.raises(ClaimLostError):
        dead.keep()
    dead.give_back()
    next_one.keep()


def test_a_holder_that_works_is_waited_for_however_long_it_takes() -> None:
    objects, time = storage(), Time()
    busy, waiting = lease(objects, time), lease(objects, time)
    busy.take(never)

    def sleep(seconds: float) -> None:
        time.now += seconds
        if time.now < 5 * PATIENCE:
            busy.keep()
        else:
            busy.give_back()

    waiting._sleep = sleep
    waiting.take(lambda _: None)
    assert time.now >= 5 * PATIENCE


def test_a_number_that_was_used_and_removed_is_not_used_again() -> None:
    objects, time = storage(), Time()
    for _ in range(3):
        holder = lease(objects, time)
        holder.take(never)
        holder.give_back()
    late = lease(objects, time)
    assert late._try(2) is False
    assert list(objects.names(FOLDER)) == [f"{FOLDER}00000003.json"]


def test_a_number_that_two_reach_for_is_given_to_one() -> None:
    objects, time = storage(), Time()
    first, second = lease(objects, time), lease(objects, time)
    first.take(never)
    assert second._try(first._number) is False
    first.keep()


def test_storage_without_conditions_lets_one_of_two_in() -> None:
    objects, time = storage(), Time()
    first, second = lease(objects, time), lease(objects, time)
    first.take(never)
    # Another one that had looked before: storage let it write over the first.
    second._number = first._number
    second._write(free=False)
    second.keep()
    with pytest.raises(ClaimLostError):
        first.keep()


def test_a_lock_that_cannot_be_read_counts_as_held() -> None:
    objects, time = storage(), Time()
    objects.write(f"{FOLDER}00000001.json", b"half of a")
    holder = lease(objects, time)
    holder.take(lambda _: None)
    assert time.now >= PATIENCE


@given(st.integers(2, 5), st.integers(1, 4))
def test_no_two_hold_it_at_the_same_time(writers: int, rounds: int) -> None:
    objects = storage()
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(rounds):
            holder = Lease(objects, FOLDER, sleep=lambda _: None)
            holder.take(lambda _: None)
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
            holder.give_back()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * (writers * rounds)
