"""The worker, which patches its process when it is made."""

from __future__ import annotations

from typing import Any

from vllm.v1.worker.cpu_worker import CPUWorker

from wheelwright_example.patching import apply_patches


class ExampleWorker(CPUWorker):
    """vLLM's own worker for the CPU, after the patches."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - vLLM's
        apply_patches("worker")
        super().__init__(*arguments, **options)
