"""Captures and replays of CUDA graphs are handed to the recorder, by every keeper of graphs."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.recorded import run_in_vllm
from transforms.engine.outcome import Status
from transforms.platforms.profile.cuda_graphs import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Doing: TypeAlias = Callable[[], object]
    # What captures, what replays, and what both are to say of the graph.
    Kept: TypeAlias = tuple[Doing, Doing, tuple[object, ...]]
    Keeper: TypeAlias = Callable[[SimpleNamespace], Kept]

WRAPPER = "vllm.compilation.cuda_graph"
BREAKABLE = "vllm.compilation.breakable_cudagraph"
MANAGER = "vllm.v1.worker.gpu.cudagraph_utils"
WRAPPER_LINES = """
from vllm.compilation.counter import compilation_counter

class CUDAGraphWrapper:
    def __call__(self, *args):
        entry = self.entries[get_forward_context().batch_descriptor]
        if entry.cudagraph is None:
            cudagraph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(cudagraph, pool=self.graph_pool):
                output = self.runnable(*args)

            entry.output = output
            entry.cudagraph = cudagraph

            return output

        entry.cudagraph.replay()
        return entry.output
"""
WRAPPER_AFTER = """
from vllm import wheelwright_profile
from vllm.compilation.counter import compilation_counter

class CUDAGraphWrapper:
    def __call__(self, *args):
        entry = self.entries[get_forward_context().batch_descriptor]
        if entry.cudagraph is None:
            capture_began = (
                wheelwright_profile.recording.clock() if wheelwright_profile.on else 0
            )
            cudagraph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(cudagraph, pool=self.graph_pool):
                output = self.runnable(*args)

            entry.output = output
            entry.cudagraph = cudagraph
            if wheelwright_profile.on:
                wheelwright_profile.graphs.captured(
                    self.runtime_mode, entry.batch_descriptor, capture_began
                )

            return output

        replay = (
            wheelwright_profile.graphs.replaying(
                self.runtime_mode, entry.batch_descriptor
            )
            if wheelwright_profile.on
            else None
        )
        entry.cudagraph.replay()
        if replay is not None:
            wheelwright_profile.graphs.replayed(replay)
        return entry.output
"""
BREAKABLE_LINES = """
from vllm.compilation.counter import compilation_counter

class BreakableCUDAGraphWrapper:
    def _capture(self, entry, args):
        # Sync the offloader's copy stream before capture.
        get_offloader().sync_prev_onload()

        capture = torch.cuda.CUDAGraph()
        with torch.cuda.graph(capture):
            output = self.runnable(*args)

        entry.capture = capture
        entry.output = output
        return output

    def _replay(self, entry, args):
        get_offloader().sync_prev_onload()
        assert entry.capture is not None
        entry.capture.replay()
        return entry.output
"""
# 0.14.1 and 0.16.0; 0.17; 0.18 on.
BY_TOKENS = """
from vllm.config.compilation import CUDAGraphMode

class CudaGraphManager:
    def capture_graph(self, num_tokens, model):
        assert num_tokens not in self.graphs
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, self.pool):
            self.hidden_states[:num_tokens] = model()
        self.graphs[num_tokens] = graph

    def run(self, num_tokens):
        self.graphs[num_tokens].replay()
        return self.hidden_states[:num_tokens]
"""
OF_FULL_GRAPHS = BY_TOKENS.replace("capture_graph", "_capture_full_graph").replace(
    "def run(", "def run_fullgraph("
)
BY_DESCRIPTOR = """
from vllm.config.compilation import CUDAGraphMode

class CudaGraphManager:
    def capture(self, descs, forward_fn):
        for desc in descs:
            if desc.cg_mode == CUDAGraphMode.PIECEWISE:
                forward_fn(CUDAGraphMode.PIECEWISE)
            else:
                assert desc not in self.graphs, "Graph already captured"
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, self.pool):
                    forward_fn(CUDAGraphMode.NONE)
                self.graphs[desc] = graph

    def run_fullgraph(self, desc):
        self.graphs[desc].replay()

class ModelCudaGraphManager(CudaGraphManager):
    def run_fullgraph(self, desc):
        super().run_fullgraph(desc)
        return "hidden states"
"""
MODE = SimpleNamespace(NONE="none", PIECEWISE="piecewise", FULL="full")


class Recorder:
    """The package as points see it; each thing that happens is noted in order.

    Attributes:
        asked: how often `on` was read.
        log: what happened.
    """

    def __init__(self, *, on: bool, timed: bool = True) -> None:
        self._on, self._timed = on, timed
        self.asked = 0
        self.log: list[object] = []
        self.recording = SimpleNamespace(clock=self._clock)
        self.graphs = SimpleNamespace(
            captured=lambda *given: self.log.append(("captured", *given)),
            replaying=self._replaying,
            replayed=lambda replay: self.log.append(("replayed", replay)),
        )

    @property
    def on(self) -> bool:
        """Whether it records."""
        self.asked += 1
        return self._on

    def _clock(self) -> int:
        self.log.append("clock")
        return 17

    def _replaying(self, *given: object) -> str | None:
        self.log.append(("replaying", *given))
        return "timed" if self._timed else None


def _run(release: str, module: str, lines: str, recorder: Recorder) -> SimpleNamespace:
    """Give the patched module's names, where graphs note what is done with them."""
    text = patched(PATCH, release, module, lines)
    body = "\n".join(line for line in text.splitlines() if not line.startswith("from vllm.c"))

    class CUDAGraph:
        def __init__(self) -> None:
            recorder.log.append("made")

        def replay(self) -> None:
            recorder.log.append("replay")

    cuda = SimpleNamespace(CUDAGraph=CUDAGraph, graph=lambda *_, **__: nullcontext())
    context = SimpleNamespace(batch_descriptor="batch", cudagraph_runtime_mode="mode")
    return run_in_vllm(
        body,
        recorder,
        torch=SimpleNamespace(cuda=cuda),
        CUDAGraphMode=MODE,
        get_forward_context=lambda: context,
        get_offloader=lambda: SimpleNamespace(sync_prev_onload=lambda: None),
    )


def _wrapper(names: SimpleNamespace) -> Kept:
    wrapper = names.CUDAGraphWrapper()
    entry = SimpleNamespace(cudagraph=None, batch_descriptor="batch")
    wrapper.entries, wrapper.runtime_mode, wrapper.graph_pool = {"batch": entry}, "mode", None
    wrapper.runnable = lambda: "output"
    return wrapper, wrapper, ("mode", "batch")


def _breakable(names: SimpleNamespace) -> Kept:
    wrapper = names.BreakableCUDAGraphWrapper()
    wrapper.runnable = lambda: "output"
    entry = SimpleNamespace(capture=None, batch_descriptor="batch")
    what = "mode", "batch"
    return lambda: wrapper._capture(entry, ()), lambda: wrapper._replay(entry, ()), what


def _by_tokens(names: SimpleNamespace) -> Kept:
    manager = names.CudaGraphManager()
    manager.graphs, manager.pool, manager.hidden_states = {}, None, [0] * 8
    capture = getattr(manager, "capture_graph", None) or manager._capture_full_graph
    replay = getattr(manager, "run", None) or manager.run_fullgraph
    return lambda: capture(8, lambda: [1] * 8), lambda: replay(8), (MODE.FULL, 8)


@dataclass(frozen=True)
class _Batch:
    cg_mode: str


def _by_descriptor(names: SimpleNamespace) -> Kept:
    manager = names.ModelCudaGraphManager()
    manager.graphs, manager.pool = {}, None
    pieces, whole = _Batch(cg_mode=MODE.PIECEWISE), _Batch(cg_mode=MODE.FULL)
    return (
        lambda: manager.capture([pieces, whole], lambda _: None),
        lambda: manager.run_fullgraph(whole),
        (MODE.FULL, whole),
    )


KEEPERS = [
    ("0.14.1", WRAPPER, WRAPPER_LINES, _wrapper),
    ("0.33.0", WRAPPER, WRAPPER_LINES, _wrapper),
    ("0.22.0", BREAKABLE, BREAKABLE_LINES, _breakable),
    ("0.33.0", BREAKABLE, BREAKABLE_LINES, _breakable),
    ("0.14.1", MANAGER, BY_TOKENS, _by_tokens),
    ("0.17.1", MANAGER, OF_FULL_GRAPHS, _by_tokens),
    ("0.18.0", MANAGER, BY_DESCRIPTOR, _by_descriptor),
    ("0.33.0", MANAGER, BY_DESCRIPTOR, _by_descriptor),
]


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_it_changes_what_it_is_for(release: str) -> None:
    assert patched(PATCH, release, WRAPPER, WRAPPER_LINES) == WRAPPER_AFTER


@pytest.mark.parametrize(("release", "module", "lines", "keeper"), KEEPERS)
def test_captures_and_replays_are_handed_over(
    release: str, module: str, lines: str, keeper: Keeper
) -> None:
    recorder = Recorder(on=True)
    capture, replay, what = keeper(_run(release, module, lines, recorder))
    capture()
    assert recorder.log == ["clock", "made", ("captured", *what, 17)]
    recorder.log.clear()
    replay()
    assert recorder.log == [("replaying", *what), "replay", ("replayed", "timed")]


@pytest.mark.parametrize(("release", "module", "lines", "keeper"), KEEPERS)
def test_a_replay_that_is_only_counted_is_left_at_that(
    release: str, module: str, lines: str, keeper: Keeper
) -> None:
    recorder = Recorder(on=True, timed=False)
    capture, replay, _ = keeper(_run(release, module, lines, recorder))
    capture()
    replay()
    assert recorder.log[-1] == "replay"


@pytest.mark.parametrize(("release", "module", "lines", "keeper"), KEEPERS)
def test_off_is_one_attribute_test(release: str, module: str, lines: str, keeper: Keeper) -> None:
    recorder = Recorder(on=False)
    capture, replay, _ = keeper(_run(release, module, lines, recorder))
    first = capture()
    recorder.asked = 0
    again = replay()
    assert recorder.asked == 1
    assert recorder.log == ["made", "replay"]
    if keeper in {_wrapper, _breakable}:
        assert first == again == "output"


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
