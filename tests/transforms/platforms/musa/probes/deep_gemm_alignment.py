"""What if `deep_gemm` cannot set its alignment?"""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

from vllm.utils import deep_gemm


def probe() -> dict[str, object] | str:
    """Set the alignment of a `deep_gemm` that has no setter, and of one that has one."""
    if not hasattr(deep_gemm, "set_mk_alignment_for_contiguous_layout"):
        return "this release does not set it"
    seen: list[int] = []
    with_setter = SimpleNamespace(set_mk_alignment_for_contiguous_layout=seen.append)
    return {"without": _set(SimpleNamespace()), "with": _set(with_setter), "seen": seen}


def _set(package: SimpleNamespace) -> str:
    with (
        mock.patch.object(deep_gemm, "_lazy_init"),
        mock.patch.object(deep_gemm, "_import_deep_gemm", return_value=package),
    ):
        try:
            deep_gemm.set_mk_alignment_for_contiguous_layout(64)
        except AttributeError:
            return "AttributeError"
    return "done"
