"""Make UCM's agent in each worker, as soon as its KV connector is there."""

from transforms.edits import AddImport, InsertAfter, Patch

_MODULE = "vllm.v1.worker.gpu_worker"
_INIT = f"{_MODULE}.init_worker_distributed_environment"
_WORKER = f"{_MODULE}.Worker.initialize_from_config"
_START = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.agents.start_worker({config})
"""

PATCH = Patch(
    why="nothing in a worker makes the agent that all other points of UCM call, so that none of them does anything",
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="vLLM makes a plugin's object in each worker and calls it where these patches do",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        InsertAfter(
            inside=_INIT,
            anchor="ensure_kv_transfer_initialized(vllm_config)",
            code=_START.format(config="vllm_config"),
            versions="<0.11.1",
        ),
        # From 0.11.1 on, connectors are made with the KV cache.
        InsertAfter(
            inside=_WORKER,
            anchor="ensure_kv_transfer_initialized(self.vllm_config, kv_cache_config)",
            code=_START.format(config="self.vllm_config"),
            versions=">=0.11.1",
        ),
    ],
)
