# SPDX-License-Identifier: Apache-2.0
"""Which process of the engine this is, and its orderly end.

The front end (`LLM`, the API server) is `main`. EngineCore and a worker may be processes of their
own or live in another's: with VLLM_ENABLE_V1_MULTIPROCESSING=0 all three are one process, and with
a single GPU the worker lives in EngineCore's. The process is then what it was first.
"""

from __future__ import annotations

from typing import Protocol

from . import device, recording


class ParallelConfig(Protocol):
    """What is used of a `ParallelConfig`."""

    data_parallel_size: int
    data_parallel_index: int


# The rank of the worker in this process among those of its engine; 0 without one.
rank = 0


@recording.point("processes.front_end")
def front_end() -> None:
    """Note that this process has the engine's front end, whatever else it will have."""
    recording.set_process("main")


@recording.point("processes.engine_core")
def engine_core(config: ParallelConfig, dp_rank: int) -> None:
    """Note that this process is EngineCore's.

    Args:
        config: vLLM's.
        dp_rank: which of the data-parallel engines it is; 0 without data parallelism, too.
    """
    recording.set_process("engine_core", dp_rank=_dp_rank(config, dp_rank))


@recording.point("processes.worker")
def worker(config: ParallelConfig, number: int) -> None:
    """Note that this process has a worker, and if it is nothing else, that it is the worker's.

    Args:
        config: vLLM's.
        number: its rank among the workers of its engine.
    """
    global rank
    rank = number
    recording.set_process("worker", number, _dp_rank(config, config.data_parallel_index))


def _dp_rank(config: ParallelConfig, dp_rank: int) -> int | None:
    """Give the engine's rank where there are several; an engine of its own may have one, too."""
    return dp_rank if config.data_parallel_size > 1 or dp_rank > 0 else None


@recording.point("processes.ends")
def ends() -> None:
    """Write what is buffered: EngineCore or a worker shuts down, and may be killed meanwhile."""
    device.finish()
    recording.flush()
