"""Processes of one machine talk over TCP on Windows, and over Unix domain sockets elsewhere."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.zmq_transport import PATCH

MODULE = "vllm.utils.network_utils"
BEFORE = """
def get_open_zmq_ipc_path() -> str:
    base_rpc_path = envs.VLLM_RPC_BASE_PATH
    return f"ipc://{base_rpc_path}/{uuid4()}"
"""
LISTENER = """
def make_zmq_listener(path):
    scheme, address = path.split("://")
    bound = False
    try:
        if scheme == "tcp":
            family = socket.AF_INET
        elif scheme == "ipc":
            family = socket.AF_UNIX
        else:
            raise ValueError(f"Cannot inherit a {scheme} ZMQ listener")
        return family
    finally:
        if scheme == "ipc" and bound:
            unlink(address)
"""


@pytest.mark.parametrize(
    ("system", "address"),
    [("win32", "tcp://127.0.0.1:5000"), ("linux", "ipc:///run/0"), ("darwin", "ipc:///run/0")],
)
@pytest.mark.parametrize("release", ["0.14.1", "0.31.0"])
def test_the_address_is_one_that_zeromq_binds(release: str, system: str, address: str) -> None:
    names = run(
        patched(PATCH, release, MODULE, BEFORE),
        sys=SimpleNamespace(platform=system),
        envs=SimpleNamespace(VLLM_RPC_BASE_PATH="/run"),
        uuid4=lambda: 0,
        get_open_port=lambda: 5000,
        get_tcp_uri=lambda host, port: f"tcp://{host}:{port}",
    )
    assert names.get_open_zmq_ipc_path() == address


def test_a_listener_refuses_what_the_system_does_not_have() -> None:
    text = patched(PATCH, "0.33.0", MODULE, BEFORE + LISTENER)
    windows = run(text, socket=SimpleNamespace(AF_INET=2))
    with pytest.raises(ValueError, match="Cannot inherit a ipc ZMQ listener"):
        windows.make_zmq_listener("ipc:///run/0")
    assert windows.make_zmq_listener("tcp://127.0.0.1") == 2
    linux = run(text, socket=SimpleNamespace(AF_INET=2, AF_UNIX=1))
    assert linux.make_zmq_listener("ipc:///run/0") == 1


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
