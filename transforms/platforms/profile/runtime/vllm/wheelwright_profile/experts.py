# SPDX-License-Identifier: Apache-2.0
"""Which experts the tokens of a step were routed to, layer by layer.

Differences are recorded at the end of a step in `VLLM_PROFILING_LOG_INTERVAL`, of one that ends
half a second after the last time, and of one without tokens; on a CPU also whenever the process
writes and no step is on.

What is counted:

- the ids that the router hands to the experts' kernels: global ones, also with expert parallelism;
  with EPLB the physical ones, replicas apart. A -1 is no expert, and experts that are fused in
  behind the routed ones (shared ones) are left out.
- rows between `begin_step` and `end_step`, without padding; so no dummy run, no warm-up, no draft
  model.
- every rank for itself: ranks of a tensor-parallel group route the same tokens, and each counts
  them.

What is not:

- code that torch.compile traces. On a GPU layers are behind the operator
  `torch.ops.vllm.moe_forward`, which it does not look into; on a CPU they are traced, unless
  enforce_eager is set.
- kernels that route by themselves ("monolithic" ones).
- layers whose rows are not the step's own, because ranks or micro-batches share them; said once on
  the log.
"""

from __future__ import annotations

import re
import sys
import threading
import weakref
from typing import TYPE_CHECKING

from . import device, recording
from .expert_counters import SAMPLED, Counters, Moment

if TYPE_CHECKING:
    from torch import Tensor

SECONDS = 0.5  # between copies of the counters
# Tables of pairs that are larger than this in all layers together are copied once a minute only.
SMALL = 100_000
PAIR_SECONDS = 60
MASKED = 8192  # rows, at least: most engines need one mask then
_NS = 1_000_000_000

# The counters of each of vLLM's objects, by its id.
_layers: dict[int, Counters] = {}
_left_out: weakref.WeakSet[object] = weakref.WeakSet()  # those that cannot be counted
# On a device: 0 for rows of the step, -1 for padding. Captured graphs hold on to all of them.
_masks: list[Tensor] = []
_valid = 0  # rows of the step that is on; 0 between steps
_tokens = 0  # of all steps so far
_begun = 0  # steps so far
_last = -1  # the step that was on last
_sampling = False
_asked = 0
_asked_pairs = 0
_idle_since = 0  # how many steps had begun when all was recorded last
_recording = threading.Lock()  # held by who records differences


@recording.point("experts.selected")
def selected(layer: object, weights: Tensor, ids: Tensor) -> None:
    """Count the experts that were selected for a batch.

    Args:
        layer: vLLM's object of the layer.
        weights: `[tokens, k]`.
        ids: `[tokens, k]`, of any integer type.
    """
    counters = _layers.get(id(layer))
    if counters is None or counters.owner() is not layer:
        counters = None if layer in _left_out else _begin(layer, ids)
        if counters is None:
            return
    ids = _signed(ids)
    if not counters.on_device:
        if _valid:
            counters.add(ids[:_valid])
            if _sampling:
                counters.sample(weights[:_valid], ids[:_valid])
        return
    mask = _mask(ids)
    if mask is None:
        return
    ids = ids | mask
    counters.add(ids)
    # A graph that is replayed in a step that is sampled must have been captured with it.
    if _sampling or device.capturing():
        counters.sample(weights, ids)


def begin_step(num_tokens: int) -> None:
    """Begin to count: what is selected from here on belongs to `recording.step`.

    Args:
        num_tokens: the rows that are tokens; those behind them are padding. Of a step without any,
            0.
    """
    global _valid, _tokens, _begun, _last, _sampling
    try:
        _begun += 1
        _last, _valid = recording.step, num_tokens
        _tokens += num_tokens
        _sampling = num_tokens > 0 and recording.sampled()
        for mask in _masks:
            mask.fill_(-1)[:num_tokens].fill_(0)
        if not num_tokens:
            _ask()
    except Exception as error:  # noqa: BLE001 - the engine goes on
        recording.trouble("experts: a step could not begin", error)


def end_step() -> None:
    """End what `begin_step` began, when the forward pass was launched."""
    global _valid, _sampling
    try:
        for mask in _masks:
            mask.fill_(-1)
        if _layers and (_sampling or recording.clock() - _asked > SECONDS * _NS):
            _ask(samples=min(_valid, SAMPLED) if _sampling else 0)
    except Exception as error:  # noqa: BLE001 - the engine goes on
        recording.trouble("experts: a step could not end", error)
    finally:
        _valid, _sampling = 0, False


def _ask(*, samples: int = 0, last: bool = False) -> None:
    """Have the differences of every layer recorded, by the engine's thread."""
    global _asked, _asked_pairs
    if not _layers or not _recording.acquire(blocking=False):
        return  # nothing is lost: the next time sees to it
    try:
        _asked = recording.clock()
        cells = sum(counters.width**2 for counters in _layers.values())
        pairs = last or cells <= SMALL or _asked - _asked_pairs > PAIR_SECONDS * _NS
        if pairs:
            _asked_pairs = _asked
        for counters in _layers.values():
            counters.ask(_now(), pairs=pairs, samples=samples)
    finally:
        _recording.release()


def _now() -> Moment:
    return Moment(recording.now(), _last, _tokens)


def _begin(layer: object, ids: Tensor) -> Counters | None:
    """Make the counters of a layer; None where it cannot be counted, which is said on the log."""
    if device.capturing():
        recording.trouble("experts: a layer is first seen in a capture; its graphs do not count")
        return None
    for key in [key for key, counters in _layers.items() if counters.owner() is None]:
        del _layers[key]  # of an engine that is gone
    config = getattr(layer, "moe_config", None)
    experts = getattr(config, "num_experts", 0)
    reason = _rows_of_others(layer, config) if experts else "it does not say how many it has"
    if reason:
        recording.trouble(f"experts: {type(layer).__name__} is not counted: {reason}")
        _left_out.add(layer)
        return None
    name = str(getattr(layer, "layer_name", type(layer).__name__))
    number = re.search(r"(?:^|\.)(\d+)(?:\.|$)", name)
    counters = Counters(
        layer,
        index=int(number[1]) if number else len(_layers),
        name=name,
        experts=experts,
        top_k=getattr(config, "experts_per_token", ids.shape[1]),
        like=ids,
        # The step that is on, if one is, is the first that the layer counts.
        since=Moment(0, _last - 1, _tokens - _valid) if _valid else _now(),
    )
    _layers[id(layer)] = counters
    return counters


def _rows_of_others(layer: object, config: object) -> str:
    """Say why a layer's rows are not the step's own; an empty text where they are."""
    if getattr(config, "is_sequence_parallel", False):
        return "the ranks of a tensor-parallel group share the rows (sequence parallelism)"
    if getattr(config, "pcp_size", 1) > 1:
        return "the ranks of a context-parallel group put their rows together"
    if getattr(layer, "use_dp_chunking", False):
        return "data-parallel ranks cut the rows in chunks"
    method = getattr(layer, "_quant_method", None) or getattr(layer, "quant_method", None)
    if getattr(config, "dp_size", 1) > 1 and not getattr(method, "supports_internal_mk", False):
        return "data-parallel ranks put their rows together"
    return ""


def _signed(ids: Tensor) -> Tensor:
    """Give ids of a type that can be counted with."""
    torch = sys.modules["torch"]
    if ids.dtype in {torch.int32, torch.int64}:
        return ids
    return ids.view(torch.int32) if ids.dtype == torch.uint32 else ids.to(torch.int64)


def _mask(ids: Tensor) -> Tensor | None:
    """Give the mask of as many rows; None where they cannot be counted, which is said."""
    batching = sys.modules.get("vllm.v1.worker.ubatching")
    if batching is not None and batching.dbo_enabled():
        recording.trouble("experts: micro-batches (DBO) are not counted")
        return None
    rows = ids.shape[0]
    for mask in _masks:
        if mask.shape[0] >= rows:
            return mask[:rows]
    if device.capturing():
        recording.trouble("experts: a graph for more rows than any batch before does not count")
        return None
    torch = sys.modules["torch"]
    size = max(MASKED, 1 << (rows - 1).bit_length())
    with torch.inference_mode(mode=False):
        mask = torch.full((size, 1), -1, dtype=torch.int32, device=ids.device)
    mask[:_valid].fill_(0)
    _masks.append(mask)
    return mask[:rows]


def _before_flush() -> None:
    # Not for long: the engine's thread may hold it, and wait for the flush that this is a part of.
    if not _recording.acquire(timeout=0.1):
        return
    try:
        _read_while_idle()
        for counters in list(_layers.values()):
            counters.record_pairs()
    finally:
        _recording.release()


def _read_while_idle() -> None:
    """Record the differences unless a step is on or begins meanwhile; on a CPU any thread can."""
    global _idle_since
    begun, now = _begun, _now()
    layers = list(_layers.values())
    if _valid or begun == _idle_since or any(counters.on_device for counters in layers):
        return
    found = [counters.read() for counters in layers]
    if begun != _begun:
        return  # the next flush will see to it
    for counters, (counts, pairs) in zip(layers, found, strict=True):
        counters.record(counts, now)
        if pairs is not None:
            counters.take_pairs(pairs, now)
    _idle_since = begun


def _before_finish() -> None:
    # Pairs that wait for the writing thread would keep the last ones away.
    with _recording:
        for counters in _layers.values():
            counters.record_pairs()
    _ask(last=True)


def _forget() -> None:
    """Leave what is counted to the process that this one was forked from."""
    _layers.clear()
    _masks.clear()


device.before_finish(_before_finish)
recording.on_flush(_before_flush)
recording.on_fork(_forget)
