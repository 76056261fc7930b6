"""On which capabilities does FlashMLA run, and how long may a decode be?"""

from __future__ import annotations

from unittest import mock

from vllm.platforms import current_platform
from vllm.platforms.interface import DeviceCapability
from vllm.v1.attention.backends.mla import flashmla as backend

try:
    from vllm.v1.attention.ops import flashmla as ops
except ImportError:
    from vllm.attention.ops import flashmla as ops

_CAPABILITIES = [DeviceCapability(*pair) for pair in ((2, 2), (3, 1), (8, 0), (9, 0), (10, 0))]


def probe() -> dict[str, object]:
    """Ask the backend and the check of its kernels, which are said to be there."""
    answers: dict[str, object] = {"kernels": _kernels()}
    if hasattr(backend.FlashMLABackend, "supports_compute_capability"):
        answers["backend"] = [
            capability.as_version_str()
            for capability in _CAPABILITIES
            if backend.FlashMLABackend.supports_compute_capability(capability)
        ]
    threshold = getattr(backend.FlashMLAMetadataBuilder, "reorder_batch_threshold", None)
    return answers | {"threshold": threshold}


def _kernels() -> list[str]:
    try:
        check = ops.is_flashmla_dense_supported
    except AttributeError:
        check = ops.is_flashmla_supported
    runs = []
    with (
        mock.patch.object(ops, "_flashmla_C_AVAILABLE", new=True),
        mock.patch.object(ops, "_flashmla_extension_C_AVAILABLE", new=True, create=True),
    ):
        for capability in _CAPABILITIES:
            with mock.patch.object(type(current_platform), "capability", capability):
                supported, _ = check()
            if supported:
                runs.append(capability.as_version_str())
    return runs
