"""The forward passes of model runner V2 are recorded, and none of its dummy runs."""

from __future__ import annotations

import contextlib
from textwrap import dedent, indent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.devices import work_on
from tests.transforms.platforms.profile.outputs import output
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.forward_v2 import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

MODULE = "vllm.v1.worker.gpu.model_runner"
ENCODER_ONLY = "vllm.v1.worker.mm_encoder_model_runner"
RELEASES = ["0.14.1", "0.16.0", "0.17.1", "0.18.0", "0.33.0"]
FIRST = """
assert intermediate_tensors is None
if scheduler_output.total_num_scheduled_tokens == 0 and not dummy_run:
    return "empty"
"""
BEGIN = """
if not dummy_run:
    self.finish_requests(scheduler_output)
    self.update_requests(scheduler_output)
    if scheduler_output.total_num_scheduled_tokens == 0:
        return "empty"
"""
MIDDLE = "\ninput_batch = self.prepare()\n"
RUN = """
if {mode}:
    model_output = self.cudagraph_manager.run_fullgraph()
else:
    with self.context():
        model_output = self.model()
"""
BEFORE = """
class GPUModelRunner:
    def execute_model(
        self,
        scheduler_output,
        intermediate_tensors=None,
        dummy_run=False,
        batch_desc=None,
        cudagraph_mode=None,
        cudagraph_runtime_mode=None,
        use_cudagraph=False,
    ):
{body}
        return model_output
"""
MODES = {
    "0.14.1": "cudagraph_mode == CUDAGraphMode.FULL",
    "0.16.0": "use_cudagraph",
    "0.17.1": "cudagraph_runtime_mode == CUDAGraphMode.FULL",
    "0.18.0": "batch_desc.cg_mode == CUDAGraphMode.FULL",
    "0.33.0": "batch_desc.cg_mode == CUDAGraphMode.FULL",
}
# How each release is asked for a whole graph.
GRAPH: dict[str, dict[str, Any]] = {
    "0.14.1": {"cudagraph_mode": "full"},
    "0.16.0": {"use_cudagraph": True},
    "0.17.1": {"cudagraph_runtime_mode": "full"},
    "0.18.0": {"batch_desc": SimpleNamespace(cg_mode="full")},
    "0.33.0": {"batch_desc": SimpleNamespace(cg_mode="full")},
}
NONE = {"batch_desc": SimpleNamespace(cg_mode="none")}
STEP_BEGINS = """
if wheelwright_profile.on{unless}:
    wheelwright_profile.forward.step_begins(scheduler_output)
"""
FORWARD_BEGINS = """
if wheelwright_profile.on and not dummy_run:
    forward_begun = wheelwright_profile.forward.begins()
"""
FORWARD_ENDS = """
if wheelwright_profile.on and not dummy_run:
    wheelwright_profile.forward.ends_v2(
        forward_begun, self, scheduler_output, input_batch.num_tokens_after_padding
    )
"""


def excerpt(release: str) -> str:
    """Give upstream's lines of a release, cut down."""
    first = FIRST if release == "0.14.1" else BEGIN
    body = first + MIDDLE + RUN.format(mode=MODES[release])
    return BEFORE.format(body=indent(body, " " * 8))


@pytest.mark.parametrize("release", RELEASES)
def test_the_pass_is_both_ways_to_run_the_model(release: str) -> None:
    run = RUN.format(mode=MODES[release])
    if release == "0.14.1":
        first = STEP_BEGINS.format(unless=" and not dummy_run").rstrip() + FIRST
    else:
        begins = indent(STEP_BEGINS.format(unless="").strip("\n"), " " * 4)
        first = BEGIN.replace("    self.finish", f"{begins}\n    self.finish", 1)
    body = f"{first}{MIDDLE}{FORWARD_BEGINS.strip()}{run}{FORWARD_ENDS.strip()}\n"
    after = "from vllm import wheelwright_profile" + BEFORE.format(body=indent(body, " " * 8))
    changed = patched(PATCH, release, MODULE, excerpt(release))
    assert lines(changed) == lines(after)


def lines(text: str) -> list[str]:
    """Give the lines that are not empty."""
    return [line for line in dedent(text).splitlines() if line.strip()]


def runner(release: str, package: object) -> SimpleNamespace:
    """Make a model runner of the patched class of a release."""
    module = compiled([PATCH], release, MODULE, excerpt(release), package)
    made = module.GPUModelRunner()
    made.execute_model.__func__.__globals__["CUDAGraphMode"] = SimpleNamespace(FULL="full")
    made.finish_requests = made.update_requests = lambda _: None
    made.prepare = lambda: SimpleNamespace(num_tokens_after_padding=16)
    made.cudagraph_manager = SimpleNamespace(run_fullgraph=lambda: "of the graph")
    made.context, made.model = contextlib.nullcontext, lambda: "of the model"
    return made  # type: ignore[no-any-return]


@pytest.mark.parametrize("release", RELEASES)
def test_off_asks_nothing_but_whether_it_is_on(release: str) -> None:
    made = runner(release, SimpleNamespace(on=False))
    assert made.execute_model(output(new={"a": 5}), **NONE) == "of the model"
    assert made.execute_model(output(new={"a": 5}), **GRAPH[release]) == "of the graph"


@pytest.mark.parametrize("release", RELEASES)
def test_a_graph_and_the_model_give_a_row_and_a_dummy_run_none(
    release: str, recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    made = runner(release, recorded.package)
    assert made.execute_model(output(-5, new={"d": 9}), dummy_run=True, **NONE) == "of the model"
    assert recorded.package.recording.step == -1
    assert made.execute_model(output(0, new={"a": 5}), **NONE) == "of the model"
    assert made.execute_model(output(1, cached={"a": (1, 1)}), **GRAPH[release]) == "of the graph"
    assert made.execute_model(output(2)) == "empty"
    assert recorded.package.recording.step == 2
    rows = recorded.rows("forward")
    assert [(row["step"], row["phase"], row["tokens"], row["padded_tokens"]) for row in rows] == [
        (0, "prefill", 5, 16),
        (1, "decode", 1, 16),
    ]
    assert recorded.points == ["forward_v2.ends"] * 2


ENCODES = """
class MMEncoderModelRunner:
    def execute_model(self, scheduler_output):
        with self.input_tensor_semaphore():
            self.finish_requests(scheduler_output)
"""


def test_an_instance_that_only_encodes_has_steps(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    made = compiled([PATCH], "0.29.0", ENCODER_ONLY, ENCODES, recorded.package)
    instance = made.MMEncoderModelRunner()
    instance.input_tensor_semaphore = contextlib.nullcontext
    seen: list[int] = []
    instance.finish_requests = lambda _: seen.append(recorded.package.recording.step)
    instance.execute_model(output(6))
    assert seen == [6]


def test_releases_before_are_excluded() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
