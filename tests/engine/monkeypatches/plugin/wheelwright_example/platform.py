"""The CPU, by another name: what a platform plugin may do to patch vLLM is done here."""

from __future__ import annotations

from typing import Any

from vllm.platforms.cpu import CpuPlatform

from wheelwright_example.patching import apply_patches


class ExamplePlatform(CpuPlatform):
    """The CPU, with a worker of the plugin's own."""

    @classmethod
    def pre_register_and_update(cls, parser: Any = None) -> None:  # noqa: ANN401 - vLLM's parser
        """Patch the main process, when vLLM asks for the first time."""
        super().pre_register_and_update(parser)
        apply_patches("platform")

    @classmethod
    def check_and_update_config(cls, vllm_config: Any) -> None:  # noqa: ANN401 - vLLM's own
        """Choose the plugin's worker."""
        if vllm_config.parallel_config.worker_cls == "auto":
            vllm_config.parallel_config.worker_cls = "wheelwright_example.worker.ExampleWorker"
        super().check_and_update_config(vllm_config)
