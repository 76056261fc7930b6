"""Kernels with expressions that a rule writes otherwise, one for each that could change numbers."""

from __future__ import annotations

import torch
from vllm.model_executor.layers.fused_moe.moe_fused_mul_sum import moe_fused_mul_sum
from vllm.models.inkling.nvidia.ops.silu_and_mul import _silu_and_mul_triton_kernel
from vllm.v1.attention.ops.triton_turboquant_decode import _tq_full_dequant_kv
from vllm.v1.sample.rejection_sampler import rejection_greedy_sample_kernel

from tests.triton.numerics.cases.packed import nibbles
from tests.triton.numerics.interpreter.outcome import Outcome, unwritten


def half_numbers_of_bytes() -> Outcome:
    """Bits of float16 put together from bytes: keys and values that are stored in 4 bits each."""
    heads, blocks, block, length, size = 2, 3, 4, 10, 32
    half = size // 2
    centroids = torch.randn(16)
    slot = 2 * (half + 4)
    cache = torch.randint(256, (blocks, block, heads, slot), dtype=torch.uint8)
    scalars = torch.randn(blocks, block, heads, 3).half()
    # A key's norm; a value's scale and zero.
    cache[..., half : half + 2] = scalars[..., :1].contiguous().view(torch.uint8)
    values_at = half + 2
    scales_at = values_at + half
    cache[..., scales_at : scales_at + 4] = scalars[..., 1:].contiguous().view(torch.uint8)
    table = torch.randperm(blocks)[None].int()
    keys, values = (torch.full((1, heads, length, size), torch.nan).half() for _ in range(2))
    _tq_full_dequant_kv[(length, heads)](
        cache,
        table,
        centroids,
        keys,
        values,
        *keys.stride()[:3],
        *values.stride()[:3],
        *cache.stride()[:3],
        table.stride(0),
        HEAD_DIM=size,
        BLOCK_SIZE=block,
        NUM_KV_HEADS=heads,
        MSE_BYTES=half,
        KPS=values_at,
        VQB=4,
        VAL_DATA_BYTES=half,
        MSE_BITS=4,
        KEY_FP8=0,
        BLOCK_D=size,
    )
    rows = cache[table[0].long()].flatten(0, 1)[:length].transpose(0, 1)
    numbers = scalars[table[0].long()].flatten(0, 1)[:length].transpose(0, 1).float()
    norm, scale, zero = numbers.unbind(-1)
    expected_keys = centroids[nibbles(rows[..., :half])] * norm[..., None]
    expected_values = nibbles(rows[..., values_at:scales_at]) * scale[..., None] + zero[..., None]
    return Outcome(
        computed=torch.stack([keys[0], values[0]]),
        expected=torch.stack([expected_keys.half(), expected_values.half()]),
    )


def greedy_rejection() -> Outcome:
    """`not` of a loaded bool: take a draft's tokens as long as they are the target's."""
    return rejection()


def synthetic_rejection() -> Outcome:
    """`not` of a computed one: take a draft's tokens at a given rate."""
    return rejection(rates=torch.tensor([0.7, 0.5, 0.6]))


def rejection(rates: torch.Tensor | None = None) -> Outcome:
    """Verify the tokens of a batch of drafts, where sampling is greedy."""
    requests, most = 24, 3
    lengths = torch.randint(most + 1, (requests,))
    ends = lengths.cumsum(0)
    draft = torch.randint(3, (int(ends[-1]),), dtype=torch.int32)
    target = torch.randint(3, (int(ends[-1]),))
    bonus = torch.randint(100, 200, (requests, 1))
    greedy = torch.rand(requests) < 0.7
    chances = torch.rand(int(ends[-1]))
    computed = torch.full((requests, most + 1), -1, dtype=torch.int32)
    rejection_greedy_sample_kernel[(requests,)](
        computed,
        ends.int(),
        draft,
        target,
        bonus,
        greedy,
        most,
        chances,
        rates,
        SYNTHETIC_MODE=rates is not None,
    )
    expected = torch.full_like(computed, -1)
    for request in greedy.nonzero().flatten().tolist():
        start, end = int(ends[request] - lengths[request]), int(ends[request])
        for position, token in enumerate(range(start, end)):
            same = draft[token] == target[token]
            accepted = same if rates is None else chances[token] < rates[position]
            expected[request, position] = (draft if accepted else target)[token]
            if not accepted:
                break
        else:
            expected[request, end - start] = bonus[request]
    return Outcome(computed=computed, expected=expected)


def sum_of_experts() -> Outcome:
    """A condition on constants and numbers: what the experts of a token say, summed."""
    return moe_sum(valid=None)


def sum_of_some_rows() -> Outcome:
    """The same where the constant holds: rows past the last one stay as they are."""
    return moe_sum(valid=4)


def moe_sum(valid: int | None) -> Outcome:
    """Sum what experts say, weighted, of those that are here."""
    tokens, top_k, size = 7, 3, 200
    said, weights = torch.randn(tokens, top_k, size), torch.rand(tokens, top_k)
    chosen = torch.randint(-1, 4, (tokens, top_k), dtype=torch.int32)
    chosen[:, 0] = 0
    here = torch.tensor([0, -1, 1, 2], dtype=torch.int32)
    out = torch.full((tokens, size), 7.0)
    moe_fused_mul_sum(
        said,
        weights,
        out,
        chosen,
        here,
        None if valid is None else torch.tensor([valid], dtype=torch.int32),
    )
    taken = (chosen >= 0) & (here[chosen.clamp(min=0).long()] >= 0)
    expected = (said * (weights * taken)[..., None]).sum(1)
    if valid is not None:
        expected[valid:] = 7.0
    return Outcome(computed=out, expected=expected, tolerance=1e-6)


def gated_units() -> Outcome:
    """A constant, or a condition on numbers: SwiGLU whose last block is not full."""
    tokens, size = 5, 40
    gates = torch.randn(tokens, size, 2)
    out = unwritten(torch.empty(tokens, size))
    _silu_and_mul_triton_kernel[(2,)](
        gateup_out_ptr=gates,
        down_inp_ptr=out,
        M=tokens,
        N=size,
        GRID_SIZE=2,
        NUM_STAGES=1,
        BLOCK_SIZE_M=2,
        BLOCK_SIZE_N=16,
        EVEN_N=False,
        INT64_INDEX=False,
    )
    expected = torch.nn.functional.silu(gates[..., 0]) * gates[..., 1]
    return Outcome(computed=out, expected=expected, tolerance=1e-6)


CASES = {
    case.__name__: case
    for case in (
        half_numbers_of_bytes,
        greedy_rejection,
        synthetic_rejection,
        sum_of_experts,
        sum_of_some_rows,
        gated_units,
    )
}
