"""vLLM on Ascend NPUs, through the platform plugin vllm-ascend, whose device type is `npu`."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="ascend",
    summary="Ascend NPUs: what vllm-ascend patches while it runs, compiled in and in force in every process",
    source="sdist",
)
