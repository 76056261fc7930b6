"""How long does a reader sleep, and what does one leave behind that fails?"""

from __future__ import annotations

import itertools
import sys
from types import SimpleNamespace
from unittest import mock

from vllm.distributed.device_communicators.shm_broadcast import MessageQueue

PATCHES = ("platform.patch_shm_broadcast",)
_NOW = 1000.0


def probe() -> dict[str, object]:
    """Give the waits for all kinds of deadlines, and what is read after a reader failed."""
    waits = {}
    for timeout, left, warning in itertools.product(
        (None, 9.0), (-1.0, 0.0, 0.5, 4.9, 30.0), (None, 0, 100, 4000, 60_000)
    ):
        deadline = sys.maxsize if timeout is None else _NOW + left
        reader = SimpleNamespace(timeout=timeout, deadline=deadline, warning_wait_time_ms=warning)
        with mock.patch("time.monotonic", return_value=_NOW):
            try:
                wait = MessageQueue.ReadTimeoutWithWarnings.timeout_ms(reader)
            except TimeoutError:
                wait = "TimeoutError"
        waits[f"{timeout} {left} {warning}"] = wait
    return {"waits": waits, "after a failure": _after_failure()}


def _after_failure() -> list[object]:
    writer = MessageQueue(1, 1, max_chunk_bytes=4096, max_chunks=2)
    reader = MessageQueue.create_from_handle(writer.export_handle(), 0)
    writer.wait_until_ready()
    reader.wait_until_ready()
    read = []
    writer.enqueue("first")
    try:
        with reader.acquire_read(timeout=5):
            raise KeyError("the reader fails")  # noqa: TRY301 - it is what is asked about
    except KeyError:
        read.append(reader.current_idx)
    writer.enqueue("second")
    read.append(reader.dequeue(timeout=5))
    try:
        writer.enqueue("third", timeout=1)
        read.append(reader.dequeue(timeout=5))
        writer.enqueue("fourth", timeout=1)
    except TimeoutError:
        read.append("the writer waits")
    return read
