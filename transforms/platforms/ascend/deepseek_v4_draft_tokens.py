"""Draft any number of tokens with DeepSeek V4's MTP layers on Ascend."""

from transforms.edits import Patch, Replace

_OVERRIDE = "vllm.config.speculative.SpeculativeConfig.hf_config_override"

# vllm-ascend replaces the whole function by an older copy of it, of which this is all that differs. The copy
# lost upstream's branches for MiMo-V2 (three architectures), Nemotron-H Puzzle and Omni, EXAONE 4.5,
# Intern-S2, Hy-V3 and Gemma 4, and fails with UnboundLocalError on a model that is `deepseek_mtp` already.
PATCH = Patch(
    why=(
        "vllm-ascend's DeepSeek V4 runs its MTP layers in turn, however many tokens are drafted, but vLLM stops "
        'with "num_speculative_tokens:3 must be divisible by n_predict=2" where they are more than the layers, and no '
        "multiple of them. Other devices and models are as before; on Ascend num_speculative_tokens must be given."
    ),
    upstream="none: vllm-ascend carries an older copy of the function, and says of it neither why nor until when",
    drop_when="vLLM does not ask for a multiple of n_predict, or vllm-ascend stops replacing hf_config_override",
    versions=">=0.23",
    replaces=("vllm.config.speculative:SpeculativeConfig.hf_config_override",),
    edits=[
        Replace(
            inside=_OVERRIDE,
            find='hf_config.update({"n_predict": n_predict, "architectures": ["DeepSeekV4MTPModel"]})',
            replace="""
                from vllm.platforms import current_platform

                overrides = {"n_predict": n_predict, "architectures": ["DeepSeekV4MTPModel"]}
                if current_platform.device_type == "npu":
                    del overrides["n_predict"]
                hf_config.update(overrides)
            """,
            as_written=True,
            versions="<0.30",
        ),
        # V4.1, whose drafts are others, shares the branch.
        Replace(
            inside=_OVERRIDE,
            find='overrides["architectures"] = ["DeepSeekV4MTPModel"]',
            replace="""
                from vllm.platforms import current_platform

                overrides["architectures"] = ["DeepSeekV4MTPModel"]
                if current_platform.device_type == "npu":
                    del overrides["n_predict"]
            """,
            versions=">=0.30",
        ),
    ],
)
