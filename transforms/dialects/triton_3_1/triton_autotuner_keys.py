"""Find out by which arguments a kernel is tuned where Triton keeps only their places."""

from transforms.edits import Patch, Replace

_NAMES = "[{0}.arg_names[at] for at in {0}.key_idx]"

PATCH = Patch(
    why=(
        "vLLM reads Autotuner.keys, which Triton before 3.2 does not have: every launch of Mamba's "
        "SSD kernels, and every tuned kernel under VLLM_TRITON_FORCE_FIRST_CONFIG, ends in an "
        "AttributeError."
    ),
    upstream="none: upstream pins a newer Triton",
    drop_when="the platform's Triton has Autotuner.keys, as 3.2.0 and later do",
    versions=">=0.24",
    edits=[
        Replace(
            inside="vllm.triton_utils.force_first_config.install",
            find="self.keys",
            replace=f'(self.keys if hasattr(self, "keys") else {_NAMES.format("self")})',
        ),
        Replace(
            inside="vllm.model_executor.layers.mamba.ops.triton_helpers.launch_autotuned",
            find="kernel.keys",
            replace=f'(kernel.keys if hasattr(kernel, "keys") else {_NAMES.format("kernel")})',
            versions=">=0.33",
        ),
    ],
)
