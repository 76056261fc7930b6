# SPDX-License-Identifier: Apache-2.0
"""The agent of this process: what UCM calls its object of a sparse method. There is one at most."""

from __future__ import annotations

import importlib
from typing import Any

# What UCM's methods say of a request that they leave alone.
INVALID_SLOT = -1
# Points that stand in code which torch.compile traces once, before there is an agent.
_TRACED = ("layer_begin", "layer_finished", "ffn_begin", "ffn_finished")

current: Any = None


def start_scheduler(vllm_config: Any) -> Any:
    """Make the scheduler's agent where the configuration names a sparse method.

    Args:
        vllm_config: vLLM's configuration; UCM reads `kv_connector_extra_config` of its connector.

    Returns:
        The agent, or None where no method is named.
    """
    return _start(vllm_config, "SCHEDULER")


def start_worker(vllm_config: Any) -> None:
    """Make a worker's agent where the configuration names a sparse method.

    Args:
        vllm_config: vLLM's configuration.

    Raises:
        RuntimeError: the worker runs in a way in which points of UCM would never be called.
    """
    agent = _start(vllm_config, "WORKER")
    if agent is None:
        return
    envs = importlib.import_module("vllm.envs")
    by_environment = getattr(envs, "VLLM_USE_V2_MODEL_RUNNER", False)
    if getattr(vllm_config, "use_v2_model_runner", by_environment):
        raise RuntimeError(
            "UCM's sparse attention has no points in model runner V2: set "
            "VLLM_USE_V2_MODEL_RUNNER=0, or unset ENABLE_SPARSE"
        )
    if vllm_config.model_config.enforce_eager:
        return
    name = type(agent).__name__
    if _acts_in_layers(agent):
        raise RuntimeError(
            f"{name} acts between layers, where compiled models do not call it: "
            "set enforce_eager, or unset ENABLE_SPARSE"
        )
    if _has_full_graphs(vllm_config.compilation_config):
        raise RuntimeError(
            f"{name} acts at each attention, which full CUDA graphs replay without it: "
            "set enforce_eager or cudagraph_mode PIECEWISE, or unset ENABLE_SPARSE"
        )


def _start(vllm_config: Any, role: str) -> Any:
    global current  # one agent for each process, as UCM has it
    state = importlib.import_module("ucm.sparse.state")
    roles = importlib.import_module("ucm.sparse.base").UcmSparseRole
    state.ensure_ucm_sparse_initialized(vllm_config, role=getattr(roles, role))
    current = state.get_ucm_sparse() if state.has_ucm_sparse() else None
    return current


def _acts_in_layers(agent: Any) -> bool:
    base = importlib.import_module("ucm.sparse.base").UcmSparseBase
    return any(getattr(type(agent), name) is not getattr(base, name) for name in _TRACED)


def _has_full_graphs(compilation: Any) -> bool:
    mode = getattr(compilation, "cudagraph_mode", None)
    if mode is None:
        # As it was asked for until 0.10.0.
        return bool(getattr(compilation, "full_cuda_graph", False))
    return bool(mode.has_full_cudagraphs())
