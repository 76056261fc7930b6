"""The base of sparse methods, as UCM has it: what vLLM may call, each time recorded."""

from __future__ import annotations

import enum
from typing import Any

from ucm.recording import record

INVALID_SLOT = -1


class UcmSparseRole(enum.Enum):
    """Which process an agent is in."""

    SCHEDULER = 0
    WORKER = 1


class UcmSparseBase:
    """A sparse method that leaves every request and every tensor as it is."""

    def __init__(self, vllm_config: Any, role: UcmSparseRole) -> None:
        self._role = role
        record("agent", role=role.name)

    def request_begin(self, request_id: str, prompt_token_ids: list[int]) -> None:
        """A request has come."""
        record("request_begin", request=request_id)

    def request_finished_in_scheduler(self, request_id: str) -> None:
        """A request has gone."""
        record("request_finished_in_scheduler", request=request_id)

    def estimate_num_slots_sparsed(self, request: Any) -> int:
        """Say how many slots a request keeps: all."""
        record("estimate", request=request.request_id)
        return INVALID_SLOT

    def update_states(self, scheduler_output: Any) -> None:
        """A worker begins a step."""
        record("update_states")

    def build_sparse_meta(
        self, scheduler_output: Any, requests: Any, input_batch: Any, attn_metadata: Any
    ) -> None:
        """A worker has prepared its inputs."""
        record("sparse_meta")

    def execute_begin(self, scheduler_output: Any) -> None:
        """A worker is about to run the model."""
        record(
            "execute_begin",
            slots=scheduler_output.req_sparsed_slots,
            external=scheduler_output.num_external_computed_tokens_per_req,
            plan=scheduler_output.ucm_connector_meta,
            failed=sorted(scheduler_output.ucm_failed_recving),
        )

    def execute_finished(self, logits_indices: Any) -> Any:
        """A worker has run the model."""
        record("execute_finished")
        return logits_indices

    def request_finished_in_worker(self, request_id: str) -> None:
        """A request is gone from a worker."""
        record("request_finished_in_worker", request=request_id)

    def attention_begin(
        self, query: Any, key: Any, value: Any, layer_name: str, context: Any, output: Any, *_: Any
    ) -> tuple[Any, Any, Any, Any]:
        """A layer's attention begins."""
        record("attention_begin", layer=layer_name)
        return query, key, value, output

    def attention_finished(
        self, query: Any, key: Any, value: Any, attn_output: Any, layer_name: str, *_: Any
    ) -> None:
        """A layer's attention is done."""
        record("attention_finished", layer=layer_name)

    def layer_begin(self, positions: Any, hidden_states: Any, residual: Any) -> Any:
        """A decoder layer begins."""
        return positions, hidden_states, residual

    def layer_finished(self, positions: Any, hidden_states: Any, residual: Any) -> Any:
        """A decoder layer is done."""
        return positions, hidden_states, residual

    def ffn_begin(self, hidden_states: Any, residual: Any) -> Any:
        """A layer's feed-forward network begins."""
        return hidden_states, residual

    def ffn_finished(self, hidden_states: Any, residual: Any) -> Any:
        """A layer's feed-forward network is done."""
        return hidden_states, residual
