"""Sockets and the ends of processes are waited for at the same time, on every system."""

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.platforms.windows.runtime_module import runtime_module


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "win32")


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return runtime_module(monkeypatch, "linux")


class Zmq(ModuleType):
    """ZeroMQ's poller, of sockets that have as many events as the test says."""

    POLLIN = 1

    def __init__(self, events: list[tuple[object, int]]) -> None:
        super().__init__("zmq")
        self.events = events
        self.registered: list[object] = []
        test = self

        class Poller:
            def register(self, socket: object, _flags: int) -> None:
                test.registered.append(socket)

            def poll(self, _timeout: float) -> list[tuple[object, int]]:
                return test.events

        self.Poller = Poller


def test_linux_gets_zeromqs_own_poller(linux: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    assert type(linux.poller()) is zmq.Poller


def test_windows_poller_sees_sockets_and_the_ends_of_processes(
    windows: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    poller, socket = windows.poller(), object()
    poller.register(socket, zmq.POLLIN)
    reads, writes = os.pipe()
    poller.register(reads, zmq.POLLIN)
    assert zmq.registered == [socket]
    assert poller.poll(1) == []
    zmq.events = [(socket, 1)]
    assert poller.poll(1) == [(socket, 1)]
    zmq.events = []
    # As a sentinel does, it becomes ready when the other end goes.
    os.close(writes)
    assert poller.poll(60_000) == [(reads, 1)]
    os.close(reads)


def test_windows_poller_ends_in_time(windows: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    zmq = Zmq([])
    monkeypatch.setitem(sys.modules, "zmq", zmq)
    moments = iter(range(100))
    monkeypatch.setattr(windows.polling, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    assert windows.poller().poll(3000) == []
    assert next(moments) < 12, "it polls for ever"
