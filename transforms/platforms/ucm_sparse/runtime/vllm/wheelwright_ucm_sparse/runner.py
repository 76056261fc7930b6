# SPDX-License-Identifier: Apache-2.0
"""What the model runner tells the agent of each step."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import agents

if TYPE_CHECKING:
    from collections.abc import Iterator


def update_states(scheduler_output: Any) -> None:
    """Tell the agent of a step, and of the requests that are finished.

    Args:
        scheduler_output: the step.
    """
    if agents.current is None:
        return
    agents.current.update_states(scheduler_output)
    for request_id in scheduler_output.finished_req_ids:
        agents.current.request_finished_in_worker(request_id)


def is_sparse(scheduler_output: Any, request_id: str) -> bool:
    """Tell whether a request's blocks of this step are all that it has.

    Args:
        scheduler_output: the step.
        request_id: the request.
    """
    return _slots(scheduler_output, request_id) is not None


def _slots(scheduler_output: Any, request_id: str) -> int | None:
    slots: int = (scheduler_output.req_sparsed_slots or {}).get(request_id, agents.INVALID_SLOT)
    return None if slots == agents.INVALID_SLOT else slots


def _sparse_rows(scheduler_output: Any, input_batch: Any) -> Iterator[tuple[int, int]]:
    if not scheduler_output.req_sparsed_slots:
        return
    for request_id, row in input_batch.req_id_to_index.items():
        if (slots := _slots(scheduler_output, request_id)) is not None:
            yield row, slots


def slot_positions(scheduler_output: Any, input_batch: Any, positions: Any, ends: Any) -> Any:
    """Give the positions that the tokens' slots are computed from.

    Those of a sparse request are the last ones of its fewer slots. The positions that the model sees
    stay as they are.

    Args:
        scheduler_output: the step.
        input_batch: the model runner's batch.
        positions: of each token, as an array or a tensor.
        ends: for each request the number of tokens up to its last.
    """
    rows = list(_sparse_rows(scheduler_output, input_batch))
    if not rows:
        return positions
    positions = positions.copy() if hasattr(positions, "copy") else positions.clone()
    for row, slots in rows:
        end = int(ends[row])
        begin = int(ends[row - 1]) if row else 0
        for place in range(begin, end):
            positions[place] = slots - (end - place)
    return positions


def shorten(scheduler_output: Any, input_batch: Any, seq_lens: Any) -> None:
    """Write the number of slots of each sparse request over its length.

    Args:
        scheduler_output: the step.
        input_batch: the model runner's batch.
        seq_lens: of each request, as an array or a tensor.
    """
    for row, slots in _sparse_rows(scheduler_output, input_batch):
        seq_lens[row] = slots


def build_meta(runner: Any, scheduler_output: Any, attn_metadata: Any) -> None:
    """Let the agent prepare a step, as soon as the attention's metadata are there.

    Args:
        runner: the model runner.
        scheduler_output: the step.
        attn_metadata: of all layers.
    """
    if agents.current is not None:
        agents.current.build_sparse_meta(
            scheduler_output, runner.requests, runner.input_batch, attn_metadata
        )


def execute_begins(runner: Any, scheduler_output: Any) -> None:
    """Tell the agent that the model is about to run.

    Args:
        runner: the model runner.
        scheduler_output: the step.
    """
    if agents.current is None:
        return
    transfer = importlib.import_module("vllm.distributed.kv_transfer")
    if transfer.has_kv_transfer_group():
        setup_model = getattr(transfer.get_kv_transfer_group(), "setup_model", None)
        if callable(setup_model):
            setup_model(runner.model)
    agents.current.execute_begin(scheduler_output)


def execute_finished(logits_indices: Any) -> Any:
    """Tell the agent that the model has run.

    Args:
        logits_indices: the tokens that the next ones are sampled from.

    Returns:
        The same, or others where the agent has left tokens out.
    """
    return (
        logits_indices
        if agents.current is None
        else agents.current.execute_finished(logits_indices)
    )
