"""The cases by name, for the side that has no torch."""

from __future__ import annotations

SUBJECTS: dict[str, tuple[str, ...]] = {
    "attention": (
        "prefill",
        "decode",
        "mixed",
        "sliding_window",
        "softcap",
        "alibi",
        "alibi_sqrt",
        "sinks",
        "chunks",
        "float16",
        "split",
        "split_sinks",
    ),
    "masking": (
        "top_k",
        "top_p",
        "top_k_and_top_p",
        "top_k_of_one",
        "top_p_of_one",
        "top_k_of_all",
        "masked_tokens",
        "ties",
        "split_top_p",
        "min_p",
    ),
    "drawing": ("temperature", "greedy", "gumbel", "gumbel_float64", "penalties", "bincount"),
    "moe": (
        "float32",
        "float16",
        "routed_weights",
        "bias",
        "expert_elsewhere",
        "naive_blocks",
        "float8_blocks",
        "int8",
        "int4_weights",
    ),
    "calls": (
        "joined_halves",
        "persistent_product",
        "rotated_keys",
        "norms_after_another_kernel",
        "four_bit_numbers",
        "bit_matrix",
    ),
    "expressions": (
        "half_numbers_of_bytes",
        "greedy_rejection",
        "synthetic_rejection",
        "sum_of_experts",
        "sum_of_some_rows",
        "gated_units",
    ),
    "float8": ("groups", "groups_of_columns", "power_of_two_scales", "block_scaled_product"),
}
"""For each module of ``cases`` what it has."""

CASES = [f"{subject}.{name}" for subject, names in SUBJECTS.items() for name in names]
