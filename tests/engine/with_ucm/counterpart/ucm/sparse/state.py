"""The agent of a process."""

from __future__ import annotations

from typing import Any

from ucm.sparse.base import UcmSparseBase, UcmSparseRole

_agents: list[UcmSparseBase] = []


def ensure_ucm_sparse_initialized(vllm_config: Any, role: UcmSparseRole) -> None:
    """Make an agent, unless there is one."""
    if not _agents:
        _agents.append(UcmSparseBase(vllm_config, role))


def has_ucm_sparse() -> bool:
    """Tell whether there is an agent."""
    return bool(_agents)


def get_ucm_sparse() -> UcmSparseBase:
    """Give the agent."""
    return _agents[0]
