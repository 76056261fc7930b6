"""A machine with a device or without: what the recorder asks, on a clock that a test moves."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Device:
    """A device that has worked up to a time, in ms, and is asked for more by each event.

    Attributes:
        asked: the time at which it will have done all that it was asked for.
        done: the time up to which it has worked.
    """

    def __init__(self) -> None:
        self.asked = 0.0
        self.done = -1.0

    def works(self, milliseconds: float) -> None:
        """Ask it for work that takes so long."""
        self.asked += milliseconds

    def catches_up(self) -> None:
        """Let it do all that it was asked for."""
        self.done = self.asked


def work_on(device: Device | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let torch and vLLM's platform be those of a device.

    Args:
        device: what vLLM works on; None for a CPU.
        monkeypatch: undoes it.
    """

    class Event:
        def __init__(self, device: str = "fake", *, enable_timing: bool = False) -> None:
            assert device == "fake"
            assert enable_timing
            self.at = 0.0

        def record(self) -> None:
            assert device is not None
            self.at = device.asked

        def query(self) -> bool:
            assert device is not None
            return device.done >= self.at

        def elapsed_time(self, end: Event) -> float:
            assert self.query()
            assert end.query()
            return end.at - self.at

        def synchronize(self) -> None:
            raise AssertionError("the engine would wait for the device")

    torch = ModuleType("torch")
    torch.fake = SimpleNamespace(  # type: ignore[attr-defined]
        Event=Event, is_current_stream_capturing=lambda: False
    )
    torch.Event = Event  # type: ignore[attr-defined]
    kind = "cpu" if device is None else "fake"
    platforms = SimpleNamespace(current_platform=SimpleNamespace(device_type=kind))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
