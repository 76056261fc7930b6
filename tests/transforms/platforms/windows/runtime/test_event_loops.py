"""Event loops and signals as uvloop and POSIX have them, and without both.

A loop that takes no signal handlers is one of Python's own here that refuses them as Windows' does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, NoReturn

import pytest

from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours
from transforms.platforms.windows.runtime.vllm.wheelwright_windows import event_loops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBER = signal.SIGUSR1


class WindowsLoop(asyncio.SelectorEventLoop):
    """A loop that takes no signal handlers, as those of Windows."""

    def add_signal_handler(
        self, sig: int, callback: Callable[..., object], *args: object
    ) -> NoReturn:
        """Refuse, as `asyncio.AbstractEventLoop` does."""
        raise NotImplementedError


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Put back what tests change in this process."""
    before = signal.getsignal(_NUMBER)
    yield
    signal.signal(_NUMBER, before)
    signal.set_wakeup_fd(-1)


def seconds_to_stop(loop: asyncio.AbstractEventLoop) -> None:
    """Let a loop wait for ever; a signal, whose handler gets an argument, ends that."""
    seen: list[int] = []

    def stop(value: int) -> None:
        seen.append(value)
        loop.stop()

    ours.add_signal_handler(loop, _NUMBER, stop, 7)
    sender = threading.Timer(0.05, os.kill, (os.getpid(), _NUMBER))
    sender.start()
    loop.run_forever()
    sender.join()
    assert seen == [7]


@pytest.mark.parametrize("kind", [asyncio.SelectorEventLoop, WindowsLoop])
def test_a_signal_reaches_the_callback_in_the_loop(
    kind: type[asyncio.SelectorEventLoop],
) -> None:
    loop = kind()
    try:
        seconds_to_stop(loop)
    finally:
        loop.close()


def test_posix_gets_the_loops_own_handler() -> None:
    loop = asyncio.SelectorEventLoop()
    try:
        ours.add_signal_handler(loop, _NUMBER, print)
        assert loop.remove_signal_handler(_NUMBER), "the loop has the handler itself"
    finally:
        loop.close()


def test_a_signal_is_written_to_where_it_wakes_the_loop() -> None:
    """`select` of Windows does not end with a signal: only this socket wakes it there."""
    loop = WindowsLoop()
    try:
        ours.add_signal_handler(loop, _NUMBER, print)
        woken = signal.set_wakeup_fd(-1)
        assert woken == loop._csock.fileno()  # type: ignore[attr-defined]  # asyncio's own name
    finally:
        loop.close()


def test_behind_the_loop_the_handler_of_before_is_asked_again() -> None:
    seen: list[int] = []
    signal.signal(_NUMBER, lambda number, _: seen.append(number))
    loop = WindowsLoop()
    ours.add_signal_handler(loop, _NUMBER, print)
    loop.close()
    signal.set_wakeup_fd(-1)
    signal.raise_signal(_NUMBER)
    assert seen == [_NUMBER]


def test_runs_in_a_loop_that_zeromq_can_use_and_closes_it() -> None:
    async def main() -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        left, right = os.pipe()
        ready = asyncio.Event()
        loop.add_reader(left, ready.set)
        os.write(right, b"x")
        await ready.wait()
        loop.remove_reader(left)
        os.close(left)
        os.close(right)
        return loop

    loop = ours.run(main())
    assert isinstance(loop, asyncio.SelectorEventLoop)
    assert loop.is_closed()


@pytest.mark.parametrize(
    "how", [ours.run, lambda main: event_loops._run_in(ours.new_event_loop(), main)]
)
def test_what_is_left_running_is_cancelled(how: Callable[..., object]) -> None:
    """Both ways that Pythons need, on each of them."""
    ended: list[str] = []

    async def behind() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    async def main() -> int:
        task = asyncio.create_task(behind())
        await asyncio.sleep(0)
        assert not task.done()
        return 5

    assert how(main()) == 5
    assert ended == ["cancelled"]


def test_an_error_of_the_coroutine_comes_out() -> None:
    async def main() -> None:
        raise ValueError("from inside")

    with pytest.raises(ValueError, match="from inside"):
        ours.run(main())
    assert signal.set_wakeup_fd(-1) == -1


def test_another_thread_can_run_a_coroutine() -> None:
    async def main() -> int:
        return 3

    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(ours.run(main())))
    thread.start()
    thread.join()
    assert found == [3]
