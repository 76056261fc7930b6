"""Numbers of eight bits with scales: quantising them, and multiplying with them."""

from __future__ import annotations

import torch
from vllm.model_executor.layers.quantization.utils.fp8_utils import (
    per_token_group_quant_fp8,
    w8a8_triton_block_scaled_mm,
)

from tests.triton.numerics.interpreter.outcome import Outcome

TOKENS, COLUMNS, GROUP = 5, 96, 32
LARGEST = 448.0
FLOAT8 = torch.float8_e4m3fn


def quantised(values: torch.Tensor, *, power_of_two: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Quantise by torch's own cast: groups of columns, the largest number of each to 448."""
    groups = values.unflatten(-1, (-1, GROUP))
    scales = groups.abs().amax(dim=-1).clamp(min=1e-10) * torch.tensor(1 / LARGEST)
    if power_of_two:
        scales = scales.log2().ceil().exp2()
    numbers = (groups / scales[..., None]).clamp(-LARGEST, LARGEST).to(FLOAT8)
    return numbers.flatten(-2), scales


def run(*, column_major: bool = False, power_of_two: bool = False) -> Outcome:
    """Quantise numbers of all magnitudes, zero and the subnormal ones of the type included."""
    values = torch.randn(TOKENS, COLUMNS) * 10.0 ** torch.randint(-6, 3, (TOKENS, COLUMNS))
    values[0, :GROUP] = 0
    numbers, scales = per_token_group_quant_fp8(
        values,
        GROUP,
        column_major_scales=column_major,
        out_q=torch.full_like(values, torch.nan).to(FLOAT8),
        use_ue8m0=power_of_two,
    )
    expected = quantised(values, power_of_two=power_of_two)
    return Outcome(
        computed=torch.cat([numbers.float(), scales], dim=1),
        expected=torch.cat([expected[0].float(), expected[1]], dim=1),
    )


def groups() -> Outcome:
    """Quantise with a scale for each group of columns."""
    return run()


def groups_of_columns() -> Outcome:
    """Quantise with scales that are stored by column."""
    return run(column_major=True)


def power_of_two_scales() -> Outcome:
    """Quantise with scales that have an exponent only."""
    return run(power_of_two=True)


def block_scaled_product() -> Outcome:
    """Multiply matrices whose blocks have scales."""
    rows, block = 64, 32
    inputs, weights = ((torch.randn(n, COLUMNS) * 8).to(FLOAT8) for n in (TOKENS, rows))
    input_scales = torch.rand(TOKENS, COLUMNS // block)
    weight_scales = torch.rand(rows // block, COLUMNS // block)
    computed = w8a8_triton_block_scaled_mm(
        inputs, weights, input_scales, weight_scales, [block, block], torch.float32
    )
    left = inputs.float() * input_scales.repeat_interleave(block, 1)
    scales = weight_scales.repeat_interleave(block, 0).repeat_interleave(block, 1)
    return Outcome(computed=computed, expected=left @ (weights.float() * scales).T, tolerance=1e-1)


CASES = {
    case.__name__: case
    for case in (groups, groups_of_columns, power_of_two_scales, block_scaled_product)
}
