# SPDX-License-Identifier: Apache-2.0
"""What the scheduler and its KV cache ask the agent."""

from __future__ import annotations

from typing import Any

from . import agents


def estimate(request: Any, sparsed_slots: dict[str, int]) -> int | None:
    """Ask how many slots a request needs, and note it for the workers.

    Args:
        request: a request that the scheduler is about to give slots.
        sparsed_slots: the step's answers, by request.

    Returns:
        The number, or None where the request gets its slots as usual.
    """
    slots = agents.current.estimate_num_slots_sparsed(request)
    sparsed_slots[request.request_id] = slots
    return None if slots == agents.INVALID_SLOT else slots


def allocate_slots(manager: Any, request: Any, num_slots_sparsed: int) -> Any:
    """Let the agent give a sparse request its blocks.

    Args:
        manager: vLLM's `KVCacheManager`.
        request: the request.
        num_slots_sparsed: what `estimate` said.

    Returns:
        All blocks of the request, or None where too few are free.
    """
    return agents.current.allocate_slots(manager, request, num_slots_sparsed)
