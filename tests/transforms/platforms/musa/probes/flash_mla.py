"""On which capabilities does FlashMLA run, and how long may a decode be?"""

from __future__ import annotations

from unittest import mock

from vllm.platforms import current_platform
from vllm.platforms.interface import DeviceCapability
from vllm.v1.attention.backends.mla import flashmla as backend
from vllm.v1.attention.ops import flashmla as ops


def probe() -> dict[str, object]:
    """Ask the backend and the check of its kernels, which are said to be there."""
    capabilities = [DeviceCapability(*pair) for pair in ((2, 2), (3, 1), (8, 0), (9, 0), (10, 0))]
    dense = {}
    with (
        mock.patch.object(ops, "_flashmla_C_AVAILABLE", new=True),
        mock.patch.object(ops, "_flashmla_extension_C_AVAILABLE", new=True),
    ):
        for capability in capabilities:
            with mock.patch.object(type(current_platform), "capability", capability):
                dense[capability.as_version_str()] = ops.is_flashmla_dense_supported()[0]
    return {
        "backend": {
            capability.as_version_str(): backend.FlashMLABackend.supports_compute_capability(
                capability
            )
            for capability in capabilities
        },
        "dense": dense,
        "threshold": backend.FlashMLAMetadataBuilder.reorder_batch_threshold,
    }
