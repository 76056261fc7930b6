"""Use version 2 of FlashAttention's interface on MUSA."""

from transforms.edits import Patch, Replace

_FIND = "current_platform.is_xpu()"
_REPLACE = "current_platform.is_xpu() or current_platform.is_musa()"

PATCH = Patch(
    why=(
        "get_flash_attn_version() imports vllm.vllm_flash_attn, which the MUSA wheel does not have, "
        "and answers None: FlashAttention is refused although MUSA's package is installed."
    ),
    upstream="none: XPU has the same exception there, a plugin platform has no place for one",
    drop_when="get_flash_attn_version() asks the platform",
    versions=">=0.9.2",
    edits=[
        Replace(
            inside="vllm.attention.utils.fa_utils.get_flash_attn_version",
            find=_FIND,
            replace=_REPLACE,
            versions="<0.14",
        ),
        Replace(
            inside="vllm.v1.attention.backends.fa_utils.get_flash_attn_version",
            find=_FIND,
            replace=_REPLACE,
            versions=">=0.14",
        ),
    ],
)
