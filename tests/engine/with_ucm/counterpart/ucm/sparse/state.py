"""The agent of a process.

`UCM_STAND_IN_METHOD` chooses it: `turned` for the method of that name, else the one that leaves
all as it is.
"""

from __future__ import annotations

import os
from typing import Any

from ucm.sparse.base import UcmSparseBase, UcmSparseRole
from ucm.sparse.turned import Turned

_agents: list[UcmSparseBase] = []


def ensure_ucm_sparse_initialized(vllm_config: Any, role: UcmSparseRole) -> None:
    """Make an agent, unless there is one."""
    if not _agents:
        method = Turned if os.environ.get("UCM_STAND_IN_METHOD") == "turned" else UcmSparseBase
        _agents.append(method(vllm_config, role))


def has_ucm_sparse() -> bool:
    """Tell whether there is an agent."""
    return bool(_agents)


def get_ucm_sparse() -> UcmSparseBase:
    """Give the agent."""
    return _agents[0]
