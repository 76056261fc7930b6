"""What becomes of a target's configuration when it is the draft's?"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from unittest import mock

from transformers import PretrainedConfig
from vllm.config.speculative import SpeculativeConfig

PATCHES = ("platform.patch_speculative_config",)
# Model types, or architectures where the function asks for these.
_TYPES = (
    "deepseek_v3",
    "deepseek_v32",
    "deepseek_v4",
    "deepseek_mtp",
    "glm_moe_dsa",
    "pangu_ultra_moe",
    "pangu_ultra_moe_mtp",
    "ernie4_5_moe",
    "ernie_mtp",
    "nemotron_h",
    "nemotron_h_puzzle",
    "nemotron_h_mtp",
    "qwen3_next",
    "qwen3_next_mtp",
    "exaone_moe",
    "exaone_moe_mtp",
    "exaone4_5",
    "qwen3_5",
    "qwen3_5_moe",
    "intern_s2_preview",
    "longcat_flash",
    "step3p5",
    "step3p7",
    "hy_v3",
    "gemma4_assistant",
    "gemma4_unified_assistant",
    "llama",
    "qwen3",
)
_ARCHITECTURES = (
    "MiMoForCausalLM",
    "MiMoV2ForCausalLM",
    "MiMoV2OmniForCausalLM",
    "MiMoV2FlashForCausalLM",
    "Glm4MoeForCausalLM",
    "Glm4MoeLiteForCausalLM",
    "GlmOcrForConditionalGeneration",
    "Step3p5ForCausalLM",
    "Step3p7ForConditionalGeneration",
    "MistralLarge3ForCausalLM",
    "NemotronH_Super_Omni_Reasoning_V3",
)
_SHOWN = (
    "model_type",
    "architectures",
    "n_predict",
    "num_hidden_layers",
    "num_nextn_predict_layers",
    "num_kv_shared_layers",
)


# Numbers of layers, in a module that needs compiled extensions.
_MIMO_V2 = {
    "vllm.model_executor.models.mimo_v2_mtp": SimpleNamespace(
        _MIMO_V2_PRO_NUM_MTP_LAYERS=3, _MIMO_V2_FLASH_NUM_MTP_LAYERS=1
    )
}


def probe() -> dict[str, object]:
    """Override one configuration of each kind."""
    with mock.patch.dict(sys.modules, _MIMO_V2):
        answers = {name: _overridden(name, "AnyForCausalLM") for name in _TYPES}
        return answers | {name: _overridden("any", name) for name in _ARCHITECTURES}


def _overridden(model_type: str, architecture: str) -> object:
    config = _config(model_type, architecture)
    config.text_config = _config("nemotron_h", architecture)
    config.mtp_num_hidden_layers = 3
    try:
        made = SpeculativeConfig.hf_config_override(config)
    except UnboundLocalError as error:
        return type(error).__name__
    return {name: getattr(made, name) for name in _SHOWN if hasattr(made, name)}


def _config(model_type: str, architecture: str) -> PretrainedConfig:
    config = PretrainedConfig(architectures=[architecture])
    config.model_type = model_type
    config.num_nextn_predict_layers = 2
    config.num_hidden_layers = 7
    config.num_kv_shared_layers = 5
    return config
