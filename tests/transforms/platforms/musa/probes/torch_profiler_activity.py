"""Which activities does the torch profiler know, and which does the worker ask for?"""

from __future__ import annotations

from unittest import mock

from pydantic import ValidationError
from vllm.config.profiler import ProfilerConfig
from vllm.profiler import wrapper
from vllm.v1.worker import gpu_worker


def probe() -> dict[str, object]:
    """Make the worker's profiler with a recorder in torch's place."""
    asks = _asks_of_0_31 if hasattr(wrapper, "create_worker_profiler") else _asks_until_0_30
    return {
        "knows": sorted(wrapper.TorchProfilerActivityMap),
        "asks": asks(),
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

    def prepare(worker: object, **settings: object) -> None:
        worker.__dict__.update(settings)

    with (
        mock.patch.object(gpu_worker.WorkerBase, "__init__", prepare),
        mock.patch.object(gpu_worker, "TorchProfilerWrapper") as recorder,
    ):
        gpu_worker.Worker(config, local_rank=0, rank=0, distributed_init_method="")
    return list(recorder.call_args.kwargs["activities"])


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
