"""Call UCM before and after each decoder layer of Qwen2, and its feed-forward part."""

from transforms.edits import Patch
from transforms.platforms.ucm_sparse._decoder_layers import DROP_WHEN, UPSTREAM, points

PATCH = Patch(
    why=(
        "a method that leaves out tokens of a prompt (Blend) does so between a layer's attention and its "
        "feed-forward part, or between layers; Qwen2's have no such points"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=">=0.9.2",
    edits=points("vllm.model_executor.models.qwen2", "Qwen2"),
)
