"""Which version of FlashAttention is used?"""

from __future__ import annotations

from types import ModuleType

from stub_modules import stubbed

try:
    from vllm.v1.attention.backends import fa_utils
except ImportError:
    from vllm.attention.utils import fa_utils

_BUNDLED = "vllm.vllm_flash_attn"


def probe() -> dict[str, int | None]:
    """Ask with vLLM's own build of FlashAttention there, in versions 2 and 3, and without."""
    bundled = ModuleType(_BUNDLED)
    interface = ModuleType(f"{_BUNDLED}.flash_attn_interface")
    interface.is_fa_version_supported = lambda version, *_, **__: version in (2, 3)
    interface.fa_version_unsupported_reason = lambda *_: None
    there = {_BUNDLED: bundled, interface.__name__: interface}
    absent: dict[str, ModuleType | None] = dict.fromkeys(there)
    answers = {}
    for name, modules in (("with it", there), ("without it", absent)):
        with stubbed(modules):
            answers[name] = fa_utils.get_flash_attn_version()
    return answers
