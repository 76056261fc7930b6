"""How vLLM starts processes, and which ones."""

from __future__ import annotations

import inspect
import multiprocessing
import os
from types import SimpleNamespace

import zmq
from watching import load, observation


@observation("cpu")
def start_method() -> str:
    """How vLLM starts processes."""
    os.environ.pop("VLLM_WORKER_MULTIPROC_METHOD", None)
    return str(load("utils.system_utils").get_mp_context().get_start_method())


@observation("cpu")
def clients() -> dict[str, str]:
    """Which client `LLM` and `AsyncLLM` get."""
    core_client = load("v1.engine.core_client")
    for name in ("InprocClient", "SyncMPClient", "AsyncMPClient"):
        setattr(core_client, name, lambda *_, name=name, **__: name)
    make = core_client.EngineCoreClient.make_client
    more = {
        "multiprocess_mode": True,
        "vllm_config": SimpleNamespace(parallel_config=SimpleNamespace(data_parallel_size=1)),
        "executor_class": None,
        "log_stats": False,
    }
    return {
        "LLM": make(asyncio_mode=False, **more),
        "AsyncLLM": make(asyncio_mode=True, **more),
    }


@observation("cpu")
def engine_that_dies() -> str:
    """What the start says of an engine's process that ends at once."""
    utils = load("v1.engine.utils")
    process = multiprocessing.get_context("spawn").Process(target=os._exit, args=(3,))
    process.start()
    manager = utils.CoreEngineProcManager.__new__(utils.CoreEngineProcManager)
    manager.processes = [process]
    known: dict[str, object] = {
        "core_engines": [SimpleNamespace(local=True, identity=b"\0\0")],
        "parallel_config": SimpleNamespace(
            data_parallel_size_local=1,
            data_parallel_hybrid_lb=False,
            data_parallel_external_lb=False,
        ),
        "coordinated_dp": False,
        "cache_config": None,
        "addresses": None,
        "proc_manager": manager,
        "coord_process": None,
        "launch": SimpleNamespace(
            engine_manager=manager, coordinator=None, watched_frontend_processes=[]
        ),
    }
    with zmq.Context().socket(zmq.ROUTER) as handshake:
        handshake.bind("inproc://handshake")
        known["handshake_socket"] = handshake
        wanted = inspect.signature(utils.wait_for_engine_startup).parameters
        try:
            utils.wait_for_engine_startup(**{name: known[name] for name in wanted})
        except RuntimeError as error:
            # Whether its exit code is known yet, only chance decides.
            return str(error).partition(" Failed")[0]
    return "nothing"
