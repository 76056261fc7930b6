"""The mistakes that the proof must see: one or more for each rule that rewrites kernels."""

from __future__ import annotations

from tests.triton.mutants import Mutant

RELEASE = "0.33.0"

OTHER_PROOF = {
    "triton_imports": "host code: tests/triton/test_imports.py runs the modules on every Triton",
    "triton_launch_options": "host code: it is no part of what is compiled; its own tests run it",
}
"""The rules whose mistakes no compiler of kernels can see, and what proves them instead."""

SEGMENTED = "v1/attention/ops/segmented_attention.py"
UNIFIED = "v1/attention/ops/turboquant_soa/triton_turboquant_unified_attention.py"
SAMPLER = "v1/sample/ops/topk_topp_triton.py"

MUTANTS = (
    Mutant(
        rule="triton_annotations",
        mistake="another value is assigned",
        kernel=f"{UNIFIED}::_find_seq_idx",
        right="    left = 0\n",
        wrong="    left = tl.int32\n",
    ),
    Mutant(
        rule="triton_boolean_chains",
        mistake="the first pair is in parentheses, not the last",
        kernel=f"{SEGMENTED}::_segmented_attention_reduce",
        right="if nq < 1 or (nq > LIMIT_Q or m >= nq * G):",
        wrong="if (nq < 1 or nq > LIMIT_Q) or m >= nq * G:",
    ),
    Mutant(
        rule="triton_boolean_chains",
        mistake="the last operand is lost",
        kernel="v1/worker/gpu/sample/thinking_budget.py::_update_committed_marker_cache_kernel",
        right="if scan_pos == 0 and (last_start < 0 and last_end < 0):",
        wrong="if scan_pos == 0 and (last_start < 0):",
    ),
    Mutant(
        rule="triton_constant_conditions",
        mistake="the condition is not negated",
        kernel=f"{SAMPLER}::_topp_sb_stats_kernel",
        right="if (False if not HAS_K else tl.load(K + row) < VOCAB_SIZE):",
        wrong="if (False if HAS_K else tl.load(K + row) < VOCAB_SIZE):",
    ),
    Mutant(
        rule="triton_extremes",
        mistake="another bound",
        kernel="models/qwen4_exp/nvidia/ops/qsa_indexer.py::_qsa_mqa_paged_uniform_kernel",
        right="triton.next_power_of_2(HEAD_DIM) > 16 else 16",
        wrong="triton.next_power_of_2(HEAD_DIM) > 16 else 32",
    ),
    Mutant(
        rule="triton_loaded_bools",
        mistake="the mask is lost",
        kernel="model_executor/kernels/attention/dsa/candidate_blocks.py::_mask_candidates_kernel",
        right="wheelwright_triton.load(flags + row * (nblocks + 1) + block, valid, other=0)",
        wrong="wheelwright_triton.load(flags + row * (nblocks + 1) + block)",
    ),
    Mutant(
        rule="triton_narrow_sums",
        mistake="the axis is lost",
        kernel="models/qwen4_exp/nvidia/ops/hc.py::_hc_combine_norm_kernel",
        right="wheelwright_triton.sum(wheelwright_triton.sum(out * out, axis=1), axis=0)",
        wrong="wheelwright_triton.sum(out * out)",
    ),
    Mutant(
        rule="triton_mixed_signs",
        mistake="the literal becomes signed, not unsigned",
        kernel=f"{SAMPLER}::_topk_topp_kernel",
        right="\n                            (num_outliers + BLOCK_SIZE_TRUNC - 1)"
        " // tl.full((), BLOCK_SIZE_TRUNC, tl.uint32),",
        wrong="\n                            (num_outliers + BLOCK_SIZE_TRUNC - 1)"
        " // tl.full((), BLOCK_SIZE_TRUNC, tl.int32),",
    ),
    Mutant(
        rule="triton_tuples",
        mistake="two members change places",
        kernel="models/step5/nvidia/ops/summary_update.py::_update_prefill",
        right="updated_0, updated_1, updated_2 = _accumulate(",
        wrong="updated_0, updated_2, updated_1 = _accumulate(",
    ),
    Mutant(
        rule="triton_bitcasts",
        mistake="half of the bits are cut off",
        kernel="v1/attention/ops/triton_turboquant_decode.py::_tq_full_dequant_kv",
        right="vec_norm = (n_lo | (n_hi << 8)).to(tl.uint16)",
        wrong="vec_norm = (n_lo | (n_hi << 8)).to(tl.uint8)",
    ),
    Mutant(
        rule="triton_none_returns",
        mistake="something is returned",
        kernel="third_party/flash_linear_attention/ops/op.py::gather",
        right="        return\n",
        wrong="        return index\n",
    ),
    Mutant(
        rule="triton_pointer_types",
        mistake="another type is pointed to",
        kernel="v1/worker/gpu/buffer_utils.py::_load_ptr",
        right="wheelwright_triton.pointer_type(elem_dtype)",
        wrong="wheelwright_triton.pointer_type(tl.int64)",
    ),
    Mutant(
        rule="triton_arguments",
        mistake="another axis",
        kernel="models/deepseek_v4/amd/rocm.py::_compress_pool_kernel",
        right="wheelwright_triton.softmax(score, dim=0)",
        wrong="wheelwright_triton.softmax(score, dim=1)",
    ),
    Mutant(
        rule="triton_arguments",
        mistake="the step goes with the option",
        kernel="model_executor/determinism/batch_invariant.py::matmul_kernel_persistent",
        right="tl.range(start_pid, num_tiles, NUM_SMS)",
        wrong="tl.range(start_pid, num_tiles)",
    ),
    Mutant(
        rule="triton_missing_names",
        mistake="one name is taken for another",
        kernel="models/flint/ops/moe.py::_combine_kernel",
        right="wheelwright_triton.gdc_wait()",
        wrong="wheelwright_triton.gdc_launch_dependents()",
    ),
    Mutant(
        rule="triton_decorator_options",
        mistake="the option goes from every Triton",
        kernel="model_executor/layers/mamba/ops/ssu_dispatch.py::"
        "_update_replayssm_ring_trackers_kernel",
        right="    **wheelwright_triton.jit_options("
        'do_not_specialize_on_alignment=["state_batch_indices"]),',
        wrong="",
    ),
)
