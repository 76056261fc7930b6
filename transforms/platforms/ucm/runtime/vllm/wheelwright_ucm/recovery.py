# SPDX-License-Identifier: Apache-2.0
"""Recovery from failed loads of KV blocks, as vLLM itself has it from 0.11.1 on (pull request 19330).

A connector reports blocks that it could not load. The requests that use them are computed again
from the last block that is valid; what they were given in the step is thrown away.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_logger = logging.getLogger("vllm.wheelwright_ucm")
_LOADING = "WAITING_FOR_REMOTE_KVS"


def invalid_blocks(connector: Any) -> set[int]:
    """Give the blocks that a worker's connector could not load since it was last asked.

    Args:
        connector: of vLLM's interface.
    """
    return set(connector.get_block_ids_with_load_errors())


def reported(outputs: Iterable[Any]) -> set[int]:
    """Give the blocks that any worker could not load: one that is missing on one rank is missing.

    Args:
        outputs: of each worker, whatever has `invalid_block_ids`; None for one that has nothing.
    """
    return {block for output in outputs if output for block in output.invalid_block_ids or ()}


def handle_invalid_blocks(scheduler: Any, invalid: set[int]) -> set[str]:
    """Take the requests that use invalid blocks back to their last valid block.

    Args:
        scheduler: vLLM's.
        invalid: the blocks.

    Returns:
        The running requests among them: what the step gave them is to be ignored. Those that
        still load are remembered, and are taken up again when their connector is done.
    """
    loading = (request for request in scheduler.waiting if request.status.name == _LOADING)
    failed, tokens = _truncate(scheduler, loading, invalid)
    scheduler.failed_recving_kv_req_ids |= failed
    running, more = _truncate(scheduler, scheduler.running, invalid)
    if failed or running:
        _logger.warning(
            "KV blocks could not be loaded: %d request(s) are computed again (%d tokens).",
            len(failed) + len(running),
            tokens + more,
        )
    return running


def _truncate(scheduler: Any, requests: Iterable[Any], invalid: set[int]) -> tuple[set[str], int]:
    """Set back each request's computed tokens; of requests that share a block, the first computes it."""
    taken: set[int] = set()
    affected: set[str] = set()
    tokens = 0
    for request in requests:
        blocks, loaded = _loaded_blocks(scheduler, request)
        bad = [at for at, block in enumerate(blocks) if block in invalid]
        if not bad:
            continue
        affected.add(request.request_id)
        own = next((at for at in bad if blocks[at] not in taken), None)
        taken.update(blocks[at] for at in bad)
        if own is None:
            # Others compute all of its bad blocks: what it was given in this step is what is lost.
            tokens += request.num_computed_tokens - request.num_cached_tokens
            request.num_computed_tokens = request.num_cached_tokens
        else:
            request.num_computed_tokens = own * scheduler.block_size
            tokens += loaded - request.num_computed_tokens
    return affected, tokens


def _loaded_blocks(scheduler: Any, request: Any) -> tuple[list[int], int]:
    """Give those blocks of a request that a connector may have filled, and the tokens in them."""
    groups = scheduler.kv_cache_manager.get_block_ids(request.request_id)
    if len(groups) != 1:
        raise RuntimeError(
            "a KV connector reported blocks that failed to load; with more than one group of KV "
            "caches a block's id does not say which requests use it"
        )
    blocks = groups[0]
    if request.status.name != _LOADING:
        loaded = request.num_cached_tokens
    elif request.request_id in scheduler.failed_recving_kv_req_ids:
        # Blocks have failed before; those that are left may still come.
        loaded = request.num_computed_tokens
    else:
        loaded = len(blocks) * scheduler.block_size
    return blocks[: -(-max(loaded, 0) // scheduler.block_size)], loaded


def retry(scheduler: Any, request: Any) -> None:
    """Keep what was loaded of a request whose connector is done, or free its blocks if it is nothing.

    Args:
        scheduler: vLLM's.
        request: one of its `failed_recving_kv_req_ids`.
    """
    if request.num_computed_tokens:
        scheduler.kv_cache_manager.cache_blocks(request, request.num_computed_tokens)
    else:
        scheduler.kv_cache_manager.free(request)
    scheduler.failed_recving_kv_req_ids.discard(request.request_id)


def output_counts(requests: Iterable[Any]) -> list[int]:
    """Give the tokens that each request has been given so far, for the workers to compare.

    Args:
        requests: in the order of `CachedRequestData.req_ids`.
    """
    # What async scheduling has promised counts as given.
    return [
        request.num_output_tokens + getattr(request, "num_output_placeholders", 0)
        for request in requests
    ]


def align(runner: Any, state: Any, count: int) -> None:
    """Throw away the tokens that the scheduler has thrown away.

    Args:
        runner: the model runner.
        state: its state of the request.
        count: the tokens that the scheduler has given to the request.
    """
    if count >= len(state.output_token_ids):
        return
    del state.output_token_ids[count:]
    batch = runner.input_batch
    index = batch.req_id_to_index.get(state.req_id)
    if index is not None:
        end = batch.num_prompt_tokens[index] + count
        batch.num_tokens[index] = end
        batch.num_tokens_no_spec[index] = end


def forget(connector: Any, request_ids: Iterable[str]) -> None:
    """Let UCM's connector forget what it planned for requests that are computed again.

    Args:
        connector: of vLLM's interface, or one that holds UCM's in `connector`; or None.
        request_ids: the requests.
    """
    plans = getattr(getattr(connector, "connector", connector), "requests_meta", None)
    if isinstance(plans, dict):
        for request_id in request_ids:
            plans.pop(request_id, None)
