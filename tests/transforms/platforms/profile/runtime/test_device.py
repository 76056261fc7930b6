"""Device times and counters come later, without a wait, and each exactly once."""

from __future__ import annotations

import sys
import threading
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.loaded import load, switched_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Times = list[int | None]


class Timer:
    """The module under test, on a device that a test moves.

    Attributes:
        captures: whether the current stream is being captured.
        device: the device.
        module: `wheelwright_profile.device`.
        said: what was said on the log.
    """

    def __init__(
        self, device: Device | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.device = device
        self.captures = False
        work_on(device, monkeypatch)
        self.torch: Any = sys.modules["torch"]
        self.torch.fake.is_current_stream_capturing = lambda: self.captures
        package = load(switched_on(tmp_path))
        self.module = sys.modules[f"{package.__name__}.device"]
        self.recording = package.recording
        self.said: list[str] = []
        monkeypatch.setattr(self.recording, "trouble", lambda what, *_: self.said.append(what))

    def measure(self, milliseconds: float) -> Times:
        """Time work of so long; the list gets the result when it is there."""
        times: Times = []
        started = self.module.start()
        if self.device is not None:
            self.device.works(milliseconds)
        self.module.stop(started, times.append)
        return times


@pytest.fixture
def timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Timer:
    """Give a timer on a device that has done nothing yet."""
    return Timer(Device(), tmp_path, monkeypatch)


def _in_another_thread(call: Callable[[], None]) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_a_time_comes_when_the_device_is_done(timer: Timer) -> None:
    assert timer.device is not None
    first, second = timer.measure(5), timer.measure(2.5)
    timer.module.poll()
    assert (first, second) == ([], [])
    timer.device.catches_up()
    assert (first, second) == ([], [])
    timer.module.poll()
    assert (first, second) == ([5_000_000], [2_500_000])


def test_a_time_that_is_not_there_yet_holds_up_those_behind_it_only(timer: Timer) -> None:
    assert timer.device is not None
    first, second = timer.measure(5), timer.measure(7)
    timer.device.done = 6
    timer.module.poll()
    assert (first, second) == ([5_000_000], [])


def test_a_cpu_has_no_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timer = Timer(None, tmp_path, monkeypatch)
    assert timer.module.start() is None
    assert timer.measure(5) == [None]
    assert not timer.module.capturing()
    assert not timer.said


def test_the_cpu_engine_has_none_where_there_is_a_device(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    platforms = SimpleNamespace(current_platform=SimpleNamespace(device_type="cpu"))
    monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
    assert timer.measure(5) == [None]


def test_a_platform_may_have_events_of_its_own_only(timer: Timer) -> None:
    def none(**_: object) -> None:
        raise RuntimeError("backend doesn't support events")

    assert timer.device is not None
    timer.torch.Event = none
    times = timer.measure(5)
    timer.device.catches_up()
    timer.module.poll()
    assert times == [5_000_000]
    assert not timer.said


def test_a_platform_without_events_is_said(timer: Timer) -> None:
    timer.torch.Event = timer.torch.fake.Event = None
    assert timer.measure(5) == timer.measure(5) == [None]
    assert timer.said == ["fake has no events: nothing is timed there, and no experts counted"]


def test_a_device_that_is_far_behind_is_not_waited_for(timer: Timer) -> None:
    assert timer.device is not None
    pairs = timer.module.PAIRS
    times = [timer.measure(1) for _ in range(pairs)]
    assert not any(times)
    assert timer.measure(1) == [None]
    assert len(timer.said) == 1
    timer.device.catches_up()
    again = timer.measure(1)
    assert times == [[1_000_000]] * pairs
    timer.device.catches_up()
    timer.module.poll()
    assert again == [1_000_000]


def test_nothing_is_asked_of_a_device_in_a_capture(timer: Timer) -> None:
    assert timer.device is not None
    before = timer.measure(1)
    started = timer.module.start()
    timer.device.catches_up()
    timer.captures = True
    assert timer.module.capturing()
    assert timer.module.start() is None
    assert timer.measure(1) == [None]
    cut_off: Times = []
    timer.module.stop(started, cut_off.append)
    timer.module.poll()
    assert (before, cut_off) == ([], [None])
    timer.captures = False
    timer.module.poll()
    assert before == [1_000_000]


def test_another_thread_never_asks_the_device(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timer.device is not None
    times = timer.measure(1)
    timer.device.catches_up()
    _in_another_thread(timer.module.poll)
    _in_another_thread(timer.recording.flush)
    assert times == []
    monkeypatch.setattr(timer.module, "PATIENCE", 0)
    _in_another_thread(timer.recording.flush)
    assert times == [None]
    assert len(timer.said) == 1
    timer.module.poll()
    assert times == [None]


def test_the_engines_own_flush_polls(timer: Timer) -> None:
    assert timer.device is not None
    times = timer.measure(1)
    timer.device.catches_up()
    timer.recording.flush()
    assert times == [1_000_000]


def test_the_end_waits_for_the_last_work(timer: Timer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert timer.device is not None
    monkeypatch.setattr(timer.module.time, "sleep", lambda _: timer.device.catches_up())
    late: list[Times] = []
    timer.module.before_finish(lambda: late.append(timer.measure(2)))
    times = timer.measure(1)
    timer.module.finish()
    assert (times, late) == ([1_000_000], [[2_000_000]])


def test_the_end_does_not_wait_for_a_device_that_hangs(timer: Timer) -> None:
    times = timer.measure(1)
    timer.module.finish(seconds=0)
    assert times == [None]
    assert len(timer.said) == 1


def test_a_device_that_fails_is_no_trouble_of_the_engine(timer: Timer) -> None:
    def fails(_: object) -> bool:
        raise RuntimeError("device-side assert triggered")

    times = [timer.measure(1), timer.measure(1)]
    timer.torch.Event.query = fails
    timer.module.poll()
    assert times == [[None], [None]]
    timer.torch.Event.record = fails
    assert timer.measure(1) == [None]
    assert timer.said[0] == "an event could not be read"
    assert timer.said[-1] == "an event could not be recorded"


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["poll", "catch up", "flush"]))))
def test_each_time_is_handed_out_once(tmp_path: Path, doings: list[int | str]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        timer = Timer(Device(), tmp_path, monkeypatch)
        assert timer.device is not None
        asked: list[tuple[int, Times]] = []
        for doing in [*doings, "catch up", "poll"]:
            if isinstance(doing, int):
                asked.append((doing, timer.measure(doing)))
            elif doing == "catch up":
                timer.device.catches_up()
            else:
                {"poll": timer.module.poll, "flush": timer.recording.flush}[doing]()
        assert all(times == [length * 1_000_000] for length, times in asked)


class Memory:
    """A tensor of one number, and what is copied into it comes when the device gets there."""

    def __init__(self, device: Device, kind: str, value: int = 0) -> None:
        self.gpu, self.device = device, SimpleNamespace(type=kind)
        self.shape, self.dtype = (), "int64"
        self.value, self.coming = value, value

    def copy_(self, source: Memory, *, non_blocking: bool) -> None:
        """Have the other's value at this place of the stream."""
        assert non_blocking
        assert self.gpu.done < self.gpu.asked, "it would be there at once"
        self.coming = source.value

    def clone(self) -> Memory:
        """Give memory of the same value."""
        return Memory(self.gpu, self.device.type, self.value)

    def arrive(self) -> int:
        """Have what was copied, and give it."""
        self.value = self.coming
        return self.value


@pytest.fixture
def pinned(timer: Timer) -> list[dict[str, Any]]:
    """Let the host make memory; the list gets how it was asked for."""
    asked: list[dict[str, Any]] = []

    def empty(_: object, **options: Any) -> Memory:  # noqa: ANN401 - torch's own options
        asked.append(options)
        assert timer.device is not None
        return Memory(timer.device, "cpu")

    timer.torch.empty = empty
    timer.torch.inference_mode = lambda *, mode: nullcontext(mode)
    return asked


def test_counters_are_copied_while_the_host_goes_on(
    timer: Timer, pinned: list[dict[str, Any]]
) -> None:
    assert timer.device is not None
    counter = Memory(timer.device, "fake", 7)
    copies = timer.module.Copies([counter])
    got: list[int] = []

    def then(host: list[Memory]) -> None:
        got.extend(memory.arrive() for memory in host)

    timer.device.works(1)
    assert copies.ask(then)
    counter.value = 8
    timer.module.poll()
    assert got == []
    assert not copies.ask(then)
    timer.device.catches_up()
    timer.module.poll()
    assert got == [7]
    timer.device.works(1)
    assert copies.ask(then)
    timer.device.catches_up()
    timer.module.poll()
    assert got == [7, 8]
    assert pinned == [{"dtype": "int64", "device": "cpu", "pin_memory": True}]


def test_no_counter_is_copied_in_a_capture(timer: Timer, pinned: list[dict[str, Any]]) -> None:
    assert timer.device is not None
    timer.captures = True
    copies = timer.module.Copies([Memory(timer.device, "fake")])
    assert not copies.ask(lambda _: pytest.fail("it was asked for"))
    assert not pinned


def test_counters_of_a_cpu_are_there_at_once(timer: Timer) -> None:
    assert timer.device is not None
    counter = Memory(timer.device, "cpu", 7)
    got: list[Memory] = []
    assert timer.module.Copies([counter]).ask(got.extend)
    counter.value = 8
    assert [memory.value for memory in got] == [7]
