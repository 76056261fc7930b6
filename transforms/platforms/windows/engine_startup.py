"""Wait for the engine's process in a way that Windows can, too."""

from transforms.edits import AddImport, Patch, Replace

_UTILS = "vllm.v1.engine.utils"

PATCH = Patch(
    why=(
        "whoever starts an engine's process (the API server always does) polls the process's sentinel "
        "with ZeroMQ; on Windows a sentinel is a handle and no socket, so that the start ends in "
        '"ZMQError: not a socket"'
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="wait_for_engine_startup does not register sentinels with a zmq.Poller",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_UTILS, code="from vllm import wheelwright_windows"),
        Replace(
            inside=f"{_UTILS}.wait_for_engine_startup",
            find="zmq.Poller()",
            replace="wheelwright_windows.poller()",
        ),
    ],
)
