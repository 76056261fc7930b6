"""Accept FP8 checkpoints on MUSA GPUs of capability 3.1."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "The minimum capability of FP8 is a number of NVIDIA's: loading an FP8 model on MUSA ends in "
        '"The quantization method fp8 is not supported for the current GPU. ... Current capability: 31".'
    ),
    upstream="none: capabilities of other vendors are not upstream's to name",
    drop_when="Fp8Config asks the platform for its minimum capability",
    versions=">=0.9.2",
    edits=[
        Replace(
            inside="vllm.model_executor.layers.quantization.fp8.Fp8Config.get_min_capability",
            find="return 80",
            replace="return 31 if current_platform.is_musa() else 80",
            versions="<0.14",
        ),
        Replace(
            inside="vllm.model_executor.layers.quantization.fp8.Fp8Config.get_min_capability",
            find="return 75",
            replace="return 31 if current_platform.is_musa() else 75",
            versions=">=0.14",
        ),
    ],
)
