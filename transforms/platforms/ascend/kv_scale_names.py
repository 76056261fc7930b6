"""Load the attention scales of models that ModelSlim has quantized for Ascend."""

from transforms.edits import Patch, WrapFunction

# vllm-ascend replaces `__import__`, to catch deepseek_v2 whenever it is imported, and rebinds the name in there;
# another model gets it if it is imported after that one. The definition reaches all that have imported it.
PATCH = Patch(
    why=(
        "ModelSlim calls scales and offsets of a quantized KV cache fa_q.scale, fa_k.offset, indexer.q_rot..., "
        "directly in the attention; vLLM has them two modules below: loading such a DeepSeek model ends in a "
        "KeyError. On Ascend only; a name that the model has, or that upstream drops, stays as upstream has it."
    ),
    upstream="none: the names are those of one backend, and upstream has no place for a backend's names",
    drop_when="maybe_remap_kv_scale_name asks the platform, or ModelSlim writes upstream's names",
    versions=">=0.23",
    replaces=(
        "vllm.model_executor.model_loader.weight_utils:maybe_remap_kv_scale_name",
        "vllm.model_executor.models.deepseek_v2:maybe_remap_kv_scale_name",
    ),
    edits=[
        WrapFunction(
            inside="vllm.model_executor.model_loader.weight_utils.maybe_remap_kv_scale_name",
            after="""
                import sys

                # Where the plugin still patches while it runs, it renames what is returned here.
                plugin_renames = "vllm_ascend.patch.worker.patch_weight_utils" in sys.modules
                scales = (
                    "fa_q.scale",
                    "fa_k.scale",
                    "fa_v.scale",
                    "fa_q.offset",
                    "fa_k.offset",
                    "fa_v.offset",
                    "indexer.q_rot",
                    "indexer.k_rot",
                )
                if (
                    current_platform.device_type == "npu"
                    and not plugin_renames
                    and result is not None
                    and result not in params_dict
                ):
                    for scale in scales:
                        if result.endswith(scale):
                            below = result.replace(scale, f"mla_attn.mla_attn.{scale}")
                            return below if below in params_dict else below.replace(".mla_attn", "")
            """,
        ),
    ],
)
