"""The classic model runner's forward passes are recorded, each with its step and its batch."""

from __future__ import annotations

import contextlib
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.outputs import output
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.forward import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

RELEASES = ["0.14.1", "0.33.0"]
MODULE = "vllm.v1.worker.gpu_model_runner"
BEFORE = """
import vllm.envs as envs
from vllm.config import VllmConfig

class GPUModelRunner:
    def execute_model(self, scheduler_output, intermediate_tensors=None):
        if self.execute_model_state is not None:
            raise RuntimeError("State error")
        if not scheduler_output.total_num_scheduled_tokens:
            return "empty"
        num_tokens_padded = 8
        with self.context():
            model_output = self._model_forward(
                input_ids=scheduler_output,
                **{},
            )

        return model_output

    def _dummy_run(self):
        return self.model()
"""
AFTER = """
import vllm.envs as envs
from vllm import wheelwright_profile
from vllm.config import VllmConfig

class GPUModelRunner:
    def execute_model(self, scheduler_output, intermediate_tensors=None):
        if wheelwright_profile.on:
            wheelwright_profile.forward.step_begins(scheduler_output)
        if self.execute_model_state is not None:
            raise RuntimeError("State error")
        if not scheduler_output.total_num_scheduled_tokens:
            return "empty"
        num_tokens_padded = 8
        with self.context():
            if wheelwright_profile.on:
                forward_begun = wheelwright_profile.forward.begins()
            model_output = self._model_forward(
                input_ids=scheduler_output,
                **{},
            )
            if wheelwright_profile.on:
                wheelwright_profile.forward.ends(
                    forward_begun, self, scheduler_output, num_tokens_padded
                )

        return model_output

    def _dummy_run(self):
        return self.model()
"""
RUNNABLE = BEFORE.replace("import vllm.envs as envs\nfrom vllm.config import VllmConfig\n", "")


@pytest.mark.parametrize("release", RELEASES)
def test_the_pass_is_between_the_two_halves_of_its_point(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_releases_before_are_excluded() -> None:
    assert status_on(PATCH, "0.13.0") is Status.EXCLUDED


def runner(package: object, model: Callable[[], object]) -> SimpleNamespace:
    """Make a model runner of the patched class."""
    made = compiled([PATCH], "0.33.0", MODULE, RUNNABLE, package).GPUModelRunner()
    made.execute_model_state = None
    made.context = contextlib.nullcontext
    made._model_forward = lambda **_: model()
    return made  # type: ignore[no-any-return]


def test_off_asks_nothing_but_whether_it_is_on() -> None:
    made = runner(SimpleNamespace(on=False), lambda: "hidden states")
    assert made.execute_model(output(new={"a": 5})) == "hidden states"


def test_a_step_has_one_row_of_its_own_batch(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    clock = iter([100, 350])
    monkeypatch.setattr(recorded.package.recording, "clock", lambda: next(clock))
    monkeypatch.setattr(recorded.package.recording, "now", lambda: 1_000)
    made = runner(recorded.package, lambda: "hidden states")
    assert made.execute_model(output(3, new={"a": 5}, cached={"b": (1, 4)})) == "hidden states"
    assert recorded.rows("forward") == [
        {
            "time_ns": 1_000,
            "step": 3,
            "duration_ns": 250,
            "device_ns": None,
            "phase": "mixed",
            "requests": 2,
            "tokens": 6,
            "padded_tokens": 8,
            "rank": 0,
        }
    ]
    assert recorded.points == ["forward.ends"]


def test_a_step_without_tokens_is_a_step_and_no_pass(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    made = runner(recorded.package, lambda: "hidden states")
    assert made.execute_model(output(4)) == "empty"
    assert recorded.package.recording.step == 4
    assert recorded.rows("forward") == []


def test_what_the_model_raises_is_raised(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)

    def fails() -> object:
        raise MemoryError("of the device")

    with pytest.raises(MemoryError, match="of the device"):
        runner(recorded.package, fails).execute_model(output(new={"a": 5}))
    assert recorded.rows("forward") == []


def test_the_device_s_time_is_read_in_a_later_step(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    device = Device()
    work_on(device, monkeypatch)
    made = runner(recorded.package, lambda: device.works(2.5))
    made.execute_model(output(0, new={"a": 5}))
    assert recorded.rows("forward") == []
    device.catches_up()
    made.execute_model(output(1, cached={"a": (1, 1)}))
    assert [(row["step"], row["device_ns"]) for row in recorded.rows("forward")] == [(0, 2_500_000)]
