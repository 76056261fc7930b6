"""Kernels that a rule has call something else, one for each that could compute something else."""

from __future__ import annotations

import torch
from vllm.model_executor.determinism.batch_invariant import matmul_kernel_persistent
from vllm.model_executor.layers.fused_moe.experts.gpt_oss_triton_kernels_moe import pack_bitmatrix
from vllm.model_executor.layers.quantization.utils.mxfp4_utils import downcast_to_mxfp
from vllm.models.beam.nvidia.dflash2_context_ops import store_context_kv
from vllm.models.beam.nvidia.layernorm import beam_norm_residual_norm
from vllm.v1.attention.ops.segmented_attention import run_segmented_attention

from tests.triton.numerics.cases import attention
from tests.triton.numerics.cases.packed import nibbles
from tests.triton.numerics.interpreter.outcome import Outcome, unwritten


def joined_halves() -> Outcome:
    """`tl.cat(dim=1)`: attention whose values come in two halves."""
    batch = attention.Batch(queries=(1, 3), lengths=(20, 35))
    inputs = attention.Inputs.of(batch)
    out = unwritten(inputs.query)
    ends = torch.tensor((0, *batch.queries)).cumsum(0)
    run_segmented_attention(
        inputs.query,
        out,
        inputs.keys,
        inputs.values,
        inputs.tables,
        ends.int(),
        torch.tensor(batch.lengths).int(),
        max(batch.queries),
        max(batch.lengths),
        None,
        None,
        attention.SCALE,
        config={
            "bm": 16,
            "bn": 16,
            "bk": 16,
            "splits": 2,
            "warps": 4,
            "stages": 1,
            "pv_split": True,
            "qk_pipeline": 1,
        },
    )
    return Outcome(computed=out, expected=attention.of_all(batch, inputs), tolerance=2e-6)


def persistent_product() -> Outcome:
    """`tl.range(flatten=)`: programs that take one tile of a product after the other."""
    rows, columns, inner = 40, 70, 33
    left, right, bias = torch.randn(rows, inner), torch.randn(inner, columns), torch.randn(columns)
    out = unwritten(torch.empty(rows, columns))
    programs = 2
    matmul_kernel_persistent[(programs,)](
        left,
        right,
        out,
        bias,
        rows,
        columns,
        inner,
        *left.stride(),
        *right.stride(),
        *out.stride(),
        bias.stride(0),
        BLOCK_SIZE_M=16,
        BLOCK_SIZE_N=32,
        BLOCK_SIZE_K=16,
        GROUP_SIZE_M=2,
        NUM_SMS=programs,
        A_LARGE=False,
        B_LARGE=False,
        C_LARGE=False,
        HAS_BIAS=True,
    )
    return Outcome(computed=out, expected=left @ right + bias, tolerance=2e-5)


def rotated_keys() -> Outcome:
    """`tl.gather`: keys are rotated by their position, halves of a head with each other."""
    rows, layers, heads, size, page, pages = 6, 2, 2, 24, 4, 3
    half = size // 2
    pairs = torch.randn(rows, layers, 2, heads, size)
    weight, rope = torch.rand(layers, size), torch.randn(20, size)
    positions, slots = torch.randperm(20)[:rows], torch.randperm(page * pages)[:rows]
    slots[2] = -1
    caches = torch.full((layers, pages, heads, page, 2 * size), 7.0)
    pointers = torch.tensor([cache.data_ptr() for cache in caches])
    store_context_kv(pairs, weight, positions, rope, pointers, slots, caches[0], 1e-5)
    expected = torch.full_like(caches, 7.0)
    for row in range(rows):
        if slots[row] < 0:
            continue
        where = int(slots[row]) // page, slice(None), int(slots[row]) % page
        cosine, sine = rope[positions[row]].split(half)
        for layer in range(layers):
            key, value = pairs[row, layer]
            key = key * torch.rsqrt(key.square().mean(-1, keepdim=True) + 1e-5) * weight[layer]
            one, other = key.split(half, dim=-1)
            turned = [one * cosine - other * sine, other * cosine + one * sine]
            expected[layer][where] = torch.cat([*turned, value], dim=-1)
    return Outcome(computed=caches, expected=expected, tolerance=5e-6)


def norms_after_another_kernel() -> Outcome:
    """`launch_pdl`: a kernel that could start before the one before it has ended.

    Here it does not: the interpreter has no `gdc_wait`.
    """
    rows, size, epsilon = 4, 72, 1e-5
    inputs, residual = torch.randn(rows, size), torch.randn(rows, size)
    weights = torch.rand(2, size) + 0.5
    hidden, normalised = beam_norm_residual_norm(
        inputs,
        residual,
        weights[0],
        epsilon,
        weights[1],
        epsilon,
        (0.5, 2.0),
        launch_pdl=False,
    )

    def norm(values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return values * torch.rsqrt(values.square().mean(-1, keepdim=True) + epsilon) * weight

    expected = norm(inputs, weights[0]) * 0.5 + residual * 2
    return Outcome(
        computed=torch.stack([hidden, normalised]),
        expected=torch.stack([expected, norm(expected, weights[1])]),
        tolerance=5e-6,
    )


def four_bit_numbers() -> Outcome:
    """`tl.core.sub(sanitize_overflow=)`: quantise to 4 bits, with a scale for 32 columns."""
    values = torch.randn(6, 96) * 4.0 ** torch.randint(-3, 4, (6, 1))
    values = values.half()
    packed, scales, _ = downcast_to_mxfp(values, axis=-1, BLOCK_OUT_DIM=4)
    groups = values.float().unflatten(-1, (-1, 32))
    largest = groups.abs().amax(dim=-1)
    # The exponent after rounding to 2 bits of mantissa, and 2 for the type's own largest, 6.
    rounded = (largest.view(torch.int32) + 0x200000) & 0x7F800000
    exponents = rounded.view(torch.float32).log2() - 2
    scaled = groups / exponents.exp2()[..., None]
    numbers = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6])
    distances = (scaled.abs()[..., None] - numbers).abs()
    # Of two as near it is the one with an even code.
    nearest = (distances * 2 + torch.tensor([0, 1e-9, 0, 1e-9, 0, 1e-9, 0, 1e-9])).argmin(-1)
    codes = torch.where(scaled.signbit(), nearest + 8, nearest).flatten(-2)
    return Outcome(
        computed=torch.cat([nibbles(packed), scales.long()], dim=1),
        expected=torch.cat([codes, exponents.long() + 127], dim=1),
    )


def bit_matrix() -> Outcome:
    """`tl.reduce_or`: which experts a token has chosen, a bit for each."""
    tokens, top_k, experts = 9, 4, 64
    chosen = torch.stack([torch.randperm(experts)[:top_k] for _ in range(tokens)]).short()
    chosen[3, 1:] = -1
    columns = experts // 32
    computed = torch.full((tokens, columns), -1, dtype=torch.int32)
    pack_bitmatrix[(2,)](computed, chosen, tokens, columns, top_k, BLOCK_SIZE_M=8, BLOCK_SIZE_K=32)
    expected = torch.zeros(tokens, columns, dtype=torch.int64)
    for token, some in enumerate(chosen.tolist()):
        for expert in some:
            if expert >= 0:
                expected[token, expert // 32] |= 1 << expert % 32
    return Outcome(computed=computed.long() & 0xFFFFFFFF, expected=expected)


CASES = {
    case.__name__: case
    for case in (
        joined_halves,
        persistent_product,
        rotated_keys,
        norms_after_another_kernel,
        four_bit_numbers,
        bit_matrix,
    )
}
