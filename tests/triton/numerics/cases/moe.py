"""Tokens through their experts: `fused_moe_kernel` by its launcher, against a loop over tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import triton.language as tl
from vllm.model_executor.layers.fused_moe.fused_moe import (
    invoke_fused_moe_triton_kernel,
    invoke_fused_moe_wna16_triton_kernel,
)

from tests.triton.numerics.cases.packed import nibbles
from tests.triton.numerics.interpreter.outcome import Outcome, unwritten

TOKENS, EXPERTS, TOP_K = 7, 4, 2
OUT, IN = 48, 40
"""Neither is a multiple of the blocks."""
BLOCK = 16
CONFIG = {"BLOCK_SIZE_M": BLOCK, "BLOCK_SIZE_N": 32, "GROUP_SIZE_M": 2}
GROUP = 16
"""How many columns, and rows, share a scale."""
FLOAT8 = torch.float8_e4m3fn


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Which tokens go to which experts, for each block of the kernel's."""

    experts: torch.Tensor
    weights: torch.Tensor
    tokens: torch.Tensor | None
    blocks: torch.Tensor
    padded: torch.Tensor

    @classmethod
    def draw(cls, *, naive: bool) -> Routing:
        """Draw it, and sort it by experts, as vLLM's compiled `moe_align_block_size` does."""
        chosen = torch.rand(TOKENS, EXPERTS).topk(TOP_K)
        experts = chosen.indices
        weights = chosen.values.softmax(dim=-1)
        if naive:
            flat = experts.flatten().int()
            padded = torch.tensor([len(flat) * BLOCK], dtype=torch.int32)
            return cls(experts=experts, weights=weights, tokens=None, blocks=flat, padded=padded)
        tokens, blocks = [], []
        for expert in range(EXPERTS):
            own = (experts.flatten() == expert).nonzero().flatten()
            own = torch.nn.functional.pad(own, (0, -len(own) % BLOCK), value=TOKENS * TOP_K)
            tokens.append(own)
            blocks += [expert] * (len(own) // BLOCK)
        return cls(
            experts=experts,
            weights=weights,
            tokens=torch.cat(tokens).int(),
            blocks=torch.tensor(blocks, dtype=torch.int32),
            padded=torch.tensor([len(blocks) * BLOCK], dtype=torch.int32),
        )


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What is asked of the launcher: numbers as stored, and what they stand for."""

    inputs: torch.Tensor
    experts: torch.Tensor
    options: dict[str, Any] = field(default_factory=dict)
    plain_inputs: torch.Tensor
    plain_experts: torch.Tensor
    bias: torch.Tensor | None = None
    columns: int = 16
    """How many of the inputs' are multiplied at once."""

    @classmethod
    def plain(cls, dtype: torch.dtype, *, bias: bool = False) -> Layer:
        """Draw one without quantisation."""
        inputs, experts = torch.randn(TOKENS, IN).to(dtype), torch.randn(EXPERTS, OUT, IN).to(dtype)
        biases = torch.randn(EXPERTS, OUT) if bias else None
        return cls(
            inputs=inputs,
            experts=experts,
            options={"B_bias": biases},
            plain_inputs=inputs.float(),
            plain_experts=experts.float(),
            bias=biases,
        )

    @classmethod
    def float8(cls) -> Layer:
        """Draw one whose blocks have scales."""
        inputs = (torch.randn(TOKENS, IN) * 4).to(FLOAT8)
        experts = (torch.randn(EXPERTS, OUT, IN) * 4).to(FLOAT8)
        input_scales = torch.rand(TOKENS, -(-IN // GROUP)) + 0.5
        expert_scales = torch.rand(EXPERTS, OUT // GROUP, -(-IN // GROUP)) + 0.5
        rows = expert_scales.repeat_interleave(GROUP, 1)
        return cls(
            inputs=inputs,
            experts=experts,
            options={
                "A_scale": input_scales,
                "B_scale": expert_scales,
                "use_fp8_w8a8": True,
                "block_shape": [GROUP, GROUP],
            },
            plain_inputs=inputs.float() * input_scales.repeat_interleave(GROUP, 1)[:, :IN],
            plain_experts=experts.float() * rows.repeat_interleave(GROUP, 2)[:, :, :IN],
        )

    @classmethod
    def int8(cls) -> Layer:
        """Draw one whose tokens and output channels have scales."""
        inputs = torch.randint(-128, 128, (TOKENS, IN), dtype=torch.int8)
        experts = torch.randint(-128, 128, (EXPERTS, OUT, IN), dtype=torch.int8)
        input_scales = (torch.rand(TOKENS, 1) + 0.5) / 128
        expert_scales = (torch.rand(EXPERTS, OUT, 1) + 0.5) / 128
        return cls(
            inputs=inputs,
            experts=experts,
            options={
                "A_scale": input_scales,
                "B_scale": expert_scales,
                "use_int8_w8a8": True,
                "per_channel_quant": True,
            },
            columns=32,  # old Tritons take no fewer whole numbers
            plain_inputs=inputs.float() * input_scales,
            plain_experts=experts.float() * expert_scales,
        )


def run(
    make: partial[Layer],
    *,
    weighted: bool = False,
    naive: bool = False,
    absent: int | None = None,
    tolerance: float = 1e-5,
) -> Outcome:
    """Launch a layer, and compute it.

    Args:
        make: draws the layer.
        weighted: whether outputs are multiplied by the routers' weights.
        naive: whether every token has a block of its own.
        absent: an expert that another rank has.
        tolerance: for what is rounded.
    """
    layer, routing = make(), Routing.draw(naive=naive)
    blocks = routing.blocks
    dtype = layer.inputs.dtype if layer.inputs.dtype == torch.float16 else torch.float32
    out = unwritten(torch.empty(TOKENS, TOP_K, OUT, dtype=dtype))
    arguments = {
        "A": layer.inputs,
        "B": layer.experts,
        "C": out,
        "A_scale": None,
        "B_scale": None,
        "topk_weights": routing.weights,
        "sorted_token_ids": routing.tokens,
        "expert_ids": blocks if absent is None else blocks.where(blocks != absent, -1),
        "num_tokens_post_padded": routing.padded,
        "mul_routed_weight": weighted,
        "top_k": TOP_K,
        "config": {**CONFIG, "BLOCK_SIZE_K": layer.columns},
        "compute_type": tl.float16 if dtype == torch.float16 else tl.float32,
        "use_fp8_w8a8": False,
        "use_int8_w8a8": False,
        "use_int8_w8a16": False,
        "use_int4_w4a16": False,
        "per_channel_quant": False,
        **layer.options,
    }
    invoke_fused_moe_triton_kernel(**arguments)
    weights = layer.plain_experts.clone()
    biases = torch.zeros(EXPERTS, OUT) if layer.bias is None else layer.bias.clone()
    if absent is not None:
        weights[absent] = biases[absent] = 0
    expected = through_experts(layer.plain_inputs, weights, routing, biases)
    if weighted:
        expected *= routing.weights[..., None]
    return Outcome(computed=out, expected=expected, tolerance=tolerance)


def through_experts(
    inputs: torch.Tensor, experts: torch.Tensor, routing: Routing, biases: torch.Tensor
) -> torch.Tensor:
    """Multiply every token with the experts that it has chosen, one by one."""
    return torch.stack(
        [
            torch.stack([experts[expert] @ token + biases[expert] for expert in chosen])
            for token, chosen in zip(inputs, routing.experts, strict=True)
        ]
    )


def int4_weights() -> Outcome:
    """Take two weights from a byte, and scales and zero points from groups of rows."""
    columns = 32
    inputs, routing = torch.randn(TOKENS, columns), Routing.draw(naive=False)
    packed = torch.randint(256, (EXPERTS, OUT, columns // 2), dtype=torch.uint8)
    zeros = torch.randint(256, (EXPERTS, OUT // 2, columns // GROUP), dtype=torch.uint8)
    scales = torch.rand(EXPERTS, OUT, columns // GROUP)
    out = unwritten(torch.empty(TOKENS, TOP_K, OUT))
    invoke_fused_moe_wna16_triton_kernel(
        inputs,
        packed,
        out,
        scales,
        zeros,
        routing.weights,
        routing.tokens,
        routing.blocks,
        routing.padded,
        mul_routed_weight=False,
        top_k=TOP_K,
        config={"BLOCK_SIZE_M": BLOCK, "GROUP_SIZE_M": 2, "SPLIT_K": 1},
        compute_type=tl.float32,
        use_int8_w8a16=False,
        use_int4_w4a16=True,
        block_shape=[0, GROUP],
    )
    halves = nibbles(packed).float()
    points = torch.stack([zeros & 15, zeros >> 4], dim=2).flatten(1, 2).float()
    experts = (halves - points.repeat_interleave(GROUP, 2)) * scales.repeat_interleave(GROUP, 2)
    expected = through_experts(inputs, experts, routing, torch.zeros(EXPERTS, OUT))
    return Outcome(computed=out, expected=expected, tolerance=1e-4)


FLOAT32 = partial(Layer.plain, torch.float32)
CASES = {
    "float32": partial(run, FLOAT32),
    "float16": partial(run, partial(Layer.plain, torch.float16), tolerance=2e-2),
    "routed_weights": partial(run, FLOAT32, weighted=True),
    "bias": partial(run, partial(Layer.plain, torch.float32, bias=True)),
    "expert_elsewhere": partial(run, FLOAT32, absent=2),
    "naive_blocks": partial(run, FLOAT32, naive=True),
    "float8_blocks": partial(run, partial(Layer.float8), tolerance=2e-2),
    "int8": partial(run, partial(Layer.int8), tolerance=1e-4),
    "int4_weights": int4_weights,
}
