"""Use the custom all-reduce between MUSA GPUs, for up to 128 MiB."""

from transforms.edits import Patch, Replace

_INIT = "vllm.distributed.device_communicators.custom_all_reduce.CustomAllreduce.__init__"

PATCH = Patch(
    why=(
        "With the MUSA kernels registered, CustomAllreduce fails on `assert is_cuda_alike()` or on "
        "a P2P test that calls the CUDA runtime, ignores MUSA_VISIBLE_DEVICES, and leaves messages "
        "above 8 MiB to MCCL: tensor parallelism does not start, or is slow."
    ),
    upstream="none: needs a MUSA runner in upstream CI",
    drop_when="CustomAllreduce asks current_platform.use_custom_allreduce() instead of is_cuda_alike()",
    versions=">=0.9.2",
    edits=[
        Replace(
            inside=_INIT,
            find="8192 * 1024",
            replace="128 * 1024 * 1024 if current_platform.is_musa() else 8192 * 1024",
        ),
        Replace(
            inside=_INIT,
            find="assert current_platform.is_cuda_alike()",
            replace="assert current_platform.is_cuda_alike() or current_platform.is_musa()",
        ),
        Replace(
            inside=_INIT,
            find="current_platform.is_rocm()",
            replace="current_platform.is_rocm() or current_platform.is_musa()",
        ),
        # The platform's own environment variable; from 0.24 on upstream asks the platform itself.
        Replace(
            inside=_INIT,
            find="physical_device_id = device_ids[device.index]",
            replace="""
                physical_device_id = (
                    current_platform.device_id_to_physical_device_id(device.index)
                    if current_platform.is_musa()
                    else device_ids[device.index]
                )
            """,
            versions="<0.24",
        ),
    ],
)
