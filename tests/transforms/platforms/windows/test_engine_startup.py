"""Who waits for an engine's process polls in a way that takes its sentinel on every system."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.engine_startup import PATCH

BEFORE = """
import zmq

def wait_for_engine_startup(handshake_socket, sentinels):
    poller = zmq.Poller()
    poller.register(handshake_socket, zmq.POLLIN)
    for sentinel in sentinels:
        poller.register(sentinel, zmq.POLLIN)
    return poller.poll()

def elsewhere():
    return zmq.Poller()
"""
AFTER = """
import zmq

from vllm import wheelwright_windows

def wait_for_engine_startup(handshake_socket, sentinels):
    poller = wheelwright_windows.poller()
    poller.register(handshake_socket, zmq.POLLIN)
    for sentinel in sentinels:
        poller.register(sentinel, zmq.POLLIN)
    return poller.poll()

def elsewhere():
    return zmq.Poller()
"""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_it_changes_the_one_poller_that_sees_sentinels(release: str) -> None:
    assert patched(PATCH, release, "vllm.v1.engine.utils", BEFORE) == dedent(AFTER)


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
