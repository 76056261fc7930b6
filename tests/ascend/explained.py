"""Where the compiled wheel is not what the plugin makes at run time, and why.

The tests ask for exactly these differences.
"""

from __future__ import annotations

# Nothing in vLLM or the plugin asks for these names, so the table says that they need nothing.
_NOBODY_ASKS = "nothing asks for the name; it is not there in the wheel"
# Triton's own module is a third party's: the table says `cannot`.
_THIRD_PARTY = "asks for triton.next_power_of_2, which the plugin replaces in Triton's module"
# The wheel's has upstream's parameters. The plugin's passes on whatever it is given.
_NARROWER = "only the signature: upstream's own, where the plugin's takes anything"
# Whoever asks for the kernel imports the plugin's own, in its function.
_KERNEL = "the functions that start the kernel have the plugin's; the module's name has upstream's"

# Between the plugin's process and the wheel's.
COMPILED = {
    "vllm.entrypoints.openai.engine.protocol:CompletionTokenUsageInfo": _NOBODY_ASKS,
    "vllm.entrypoints.openai.chat_completion.serving:CompletionTokenUsageInfo": _NOBODY_ASKS,
    "vllm.model_executor.layers.fla.ops.layernorm_guard:LayerNormFn": _NOBODY_ASKS,
    "vllm.model_executor.models.deepseek_v2:_original_maybe_remap_kv_scale_name": _NOBODY_ASKS,
    "vllm.model_executor.layers.fla.ops:fused_post_conv_prep": _THIRD_PARTY,
    "vllm.model_executor.layers.fla.ops.fused_recurrent:"
    "fused_recurrent_gated_delta_rule_packed_decode": _THIRD_PARTY,
    "vllm.v1.worker.gpu.sample.logprob:compute_token_logprobs": _THIRD_PARTY,
    "vllm.v1.worker.gpu.spec_decode.rejection_sampler_utils:rejection_sample": _THIRD_PARTY,
    "vllm.v1.worker.gpu.spec_decode.rejection_sampler:rejection_sample": _THIRD_PARTY,
    "vllm.v1.engine.core:EngineCore.__init__": _NARROWER,
    "vllm.sampling_params:SamplingParams._validate_structured_outputs": _NARROWER,
    "vllm.entrypoints.openai.chat_completion.protocol:ChatCompletionResponse.model_dump": _NARROWER,
    "vllm.entrypoints.openai.chat_completion.protocol:"
    "ChatCompletionStreamResponse.model_dump": _NARROWER,
    "vllm.entrypoints.openai.chat_completion.serving:"
    "OpenAIServingChat.chat_completion_stream_generator": _NARROWER,
    "vllm.model_executor.models.qwen3_vl:"
    "Qwen3VLForConditionalGeneration._get_deepstack_input_embeds": _NARROWER,
    "vllm.v1.worker.mamba_utils:batch_memcpy_kernel": _KERNEL,
    "vllm.v1.worker.mamba_utils:postprocess_mamba_fused_kernel": _KERNEL,
}

_SAVED = "the plugin saves what it finds there: the compiled wrapper, which then stands aside"
_BETWEEN = "only the bases: the plugin's class derives from the compiled one, which stands aside"

# Between the plugin's process and the wheel that the plugin has patched as well.
DOUBLED = {
    "vllm.sampling_params:SamplingParams._vllm_ascend_original_validate_structured_outputs": _SAVED,
    "vllm.v1.structured_output:StructuredOutputManager._vllm_ascend_original_grammar_init": _SAVED,
    "vllm.v1.core.single_type_kv_cache_manager:MambaManager": _BETWEEN,
    "vllm.v1.executor.multiproc_executor:MultiprocExecutor": _BETWEEN,
    "vllm.v1.core.sched.scheduler:Scheduler": _BETWEEN,
    "vllm.distributed.parallel_state:GroupCoordinator": _BETWEEN,
    "vllm.model_executor.models.deepseek_mtp:DeepSeekMultiTokenPredictorLayer": _BETWEEN,
    "vllm.model_executor.models.deepseek_mtp:DeepSeekMTP": _BETWEEN,
    "vllm.model_executor.models.deepseek_v2:GlmMoeDsaForCausalLM": _BETWEEN,
}

# The plugin's modules that cannot be imported on this machine.
NOT_IMPORTABLE = {
    "vllm_ascend.patch.worker.patch_npugraph_ex_triton": "ModuleNotFoundError: No module named "
    "'torchair'",
}
