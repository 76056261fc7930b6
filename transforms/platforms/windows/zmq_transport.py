"""Let processes of the engine talk over TCP, where ZeroMQ has no Unix domain sockets."""

from transforms.edits import InsertBefore, Patch, Replace

_NETWORK = "vllm.utils.network_utils"

PATCH = Patch(
    why=(
        "get_open_zmq_ipc_path() gives an ipc:// address on Windows, which ZeroMQ cannot bind there: the "
        'engine\'s start ends in "ZMQError: Protocol not supported"'
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="get_open_zmq_ipc_path gives a tcp:// address where sys.platform is win32",
    versions=">=0.14.1",
    edits=[
        InsertBefore(
            inside=f"{_NETWORK}.get_open_zmq_ipc_path",
            anchor="base_rpc_path = envs.VLLM_RPC_BASE_PATH",
            code="""
                if sys.platform == "win32":
                    # ZeroMQ has no Unix domain sockets there.
                    return get_tcp_uri("127.0.0.1", get_open_port())
            """,
        ),
        # 0.32 begins to listen itself. An address of ipc:// is then the user's own: say that it cannot be.
        Replace(
            inside=f"{_NETWORK}.make_zmq_listener",
            find='scheme == "ipc"',
            replace='scheme == "ipc" and hasattr(socket, "AF_UNIX")',
            count=2,
            versions=">=0.32",
        ),
    ],
)
