"""The kernels, by release, of which less is proven than of all others, each list with its reason.

They are exact: a kernel that leaves one, or comes to one, fails a test.
"""

# ruff: noqa: E501 - names are as long as they are

from __future__ import annotations

WITHOUT_ADVICE: dict[str, set[str]] = {
    "0.33.0": {
        "model_executor/determinism/batch_invariant.py::matmul_kernel_descriptor_persistent",
        "model_executor/determinism/batch_invariant.py::matmul_kernel_persistent",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel",
    },
    "0.28.0": {
        "model_executor/layers/batch_invariant.py::matmul_kernel_persistent",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel",
    },
    "0.14.1": {
        "model_executor/layers/batch_invariant.py::matmul_kernel_persistent",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel",
    },
    "0.10.0": {
        "attention/ops/prefix_prefill.py::_fwd_kernel",
    },
}
"""On a new Triton: their loops lose advice to the compiler, whose arguments old Triton does not take.

That these are attributes of a loop and change nothing else is proven in test_arguments.py.
"""

OTHER_RAW_IR: dict[str, set[str]] = {
    "0.33.0": set(),
    "0.28.0": {
        "v1/sample/ops/topk_topp_triton.py::_topk_topp_kernel",
    },
    "0.14.1": set(),
    "0.10.0": set(),
}
"""On 3.5.1: `// tl.full((), N, tl.uint32)` is another operand than `// N` until TTIR, which is the same."""

WITHOUT_SIGNATURE: dict[str, set[str]] = {
    "0.33.0": {
        "model_executor/kernels/linear/mxfp8/rocm_block32_gemm.py::_block32_packed_kernel",
        "model_executor/kernels/linear/mxfp8/rocm_block32_gemm.py::_sum_splits",
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_legacy_routing_for_nonpow2_topk._combined_routing_compute_pow2",
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_legacy_routing_for_nonpow2_topk._routing_compute_indx_pow2",
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_make_bitmatrix_metadata._stage2_pow2",
        "model_executor/layers/quantization/utils/int8_utils.py::round_int8#2",
        "models/beam/nvidia/attention_ops.py::_qk_norm_rope_kernel",
        "models/beam/nvidia/dflash2_context_ops.py::_context_kv_kernel",
        "models/deepseek_v4/common/ops/fused_compress_quant_cache.py::_fused_kv_compress_norm_rope_insert_indexer_mxfp4_attn",
        "models/deepseek_v41/nvidia/specialized_decode/attention/indexer_k_store.py::_k_norm_rope_mxfp4_store_kernel",
        "models/glm5next/amd/ops/kpool_compress.py::_kpool_decode_update_batched_kernel",
        "models/kimi_k3/nvidia/ops/recoverssm.py::_commit_kda_state_kernel",
        "models/minimax_m3/amd/ops/index_topk.py::_decode_topk_fused_kernel",
        "models/minimax_m3/amd/ops/index_topk.py::_index_block_score_kernel",
        "models/minimax_m3/amd/ops/index_topk.py::_merge_store_decode_topk",
        "models/minimax_m3/amd/ops/sparse_attn.py::_gqa_sparse_fwd_kernel",
        "models/qwen4_exp/common/ops/ple.py::_ple_conv_kernel",
        "models/qwen4_exp/common/ops/ple.py::_ple_conv_writeback_kernel",
        "models/step5/nvidia/ops/indexer_norm_rope.py::_rms_norm_variance",
        "models/step5/nvidia/ops/qkv_indexer_norm_rope.py::_joint_prepare",
        "models/step5/nvidia/ops/qkv_indexer_norm_rope.py::_prepare_main",
        "v1/attention/backends/mla/sparse_swa.py::ComputeDSparkNoncausalSWAIndicesKernel.kernel",
        "v1/attention/backends/mla/sparse_swa.py::_compute_image_visibility_kernel",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel_alibi",
        "v1/attention/ops/prefix_prefill.py::_paged_kv_cache_offsets",
        "v1/attention/ops/rocm_aiter_mla_sparse.py::_mxfp8_wo_a_bmm_kernel",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::_ultraquant_load_k_packed",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::_ultraquant_load_v_tile",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::_ultraquant_pv",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::_ultraquant_qk",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::kernel_ultraquant_unified_attention_2d",
        "v1/attention/ops/ultraquant/triton_unified_attention.py::kernel_ultraquant_unified_attention_3d",
    },
    "0.28.0": {
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_legacy_routing_for_nonpow2_topk._combined_routing_compute_pow2",
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_legacy_routing_for_nonpow2_topk._routing_compute_indx_pow2",
        "model_executor/layers/fused_moe/experts/gpt_oss_triton_kernels_moe.py::_patch_make_bitmatrix_metadata._stage2_pow2",
        "model_executor/layers/quantization/utils/int8_utils.py::round_int8#2",
        "third_party/flash_linear_attention/ops/op.py::gather",
        "third_party/flash_linear_attention/ops/op.py::make_tensor_descriptor",
        "v1/attention/ops/rocm_aiter_mla_sparse.py::_sparse_attn_decode_gfx950_partial_kernel",
        "v1/attention/ops/rocm_aiter_mla_sparse.py::_sparse_attn_decode_gfx950_partial_loaded_tile",
        "v1/sample/ops/topk_topp_triton.py::_update_min_larger_stats",
    },
    "0.14.1": {
        "lora/ops/triton_ops/fused_moe_lora_op.py::_fused_moe_lora_kernel",
        "lora/ops/triton_ops/kernel_utils.py::do_expand_kernel",
        "lora/ops/triton_ops/kernel_utils.py::do_shrink_kernel",
        "lora/ops/triton_ops/kernel_utils.py::mm_k",
        "model_executor/layers/fla/ops/op.py::gather",
        "model_executor/layers/fla/ops/op.py::make_tensor_descriptor",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel",
        "v1/attention/ops/prefix_prefill.py::_fwd_kernel_alibi",
    },
    "0.10.0": {
        "attention/ops/prefix_prefill.py::_fwd_kernel",
        "attention/ops/prefix_prefill.py::_fwd_kernel_alibi",
        "attention/ops/triton_flash_attention.py::dropout_mask",
        "attention/ops/triton_flash_attention.py::dropout_offsets",
        "attention/ops/triton_flash_attention.py::dropout_rng",
        "attention/ops/triton_flash_attention.py::max_fn",
    },
}
"""In changed files, and no recorded configuration compiles them before and after, for want of one."""

MENDED: dict[str, set[str]] = {
    "0.33.0": {
        "v1/sample/ops/topk_topp_triton.py::_topp_sb_step_kernel",
        "v1/worker/gpu/metrics/logits.py::_num_nans_kernel",
    },
    "0.28.0": {
        "v1/worker/gpu/metrics/logits.py::_num_nans_kernel",
        "v1/worker/gpu/sample/output.py::_pack_sampling_mask_kernel",
    },
    "0.14.1": {
        "v1/worker/gpu/metrics/logits.py::_num_nans_kernel",
    },
    "0.10.0": set(),
}
"""On old Triton: it adds bools up to one bit, and now does not; see the rule `narrow_sums`."""

DECIDED: dict[str, set[str]] = {
    "0.33.0": {
        "lora/ops/triton_ops/lora_expand_fp8_op.py::_lora_expand_kernel_fp8",
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
        "models/inkling/amd/ops/silu_and_mul.py::_silu_and_mul_triton_kernel",
        "models/inkling/nvidia/ops/silu_and_mul.py::_silu_and_mul_triton_kernel",
        "models/step5/nvidia/ops/sparse_indexer.py::_stable_topk_regions",
        "v1/sample/ops/topk_topp_triton.py::_topp_sb_stats_kernel",
        "v1/worker/gpu/input_batch.py::_combine_sampled_and_draft_tokens_kernel",
        "v1/worker/gpu/sample/watermark.py::_repeated_context_mask_kernel",
        "v1/worker/mamba_utils.py::precopy_mamba_align_fused_kernel",
    },
    "0.28.0": {
        "lora/ops/triton_ops/lora_expand_fp8_op.py::_lora_expand_kernel_fp8",
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
        "models/inkling/amd/ops/silu_and_mul.py::_silu_and_mul_triton_kernel",
        "models/inkling/nvidia/ops/silu_and_mul.py::_silu_and_mul_triton_kernel",
        "v1/worker/gpu/input_batch.py::_combine_sampled_and_draft_tokens_kernel",
        "v1/worker/mamba_utils.py::precopy_mamba_align_fused_kernel",
    },
    "0.14.1": {
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
    },
    "0.10.0": {
        "attention/ops/triton_flash_attention.py::attn_fwd",
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
        "model_executor/layers/mamba/ops/ssd_state_passing.py::_state_passing_fwd_kernel",
    },
}
"""On old Triton: a condition of a constant and a value is decided before there is IR, as newer ones do.

See the rule `constant_conditions`. The TTIR is the same but for what `MOVED` names.
"""

MOVED: dict[str, set[str]] = {
    "0.33.0": {
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
    },
    "0.28.0": {
        "model_executor/layers/mamba/ops/ssd_chunk_scan.py::_chunk_scan_fwd_kernel",
    },
    "0.14.1": set(),
    "0.10.0": set(),
}
"""Those of `DECIDED` whose TTIR has a constant in another place, and is the same otherwise."""
