"""How processes of one machine reach each other, and how clients reach the API server."""

from __future__ import annotations

import inspect
import socket
import tempfile

import zmq
from watching import TREE, is_there, load, observation


@observation("cpu")
def message_over_ipc_path() -> dict[str, str]:
    """What the address for processes of this machine begins with, and what arrives over it."""
    address = load("utils.network_utils").get_open_zmq_ipc_path()
    context = zmq.Context()
    with context.socket(zmq.PULL) as there, context.socket(zmq.PUSH) as here:
        there.bind(address)
        here.connect(address)
        here.send(b"hello")
        assert there.poll(5000), "nothing arrived in 5 s"
        return {"transport": address.partition("://")[0], "received": there.recv().decode()}


@observation("cpu")
def inherited_listener() -> str:
    """What listening at an ipc:// address for another process comes to, from 0.32 on."""
    listen = getattr(load("utils.network_utils"), "make_zmq_listener", None)
    if listen is None:
        return "none in this release"
    with tempfile.TemporaryDirectory() as folder:
        try:
            listener = listen(f"ipc://{folder}/socket", zmq.PULL)
        except (OSError, ValueError) as error:
            return f"refused: {error}"
        listener.socket.close()
        return "listens"


@observation("cpu")
def server_socket() -> dict[str, object]:
    """The API server's socket, and whether others may have its port."""
    make = load(_module_of_the_socket()).create_server_socket
    more = {"reuse_port": True} if "reuse_port" in inspect.signature(make).parameters else {}
    with make(("127.0.0.1", 0), **more) as server:
        reuse = server.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
        return {"bound": server.getsockname()[1] > 0, "SO_REUSEPORT": reuse}


@observation("cpu")
def api_server() -> list[str]:
    """That the API server's module, and the command `vllm serve`, can be imported."""
    names = ("entrypoints.openai.api_server", "entrypoints.cli.serve", _module_of_the_socket())
    return [load(name).__name__ for name in names]


def _module_of_the_socket() -> str:
    for name in ("entrypoints.launchers.launcher", "entrypoints.openai.api_server"):
        path = TREE / "vllm" / f"{name.replace('.', '/')}.py"
        if is_there(name) and "def create_server_socket(" in path.read_text(encoding="utf-8"):
            return name
    raise AssertionError("no module has create_server_socket")
