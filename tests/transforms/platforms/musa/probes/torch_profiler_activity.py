"""Which activities does the torch profiler know, and which do the workers ask for?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import torch
from pydantic import ValidationError
from vllm.v1.worker import gpu_worker

try:
    from vllm.config.profiler import ProfilerConfig
    from vllm.profiler import wrapper
except ImportError:
    wrapper = None
try:
    from vllm.worker import worker as worker_of_v0
except ImportError:
    worker_of_v0 = None

if TYPE_CHECKING:
    from types import ModuleType


def probe() -> dict[str, object]:
    """Make the workers' profilers with recorders in torch's place."""
    if wrapper is None:
        engines = {"V0": worker_of_v0, "V1": gpu_worker}
        return {
            f"{name} asks": _asks_until_0_11(module)
            for name, module in engines.items()
            if module is not None
        }
    asks = _asks_of_0_31 if hasattr(wrapper, "create_worker_profiler") else _asks_until_0_30
    return {
        "knows": sorted(wrapper.TorchProfilerActivityMap),
        "V1 asks": asks(),
        "may be chosen": _may_be_chosen(),
    }


def _asks_of_0_31() -> list[str] | str:
    config = ProfilerConfig(profiler="torch", torch_profiler_dir="traces")
    try:
        wrapper.validate_worker_profiler_config(config)
    except ValueError as error:
        return str(error)
    with mock.patch.object(wrapper, "TorchProfilerWrapper") as recorder:
        wrapper.create_worker_profiler(config, worker_name="w", local_rank=0)
    return list(recorder.call_args.kwargs["activities"])


def _asks_until_0_30() -> list[str]:
    config = mock.MagicMock()
    config.profiler_config.profiler = "torch"
    with mock.patch.object(gpu_worker, "TorchProfilerWrapper") as recorder:
        _make_worker(gpu_worker, config)
    return list(recorder.call_args.kwargs["activities"])


def _asks_until_0_11(module: ModuleType) -> list[str]:
    activities = torch.profiler.ProfilerActivity
    names = {
        activities.CPU: "CPU",
        activities.CUDA: "CUDA",
        activities.PrivateUse1: "MUSA",
    }
    with (
        mock.patch.dict(os.environ, VLLM_TORCH_PROFILER_DIR="traces"),
        mock.patch.object(torch.profiler, "tensorboard_trace_handler"),
        mock.patch.object(torch.profiler, "profile") as recorder,
        mock.patch.object(module, "ModelRunner", create=True),
    ):
        _make_worker(module, mock.MagicMock())
    return [names[activity] for activity in recorder.call_args.kwargs["activities"]]


def _make_worker(module: ModuleType, config: mock.MagicMock) -> None:
    def prepare(worker: object, *_: object, **settings: object) -> None:
        model_config = mock.MagicMock(trust_remote_code=False, is_encoder_decoder=False)
        worker.__dict__.update(
            settings,
            vllm_config=config,
            model_config=model_config,
            cache_config=mock.MagicMock(),
            parallel_config=mock.MagicMock(),
            speculative_config=None,
        )

    with mock.patch.object(module.WorkerBase, "__init__", prepare):
        module.Worker(vllm_config=config, local_rank=0, rank=0, distributed_init_method="")


def _may_be_chosen() -> bool | str:
    if "torch_profiler_activities" not in ProfilerConfig.__dataclass_fields__:
        return "there is no such choice"
    try:
        ProfilerConfig(
            profiler="torch",
            torch_profiler_dir="traces",
            torch_profiler_activities=["CPU", "MUSA"],
        )
    except ValidationError:
        return False
    return True
