"""Mistakes as a wrong rewrite could make them, that the cases must be able to see."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ATTENTION = "v1/attention/ops/triton_attention_helpers.py"
TOP_K_TOP_P = "v1/sample/ops/topk_topp_triton.py"
GUMBEL = "v1/worker/gpu/sample/gumbel.py"
PENALTIES = "v1/worker/gpu/sample/penalties.py"
MOE = "model_executor/layers/fused_moe/fused_moe.py"
FLOAT8 = "model_executor/layers/quantization/utils/fp8_utils.py"
RUNTIME = "wheelwright_triton.py"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """A mistake, planted wherever the text stands in a file.

    Attributes:
        path: of the file in the package.
        before: the right text.
        after: the wrong one.
        cases: in which it must be seen.
    """

    path: str
    before: str
    after: str
    cases: tuple[str, ...]


IN_KERNELS = {
    "a comparison loses its equality": Damage(
        path=ATTENTION,
        before="seq_mask = seq_offset[None, :] <= query_abs_pos",
        after="seq_mask = seq_offset[None, :] < query_abs_pos",
        cases=("attention.prefill", "attention.mixed", "attention.split"),
    ),
    "a negation gets lost": Damage(
        path=PENALTIES,
        before="if not use_penalty:",
        after="if use_penalty:",
        cases=("drawing.penalties",),
    ),
    "an unsigned number is taken for a signed one": Damage(
        path=GUMBEL,
        before="(value >> (32 - shift))",
        after="(value.to(tl.int32) >> (32 - shift))",
        cases=("drawing.gumbel", "drawing.gumbel_float64"),
    ),
    "a chain of conditions is cut": Damage(
        path=TOP_K_TOP_P,
        before="above_mask & (tl.abs(data - tile_min) < 1e-9)",
        after="above_mask",
        cases=("masking.top_k", "masking.top_p", "masking.ties"),
    ),
    "the other branch is taken": Damage(
        path=MOE,
        before="if MUL_ROUTED_WEIGHT:",
        after="if not MUL_ROUTED_WEIGHT:",
        cases=("moe.float32", "moe.routed_weights", "moe.int4_weights"),
    ),
    "a call loses its inner one": Damage(
        path=FLOAT8,
        before="tl.max(tl.abs(y))",
        after="tl.max(y)",
        cases=("float8.groups", "float8.groups_of_columns", "float8.power_of_two_scales"),
    ),
}
"""Of upstream's own text, for a Triton that takes it."""

IN_STAND_INS = {
    "what is added up stays narrow": Damage(
        path=RUNTIME,
        before="wide = input.to(tl.uint32)",
        after="wide = input",
        cases=("masking.top_k", "masking.top_p", "masking.ties"),
    ),
    "halves are joined the other way": Damage(
        path=RUNTIME,
        before="(0, 2, 1)",
        after="(0, 1, 2)",
        cases=("calls.joined_halves",),
    ),
    "bits are lost": Damage(
        path=RUNTIME,
        before="return x | y",
        after="return x & y",
        cases=("calls.bit_matrix", "calls.rotated_keys"),
    ),
}
"""Of what stands in for the names that an old Triton lacks."""


def make_damaged_tree(package: Path, target: Path, damages: Mapping[str, Damage]) -> Path:
    """Copy a package, with mistakes made in it.

    Raises:
        LookupError: a text is not there.
    """
    shutil.copytree(package, target)
    for name, damage in damages.items():
        file = target / damage.path
        source = file.read_text(encoding="utf-8")
        if damage.before not in source:
            raise LookupError(f"{name}: {damage.before!r} is not in {file}")
        file.write_text(source.replace(damage.before, damage.after), encoding="utf-8")
    return target
