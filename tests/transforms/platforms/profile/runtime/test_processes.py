"""A process that ends in order has written all it knows, what the device still did included."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.outputs import ALONE, output

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pytest


def test_times_that_are_outstanding_are_read_before_the_last_flush(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    device = Device()
    work_on(device, monkeypatch)
    step = output(2, new={"a": 5})
    package.processes.worker(ALONE, 0)
    package.forward.step_begins(step)
    begun = package.forward.begins()
    device.works(3.0)
    package.forward.ends(begun, SimpleNamespace(supports_mm_inputs=False), step, 8)
    device.catches_up()
    package.processes.ends()
    reading = importlib.import_module(f"{package.__name__}.reading")
    session = reading.read_session(package.recording.SETTINGS.folder)
    (stream,) = session.streams
    assert (stream.role, stream.rank) == ("worker", 0)
    assert [(row["step"], row["device_ns"]) for row in stream.rows("forward")] == [(2, 3_000_000)]
