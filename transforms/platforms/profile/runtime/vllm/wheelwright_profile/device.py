# SPDX-License-Identifier: Apache-2.0
"""What the device did, known without waiting for it.

A time is two events on the current stream, and a counter is a copy to pinned memory with an event
behind it: both are asked for now and read by a later `poll()`, when the device says that it has
come so far. Nothing here synchronises. All of it is bounded: what finds no free event is given up
and counted.

The device is asked by the engine's own thread only, and never while its stream is being captured: a
query from any thread can spoil a capture that another thread has begun (CUDA's global capture mode,
which `torch.cuda.graph` uses). On a CPU there are no events: times are None, and counters are read
at once.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from . import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    import torch
    from torch import Tensor

    Events: TypeAlias = tuple[torch.Event, torch.Event]

# Pairs of events: steps and replays that the device may be behind by.
PAIRS = 256
# A thread that only writes gives a time up when no poll has come for so long: the step's row must
# not wait for a request that may never come.
PATIENCE = 5_000_000_000
_NS_PER_MS = 1e6
_GIVEN_UP = "a device time was given up: the device is too far behind"

_lock = threading.Lock()
_free: list[Events] = []
_made = 0
_pending: deque[tuple[Events, int, Callable[[int | None], None]]] = deque()
_copying: list[Copies] = []
_closing: list[Callable[[], None]] = []
_thread: int | None = None


class Device(NamedTuple):
    """The devices that vLLM runs on.

    Attributes:
        event: makes an event that can be timed.
        capturing: tells whether the current stream is being captured into a graph.
    """

    event: Callable[[], torch.Event]
    capturing: Callable[[], bool]


@cache
def _device() -> Device | None:
    """Find out what this process works on; None for a CPU, and for what has no events."""
    import torch  # noqa: PLC0415 - the package must be importable without it

    # vLLM's word, not torch's: its CPU engine also runs where there is a GPU.
    kind = sys.modules["vllm.platforms"].current_platform.device_type
    if kind == "cpu":
        return None
    module: Any = getattr(torch, kind, None)
    ways: list[Callable[[], torch.Event]] = [lambda: torch.Event(device=kind, enable_timing=True)]
    if hasattr(module, "Event"):
        ways.append(lambda: module.Event(enable_timing=True))
    failure: Exception | None = None
    for event in ways:
        try:
            event().record()
        except Exception as error:  # noqa: BLE001 - plugins raise what they like
            failure = error
        else:
            asks = getattr(module, "is_current_stream_capturing", lambda: False)
            return Device(event, asks)
    recording.trouble(
        f"{kind} has no events: nothing is timed there, and no experts counted", failure
    )
    return None


def capturing() -> bool:
    """Tell whether the current stream is being captured into a graph: then nothing here is done."""
    device = _device()
    return device is not None and bool(device.capturing())


def start() -> Events | None:
    """Begin to time what is put on the current stream from here on.

    Returns:
        What `stop` wants; None where nothing is timed (a CPU, a capture, no free events).
    """
    global _thread
    try:
        device = _device()
        if device is None or device.capturing():
            return None
        if _thread is None:
            _thread = threading.get_ident()
        pair = _events(device)
        if pair is not None:
            pair[0].record()
    except Exception as error:  # noqa: BLE001 - the engine goes on
        recording.trouble("an event could not be recorded", error)
        return None
    return pair


def _events(device: Device) -> Events | None:
    """Give a pair of events that nobody uses; None where all are."""
    global _made
    if not _free and _made == PAIRS:
        poll()
    if _free:
        return _free.pop()
    if _made < PAIRS:
        _made += 1
        return device.event(), device.event()
    recording.trouble(_GIVEN_UP)
    return None


def stop(started: Events | None, then: Callable[[int | None], None]) -> None:
    """End what `start` began.

    Args:
        started: what `start` returned.
        then: called once: now with None where nothing is timed, else by a later `poll` with the
            nanoseconds that the device took. Not always in the thread that is here.
    """
    if started is None:
        then(None)
        return
    try:
        if not capturing():
            started[1].record()
            _pending.append((started, time.monotonic_ns(), then))
            return
    except Exception as error:  # noqa: BLE001 - the engine goes on
        recording.trouble("an event could not be recorded", error)
    _free.append(started)
    then(None)


def poll() -> None:
    """Hand out what the device has finished by now: for the engine's thread, at each step."""
    if not (_pending or _copying) or _thread != threading.get_ident() or capturing():
        return
    if not _lock.acquire(blocking=False):
        return  # the writing thread is giving up what was too old
    try:
        while _pending and _pending[0][0][1].query():
            pair, _, then = _pending.popleft()
            then(round(pair[0].elapsed_time(pair[1]) * _NS_PER_MS))
            _free.append(pair)
        _copying[:] = [copies for copies in _copying if not copies.arrived()]
    except Exception as error:  # noqa: BLE001 - the engine goes on
        recording.trouble("an event could not be read", error)
        _give_up(0)
        _copying.clear()
    finally:
        _lock.release()


def finish(seconds: float = 1.0) -> None:
    """Poll until nothing is outstanding, at most so long; only for when the process ends.

    Args:
        seconds: how long the last work of the device may take; what takes longer is given up.
    """
    end = time.monotonic() + seconds
    _drain(end)  # a counter is not copied while its last copy is on its way
    for ask in _closing:
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - the process goes on ending
            recording.trouble("counters could not be read at the end", error)
    _drain(end)
    with _lock:
        _give_up(0)


def _drain(end: float) -> None:
    """Poll until nothing is outstanding, or the time has come."""
    poll()
    while (_pending or _copying) and _thread == threading.get_ident() and time.monotonic() < end:
        time.sleep(0.001)
        poll()


def before_finish(ask: Callable[[], None]) -> None:
    """Have a function called by `finish` first, to ask for what is still on the device."""
    _closing.append(ask)


def _give_up(patience: int) -> None:
    """Give up times that wait for longer; the caller holds the lock."""
    while _pending and time.monotonic_ns() - _pending[0][1] >= patience:
        pair, _, then = _pending.popleft()
        recording.trouble(_GIVEN_UP)
        then(None)
        _free.append(pair)


def _before_flush() -> None:
    if _thread == threading.get_ident():
        poll()
    elif _pending and _lock.acquire(blocking=False):
        try:
            _give_up(PATIENCE)
        finally:
            _lock.release()


class Copies:
    """Tensors of one device, and what they were on the host whenever that is asked for.

    Args:
        sources: the tensors. They stay where they are; on a device each gets a pinned buffer.
    """

    __slots__ = ("_buffers", "_event", "_then", "sources")

    def __init__(self, sources: Sequence[Tensor]) -> None:
        self.sources = tuple(sources)
        self._buffers: list[Tensor] = []
        self._event: torch.Event | None = None
        self._then: Callable[[list[Tensor]], None] | None = None

    def ask(self, then: Callable[[list[Tensor]], None]) -> bool:
        """Have the tensors as they are at this place of the current stream.

        Args:
            then: called once with copies on the host, which hold until the next `ask`: now on a
                CPU, else by a later `poll`.

        Returns:
            False where nothing was asked for: the last copies are still on their way, or a capture
            is on.
        """
        global _thread
        if self.sources[0].device.type == "cpu":
            then([source.clone() for source in self.sources])
            return True
        device = _device()
        if self._then is not None or device is None or device.capturing():
            return False
        if _thread is None:
            _thread = threading.get_ident()
        if self._event is None:
            self._buffers = [_pinned(source) for source in self.sources]
            self._event = device.event()
        for buffer, source in zip(self._buffers, self.sources, strict=True):
            buffer.copy_(source, non_blocking=True)
        self._event.record()
        self._then = then
        _copying.append(self)
        return True

    def arrived(self) -> bool:
        """Hand the copies out if the device has made them; for `poll`."""
        if self._event is None or not self._event.query():
            return False
        then, self._then = self._then, None
        if then is not None:
            then(self._buffers)
        return True


def _pinned(source: Tensor) -> Tensor:
    """Give memory of the host that a device copies into while the host goes on."""
    torch = sys.modules["torch"]
    with torch.inference_mode(mode=False):
        buffer: Tensor = torch.empty(
            source.shape, dtype=source.dtype, device="cpu", pin_memory=True
        )
    return buffer


def _forget() -> None:
    """Leave what is under way to the process that this one was forked from."""
    global _made, _thread
    for outstanding in (_pending, _copying, _free):
        outstanding.clear()
    _made, _thread = 0, None


recording.on_flush(_before_flush)
recording.on_fork(_forget)
