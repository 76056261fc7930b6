"""Run FlashMLA on MUSA GPUs of capability 3.x, with single tokens as its decodes."""

from transforms.edits import InsertBefore, Patch, Replace

_BACKEND = "vllm.v1.attention.backends.mla.flashmla"

PATCH = Patch(
    why=(
        "FlashMLA's checks know capability 9 (and 10) only, so DeepSeek models fall back to the slow "
        "Triton MLA on MUSA; and prefills of up to 128 tokens go to the decode kernel, as they should "
        "on Hopper only."
    ),
    upstream="none: needs MUSA's FlashMLA in upstream CI",
    drop_when="the MUSA plugin registers a FlashMLA backend of its own for every release that is built",
    versions=">=0.9.2",
    edits=[
        # Until 0.11.0 there is one check, and single tokens are the only decodes.
        Replace(
            inside="vllm.attention.ops.flashmla.is_flashmla_supported",
            find="not current_platform.is_cuda()",
            replace="not (current_platform.is_cuda() or current_platform.is_musa())",
            versions="<0.11.1",
        ),
        Replace(
            inside="vllm.attention.ops.flashmla.is_flashmla_supported",
            find="current_platform.get_device_capability()[0] != 9",
            replace="current_platform.get_device_capability()[0] != (3 if current_platform.is_musa() else 9)",
            versions="<0.11.1",
        ),
        Replace(
            inside="vllm.attention.ops.flashmla.is_flashmla_dense_supported",
            find="current_platform.get_device_capability()[0] != 9",
            replace="current_platform.get_device_capability()[0] != (3 if current_platform.is_musa() else 9)",
            versions=">=0.11.1,<0.14",
        ),
        Replace(
            inside="vllm.v1.attention.ops.flashmla.is_flashmla_dense_supported",
            find="current_platform.is_device_capability_family(90)",
            replace="current_platform.is_device_capability_family(30 if current_platform.is_musa() else 90)",
            versions=">=0.14",
        ),
        InsertBefore(
            inside=_BACKEND,
            anchor="from vllm.platforms.interface import DeviceCapability",
            code="from vllm.platforms import current_platform",
            versions=">=0.11.1",
        ),
        Replace(
            inside=f"{_BACKEND}.FlashMLABackend.supports_compute_capability",
            find="capability.major in [9, 10]",
            replace="capability.major in ([3] if current_platform.is_musa() else [9, 10])",
            versions=">=0.11.1",
        ),
        Replace(
            inside=f"{_BACKEND}.FlashMLAMetadataBuilder",
            find="reorder_batch_threshold: int = 128",
            replace="reorder_batch_threshold: int = 1 if current_platform.is_musa() else 128",
            versions=">=0.11.1",
        ),
    ],
)
