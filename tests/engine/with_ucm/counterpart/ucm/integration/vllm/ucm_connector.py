"""UCM's connectors: the one of the seed, and one of vLLM's own interface whose loads all fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vllm.distributed.kv_transfer.kv_connector.v1.base import (
    KVConnectorBase_V1,
    KVConnectorMetadata,
    KVConnectorRole,
)

from ucm.recording import record

if TYPE_CHECKING:
    from collections.abc import Iterable

# A request with a prompt as long as this is loaded while others run; shorter ones within a step.
ASYNC_FROM = 90


class SeedConnector:
    """What the seed's `create_ucm_connector()` gives."""

    def get_num_new_matched_tokens(self, request: Any) -> int:
        """Say how many tokens of a waiting request it has."""
        record("matched", request=request.request_id)
        return request.num_prompt_tokens

    def build_connector_meta(self, output: Any) -> dict[str, list[str]]:
        """Plan a step."""
        plan = sorted(output.num_scheduled_tokens)
        record("meta", plan=plan, failed=sorted(output.ucm_failed_recving))
        return {"requests": plan}

    def failed_recving(self, request_ids: Iterable[str]) -> None:
        """Hear, in a worker, whose loads failed."""
        record("failed_recving", requests=sorted(request_ids))

    def bind_connector_metadata(self, meta: dict[str, list[str]]) -> None:
        """Hear, in a worker, what was planned."""
        record("bound", plan=meta["requests"])


def create_ucm_connector() -> SeedConnector:
    """Make a connector for this process."""
    record("created")
    return SeedConnector()


@dataclass
class Loads(KVConnectorMetadata):
    """Which blocks of which requests are loaded in a step."""

    blocks: dict[str, list[int]] = field(default_factory=dict)
    # The requests that are loaded while others run.
    apart: set[str] = field(default_factory=set)


class UCMConnector(KVConnectorBase_V1):
    """Promises all full blocks of a prompt once, and then fails to load them."""

    def __init__(self, vllm_config: Any, role: KVConnectorRole, kv_cache_config: Any) -> None:
        super().__init__(vllm_config, role, kv_cache_config)
        self._block = vllm_config.cache_config.block_size
        self._promised: dict[str, bool] = {}
        self._planned = Loads()
        self._failed: set[int] = set()
        self._done: set[str] = set()
        self.requests_meta: dict[str, list[int]] = {}

    def get_num_new_matched_tokens(
        self, request: Any, num_computed_tokens: int
    ) -> tuple[int, bool]:
        """Promise the full blocks of a prompt of several, the first time."""
        tokens = (request.num_prompt_tokens - 1) // self._block * self._block
        if request.request_id in self._promised or tokens <= num_computed_tokens:
            return 0, False
        apart = request.num_prompt_tokens >= ASYNC_FROM
        self._promised[request.request_id] = apart
        return tokens - num_computed_tokens, apart

    def update_state_after_alloc(self, request: Any, blocks: Any, num_external_tokens: int) -> None:
        """Plan the loads."""
        if num_external_tokens:
            (ids,) = blocks.get_block_ids()
            loaded = list(ids[: num_external_tokens // self._block])
            self._planned.blocks[request.request_id] = loaded
            self.requests_meta[request.request_id] = loaded
            if self._promised[request.request_id]:
                self._planned.apart.add(request.request_id)

    def build_connector_meta(self, scheduler_output: Any) -> Loads:
        """Give the worker the loads that were planned since the last step."""
        record("plans", requests=sorted(self.requests_meta))
        planned, self._planned = self._planned, Loads()
        return planned

    def start_load_kv(self, forward_context: Any, **_: Any) -> None:
        """Fail to load."""
        loads = self._get_connector_metadata()
        for request_id, blocks in loads.blocks.items():
            record("load", request=request_id, blocks=blocks)
            self._failed.update(blocks)
        self._done |= loads.apart

    def wait_for_layer_load(self, layer_name: str) -> None:
        """Nothing is ever loaded."""

    def save_kv_layer(self, *_: Any, **__: Any) -> None:
        """Nothing is ever saved."""

    def wait_for_save(self) -> None:
        """Nothing is ever saved."""

    def get_finished(self, finished_req_ids: set[str]) -> tuple[set[str] | None, set[str] | None]:
        """Say whose loads are over."""
        done, self._done = self._done, set()
        return None, done or None

    def get_block_ids_with_load_errors(self) -> set[int]:
        """Say what failed to load."""
        failed, self._failed = self._failed, set()
        if failed:
            record("invalid", blocks=sorted(failed))
        return failed
