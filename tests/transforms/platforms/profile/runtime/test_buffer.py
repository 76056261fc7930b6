"""No row is lost between who appends and who takes, and every one that is lost is counted."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import part

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def buffer() -> Any:  # noqa: ANN401 - of a fresh package
    return part(load({}), "buffer").Buffer()


@pytest.fixture
def hasty() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


class _Busy(list[Any]):
    """A list that another thread appends to in front of each thing that is done with it."""

    appended = 0

    def another(self) -> None:
        if self.appended < 20:
            self.append(("points", (self.appended,)))
            self.appended += 1

    def __len__(self) -> int:
        self.another()
        return super().__len__()

    def __iter__(self) -> Iterator[Any]:
        self.another()
        return super().__iter__()

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401
        self.another()
        return super().__getitem__(key)

    def __delitem__(self, key: Any) -> None:  # noqa: ANN401
        self.another()
        super().__delitem__(key)

    def copy(self) -> list[Any]:
        self.another()
        return super().copy()

    def clear(self) -> None:
        self.another()
        super().clear()


def test_no_step_of_taking_loses_what_comes_in_between(buffer: Any) -> None:  # noqa: ANN401
    buffer.rows = _Busy()
    taken: list[Any] = []
    while not taken or len(taken) < buffer.rows.appended or buffer.rows.appended < 20:
        found = buffer.take().rows
        assert found
        taken += found
    assert [row for _, (row,) in taken] == list(range(20))


@pytest.mark.usefixtures("hasty")
def test_rows_of_many_threads_are_taken_once_each_and_in_order(buffer: Any) -> None:  # noqa: ANN401
    count, writers = 20_000, 4

    def append(writer: int) -> None:
        for number in range(count):
            buffer.rows.append(("points", (writer, number)))
            buffer.passed.append(str(writer))

    threads = [threading.Thread(target=append, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    taken = []
    passed: Counter[str] = Counter()
    while any(thread.is_alive() for thread in threads) or buffer.rows or buffer.passed:
        found = buffer.take()
        taken += found.rows
        passed.update(found.passed)
        buffer.wrote(found)
    for writer in range(writers):
        assert [row[1] for _, row in taken if row[0] == writer] == list(range(count))
    assert passed == {str(writer): count for writer in range(writers)}


@pytest.mark.usefixtures("hasty")
def test_losses_of_many_threads_are_counted_while_they_are_written(
    buffer: Any,  # noqa: ANN401
) -> None:
    count, writers = 5_000, 4

    def lose() -> None:
        for _ in range(count):
            buffer.lose("steps")

    threads = [threading.Thread(target=lose) for _ in range(writers)]
    for thread in threads:
        thread.start()
    written = 0
    while any(thread.is_alive() for thread in threads) or buffer.has_losses:
        taken = buffer.take()
        written += taken.losses.get("steps", 0)
        buffer.wrote(taken)
    assert written == count * writers


def test_rows_are_grouped_by_table_with_the_counts(buffer: Any) -> None:  # noqa: ANN401
    buffer.rows += [("a", (1,)), ("b", (2,)), ("a", (3,))]
    buffer.passed += ["x", "y", "x"]
    buffer.lose("c", 5)
    assert buffer.take().batches(9) == {
        "a": [(1,), (3,)],
        "b": [(2,)],
        "points": [(9, "x", 2), (9, "y", 1)],
        "losses": [(9, "c", 5)],
    }


def test_counts_wait_until_they_are_written(buffer: Any) -> None:  # noqa: ANN401
    buffer.rows.append(("a", (1,)))
    buffer.passed.append("x")
    failed = buffer.take()
    buffer.lost(failed)
    buffer.passed.append("x")
    again = buffer.take()
    assert (again.rows, again.passed, again.losses) == ([], {"x": 2}, {"a": 1})
    buffer.wrote(again)
    assert buffer.take().batches(9) == {}
    assert not buffer.has_losses


def test_what_is_put_back_comes_first_again(buffer: Any) -> None:  # noqa: ANN401
    buffer.rows.append(("a", (1,)))
    taken = buffer.take()
    buffer.rows.append(("a", (2,)))
    buffer.put_back(taken)
    assert buffer.take().rows == [("a", (1,)), ("a", (2,))]
