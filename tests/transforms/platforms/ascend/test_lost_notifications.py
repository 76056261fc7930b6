"""A reader looks again after five seconds, and gives its slot back in any case."""

from __future__ import annotations

import contextlib
import sys
import time
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.lost_notifications import PATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASE = "0.23.0"
MODULE = "vllm.distributed.device_communicators.shm_broadcast"
BEFORE = '''
VLLM_RINGBUFFER_WARNING_INTERVAL = envs.VLLM_RINGBUFFER_WARNING_INTERVAL


class MessageQueue:
    class ReadTimeoutWithWarnings:
        def timeout_ms(self) -> int | None:
            """Returns a timeout that is:
            - None if the timeout is None and we're not logging warnings
            """
            warning_wait_time = self.warning_wait_time_ms
            if self.timeout is None:
                return warning_wait_time

            time_left_ms = int((self.deadline - time.monotonic()) * 1000)
            if time_left_ms <= 0:
                raise TimeoutError

            if warning_wait_time and warning_wait_time < time_left_ms:
                return warning_wait_time

            return time_left_ms

    @contextmanager
    def acquire_read(self):
        with self.buffer.get_metadata(self.current_idx) as metadata_buffer:
            while True:
                with self.buffer.get_data(self.current_idx) as buf:
                    yield buf

                # caller has read from the buffer
                metadata_buffer[self.local_reader_rank + 1] = 1
                memory_fence()
                self.current_idx = (self.current_idx + 1) % self.buffer.max_chunks

                self._spin_condition.record_read()
                break
'''
AFTER = '''
VLLM_RINGBUFFER_WARNING_INTERVAL = envs.VLLM_RINGBUFFER_WARNING_INTERVAL
# How long an idle reader sleeps before it looks at the written flag again.
SHM_READER_RECHECK_INTERVAL_MS = 5000


class MessageQueue:
    class ReadTimeoutWithWarnings:
        def timeout_ms(self) -> int:
            """Returns a timeout, capped at the recheck interval, that is:
            - recheck interval if the timeout is None and we're not logging warnings
            """
            wait_ms = SHM_READER_RECHECK_INTERVAL_MS
            if self.warning_wait_time_ms is not None:
                wait_ms = min(wait_ms, self.warning_wait_time_ms)
            if self.timeout is None:
                return wait_ms

            time_left_ms = int((self.deadline - time.monotonic()) * 1000)
            if time_left_ms <= 0:
                raise TimeoutError

            return min(wait_ms, time_left_ms)

    @contextmanager
    def acquire_read(self):
        with self.buffer.get_metadata(self.current_idx) as metadata_buffer:
            while True:
                with self.buffer.get_data(self.current_idx) as buf:
                    try:
                        yield buf
                    finally:
                        # caller has read from the buffer; set the read flag.
                        metadata_buffer[self.local_reader_rank + 1] = 1
                        # Memory fence ensures the read flag is visible to the writer.
                        # Without this, writer may not see our read completion and
                        # could wait indefinitely for all readers to finish.
                        memory_fence()
                        next_idx = self.current_idx + 1
                        self.current_idx = next_idx % self.buffer.max_chunks
                        self._spin_condition.record_read()
                break
'''


def _queue(text: str) -> SimpleNamespace:
    names = run(
        text,
        envs=SimpleNamespace(VLLM_RINGBUFFER_WARNING_INTERVAL=60),
        time=time,
        contextmanager=contextlib.contextmanager,
        memory_fence=lambda: None,
    )
    queue: SimpleNamespace = names.MessageQueue
    return queue


def _without_blank_lines(text: str) -> list[str]:
    return [line for line in dedent(text).splitlines() if line]


def test_both_functions_become_those_of_later_releases() -> None:
    text = patched(PATCH, RELEASE, MODULE, BEFORE)
    assert _without_blank_lines(text) == _without_blank_lines(AFTER)


@pytest.mark.parametrize("release", ["0.22.1", "0.27.0", "0.33.0"])
def test_releases_before_and_those_that_have_it_are_left_alone(release: str) -> None:
    assert status_on(PATCH, release) is Status.EXCLUDED


@pytest.mark.parametrize(
    ("timeout", "warnings_ms", "waits"),
    [(None, None, 5000), (None, 60_000, 5000), (None, 100, 100), (3600.0, None, 5000)],
)
def test_no_wait_is_longer_than_five_seconds(
    timeout: float | None, warnings_ms: int | None, waits: int
) -> None:
    deadline = sys.maxsize if timeout is None else time.monotonic() + timeout
    reader = SimpleNamespace(timeout=timeout, warning_wait_time_ms=warnings_ms, deadline=deadline)
    queue = _queue(patched(PATCH, RELEASE, MODULE, BEFORE))
    assert queue.ReadTimeoutWithWarnings.timeout_ms(reader) == waits


def test_a_deadline_that_is_over_is_an_error() -> None:
    reader = SimpleNamespace(timeout=1.0, warning_wait_time_ms=None, deadline=time.monotonic())
    queue = _queue(patched(PATCH, RELEASE, MODULE, BEFORE))
    with pytest.raises(TimeoutError):
        queue.ReadTimeoutWithWarnings.timeout_ms(reader)


@pytest.mark.parametrize("text", [BEFORE, patched(PATCH, RELEASE, MODULE, BEFORE)])
def test_a_reader_that_fails_gives_its_slot_back_as_well(text: str) -> None:
    flags = [1, 0]

    @contextlib.contextmanager
    def opened(value: object) -> Iterator[object]:
        yield value

    read: list[int] = []
    reader = SimpleNamespace(
        buffer=SimpleNamespace(
            get_metadata=lambda _: opened(flags), get_data=lambda _: opened(b""), max_chunks=4
        ),
        current_idx=3,
        local_reader_rank=0,
        _spin_condition=SimpleNamespace(record_read=lambda: read.append(1)),
    )
    message = "the reader failed"
    with (
        pytest.raises(ValueError, match=message),
        _queue(text).acquire_read(reader),
    ):
        raise ValueError(message)
    given_back = (flags, reader.current_idx, read) == ([1, 1], 0, [1])
    assert given_back is (text != BEFORE)
