"""Let the torch profiler record MUSA kernels."""

from transforms.edits import InsertAfter, InsertBefore, Patch, Replace

_WRAPPER = "vllm.profiler.wrapper"
_CUDA = "torch.profiler.ProfilerActivity.CUDA"
_MUSA_IF_THERE = (
    'getattr(torch.profiler.ProfilerActivity, "MUSA" if current_platform.is_musa() else "CUDA", '
    f"{_CUDA})"
)

PATCH = Patch(
    why=(
        "The worker asks for the CUDA activity, which records no MUSA kernel: traces hold CPU rows "
        'only. From 0.31 on it stops with "Unsupported profiler device type: musa".'
    ),
    upstream="none: upstream names the activities of its own devices only",
    drop_when="a platform names its own profiler activities",
    versions=">=0.9.2",
    edits=[
        # Until 0.12 the activities are written where the profiler is made.
        Replace(
            inside="vllm.worker.worker.Worker.__init__",
            find=_CUDA,
            replace=_MUSA_IF_THERE,
            versions="<0.11",
        ),
        Replace(
            inside="vllm.v1.worker.gpu_worker.Worker.__init__",
            find=_CUDA,
            replace=_MUSA_IF_THERE,
            versions="<0.12",
        ),
        InsertBefore(
            inside="vllm.profiler.gpu_profiler.TorchProfilerWrapper.__init__",
            anchor="self.profiler = torch.profiler.profile($$arguments)",
            code="from vllm.platforms import current_platform",
            versions="==0.12.*",
        ),
        Replace(
            inside="vllm.profiler.gpu_profiler.TorchProfilerWrapper.__init__",
            find=_CUDA,
            replace=_MUSA_IF_THERE,
            versions="==0.12.*",
        ),
        # Then activities have names, and a map from these to torch's.
        InsertAfter(
            inside=_WRAPPER,
            anchor="TorchProfilerActivityMap = $activities",
            code="""
                if hasattr(torch.profiler.ProfilerActivity, "MUSA"):
                    TorchProfilerActivityMap["MUSA"] = torch.profiler.ProfilerActivity.MUSA
            """,
            versions=">=0.13",
        ),
        Replace(
            inside=_WRAPPER,
            find='TorchProfilerActivity = Literal["CPU", "CUDA", "XPU"]',
            replace='TorchProfilerActivity = Literal["CPU", "CUDA", "MUSA", "XPU"]',
            versions=">=0.13,<0.28",
        ),
        Replace(
            inside=_WRAPPER,
            find='TorchProfilerActivity = Literal["CPU", "CUDA", "PrivateUse1", "XPU"]',
            replace='TorchProfilerActivity = Literal["CPU", "CUDA", "PrivateUse1", "MUSA", "XPU"]',
            versions=">=0.28,<0.31",
        ),
        Replace(
            inside="vllm.v1.worker.gpu_worker.Worker",
            find='["CPU", "CUDA"]',
            replace=(
                '["CPU", "MUSA" if current_platform.is_musa() '
                'and hasattr(torch.profiler.ProfilerActivity, "MUSA") else "CUDA"]'
            ),
            versions=">=0.13,<0.31",
        ),
        # From 0.31 on users choose activities, and a table says what each device type has.
        InsertAfter(
            inside="vllm.config.profiler",
            anchor='TorchProfilerActivity = Literal["CPU", "CUDA", "PrivateUse1", "XPU"]',
            code="""
                if hasattr(torch.profiler.ProfilerActivity, "MUSA"):
                    TorchProfilerActivity = Literal[TorchProfilerActivity, "MUSA"]
            """,
            versions=">=0.31",
        ),
        InsertBefore(
            inside="vllm.config.profiler",
            anchor="from pydantic import Field, model_validator",
            code="import torch",
            versions=">=0.31",
        ),
        InsertBefore(
            inside=_WRAPPER,
            anchor="_SUPPORTED_TORCH_PROFILER_ACTIVITIES = $activities",
            code="""
                _DEFAULT_TORCH_PROFILER_ACTIVITIES["musa"] = (
                    "CPU",
                    "MUSA" if "MUSA" in TorchProfilerActivityMap else "CUDA",
                )
            """,
            versions=">=0.31",
        ),
        InsertAfter(
            inside=_WRAPPER,
            anchor="_SUPPORTED_PROFILER_KINDS: $type = $kinds",
            code='_SUPPORTED_PROFILER_KINDS["musa"] = frozenset(("torch",))',
            versions=">=0.31",
        ),
        # The trace of graph capture has a profiler of its own.
        Replace(
            inside="vllm.v1.worker.gpu_model_runner.GPUModelRunner",
            find=_CUDA,
            replace=_MUSA_IF_THERE,
            versions=">=0.26",
        ),
    ],
)
