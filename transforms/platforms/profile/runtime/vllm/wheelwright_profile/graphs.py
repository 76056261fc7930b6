# SPDX-License-Identifier: Apache-2.0
"""CUDA graphs: how long captures and replays take, and how often each graph is replayed.

A FULL graph is a whole forward pass: each replay is timed on the device. PIECEWISE graphs are
replayed once for each piece of the model in every step: all are counted, and those of one step in
`VLLM_PROFILING_LOG_INTERVAL` are timed. Counts are of this process, dummy runs included.

vLLM describes a graph by the batch that it is for, in a class that differs between releases and
runners; `_described` makes one thing of them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from . import device, recording

if TYPE_CHECKING:
    from .device import Events


class Mode(Protocol):
    """What is used of a `CUDAGraphMode`."""

    name: str


class Batch(Protocol):
    """What all of vLLM's descriptions of a graph's batch have."""

    num_tokens: int
    num_reqs: int | None


class Graph(NamedTuple):
    """The batch that a graph is for, as the tables say it."""

    mode: str
    tokens: int
    requests: int | None
    uniform: bool
    lora: bool

    def __str__(self) -> str:
        """Give the descriptor of the timeline, e.g. `FULL tokens=8 requests=8 uniform`."""
        requests = "" if self.requests is None else f" requests={self.requests}"
        uniform, lora = " uniform" * self.uniform, " lora" * self.lora
        return f"{self.mode} tokens={self.tokens}{requests}{uniform}{lora}"


class Replay(NamedTuple):
    """A replay that is being timed."""

    graph: Graph
    time: int
    step: int
    events: Events | None


_graphs: dict[tuple[Mode, Batch | int], Graph] = {}
_replays: Counter[Graph] = Counter()
_recorded: Counter[Graph] = Counter()


@recording.point("graphs.captured")
def captured(mode: Mode, descriptor: Batch | int, started: int) -> None:
    """Record a capture.

    Args:
        mode: that of the graph.
        descriptor: vLLM's description of the batch; or how many tokens it has.
        started: `recording.clock()` before it.
    """
    graph = _described(mode, descriptor)
    took = recording.clock() - started
    recording.record("graph_captures", (recording.now(), *graph, took))


@recording.point("graphs.replayed")
def replaying(mode: Mode, descriptor: Batch | int) -> Replay | None:
    """Count a replay that is about to be launched.

    Args:
        mode: that of the graph.
        descriptor: vLLM's description of the batch; or how many tokens it has.

    Returns:
        What `replayed` wants; None where this replay is only counted.
    """
    graph = _graphs.get((mode, descriptor))
    if graph is None:
        graph = _graphs[mode, descriptor] = _described(mode, descriptor)
    _replays[graph] += 1
    if graph.mode == "FULL" or recording.sampled():
        return Replay(graph, recording.now(), recording.step, device.start())
    return None


def replayed(replay: Replay) -> None:
    """Record a replay that was launched, when the device has done it."""
    graph, time, step, events = replay
    row = time, step, str(graph)
    device.stop(events, lambda took: recording.record("graph_timeline", (*row, took)))


def _described(mode: Mode, descriptor: Batch | int) -> Graph:
    """Say what a graph is for.

    The classic runner has `BatchDescriptor` (a tuple, later a dataclass); runner V2 has the number
    of tokens up to 0.17, then `BatchExecutionDescriptor`. Whether adapters are active was added to
    the former first.
    """
    if isinstance(descriptor, int):
        return Graph(mode.name, descriptor, None, uniform=False, lora=False)
    uniform = getattr(descriptor, "uniform", None)
    if uniform is None:
        uniform = getattr(descriptor, "uniform_token_count", None) is not None
    lora = getattr(descriptor, "has_lora", False) or getattr(descriptor, "num_active_loras", 0)
    requests = descriptor.num_reqs
    return Graph(mode.name, descriptor.num_tokens, requests, uniform=bool(uniform), lora=bool(lora))


def _before_flush() -> None:
    """Record how often each graph was replayed since the last time."""
    time, step = recording.now(), recording.step
    for graph, replays in list(_replays.items()):
        if replays > _recorded[graph]:
            row = (time, step, *graph, replays - _recorded[graph])
            recording.record("graph_replays", row)
            _recorded[graph] = replays


def _forget() -> None:
    """Leave what is counted to the process that this one was forked from."""
    _replays.clear()
    _recorded.clear()


recording.on_flush(_before_flush)
recording.on_fork(_forget)
