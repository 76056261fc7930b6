"""Under which name is a parameter of a checkpoint looked up?"""

from __future__ import annotations

from vllm.model_executor.model_loader import weight_utils
from vllm.model_executor.models import deepseek_v2, llama4

PATCHES = ("worker.patch_weight_utils",)
_LAYER = "model.layers.0.self_attn"
_BELOW = f"{_LAYER}.mla_attn.mla_attn"
_SCALES = (
    *(f"fa_{part}.{what}" for part in "qkv" for what in ("scale", "offset")),
    *(f"indexer.{part}_rot" for part in "qk"),
    "q_proj.weight",
    "k_proj.k_scale",
    "kv_scale",
)


def probe() -> dict[str, object]:
    """Remap names of models that have them here, below, or nowhere; as three modules know it."""
    answers: dict[str, object] = {}
    for holder in (deepseek_v2, weight_utils, llama4):
        for scale in _SCALES:
            for place, params in {
                "here": [f"{_LAYER}.{scale}"],
                "below": [f"{_BELOW}.{scale}", f"{_BELOW}.k_scale"],
                "nowhere": ["other"],
            }.items():
                name = f"{holder.__name__.rpartition('.')[2]} {scale} {place}"
                try:
                    answers[name] = holder.maybe_remap_kv_scale_name(
                        f"{_LAYER}.{scale}", dict.fromkeys(params)
                    )
                except AttributeError as error:
                    answers[name] = str(error)
    return answers
