"""A forward pass becomes a row with its batch, and its device's time once that is known."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.outputs import ALONE, output
from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

TEXT = SimpleNamespace(supports_mm_inputs=False)
IMAGES = SimpleNamespace(supports_mm_inputs=True)


@cache
def _package() -> Any:  # noqa: ANN401 - a module
    return load({"VLLM_ENABLE_PROFILING": "1"})


def one_pass(recorded: Recorded, runner: object, device: Device | None = None) -> None:
    """Run a step of 5 + 1 tokens, for which a device takes 3 ms."""
    forward = recorded.package.forward
    step = output(2, new={"a": 5}, cached={"b": (1, 4)})
    forward.step_begins(step)
    begun = forward.begins()
    if device is not None:
        device.works(3.0)
    forward.ends(begun, runner, step, 8)


def test_on_a_cpu_the_row_is_there_at_once(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    one_pass(recorded, TEXT)
    (row,) = recorded.rows("forward")
    assert (row["step"], row["device_ns"], row["tokens"], row["padded_tokens"]) == (2, None, 6, 8)
    assert recorded.rows("encoder") == []


def test_what_is_recorded_later_is_what_was_when_it_ran(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    device = Device()
    work_on(device, monkeypatch)
    recorded.package.processes.worker(ALONE, 1)
    one_pass(recorded, TEXT, device)
    assert recorded.rows("forward") == []
    device.catches_up()
    recorded.package.forward.step_begins(SimpleNamespace(profile_step_id=3))
    (row,) = recorded.rows("forward")
    assert (row["step"], row["device_ns"], row["rank"]) == (2, 3_000_000, 1)


@pytest.mark.parametrize("has_device", [True, False])
def test_a_model_with_an_encoder_has_a_row_of_its_decoder(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, *, has_device: bool
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    device = Device() if has_device else None
    work_on(device, monkeypatch)
    one_pass(recorded, IMAGES, device)
    if device is not None:
        device.catches_up()
        recorded.package.forward.step_begins(SimpleNamespace(profile_step_id=3))
    (decoder,), (forward,) = recorded.rows("encoder"), recorded.rows("forward")
    assert (decoder["step"], decoder["component"]) == (2, "decoder")
    if has_device:
        assert decoder["context"] == "6 tokens, on the device"
        assert decoder["duration_ns"] == forward["device_ns"] == 3_000_000
    else:
        assert decoder["context"] == "6 tokens"
        assert decoder["duration_ns"] == forward["duration_ns"]


def test_experts_count_within_the_pass_and_outside_of_its_time(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    package = recorded.package
    log: list[object] = []
    monkeypatch.setattr(package.experts, "begin_step", log.append)
    monkeypatch.setattr(package.experts, "end_step", lambda: log.append("experts end"))
    monkeypatch.setattr(package.device, "start", lambda: log.append("start"))
    stop = package.device.stop

    def stopped(*given: object) -> None:
        log.append("stop")
        stop(*given)

    monkeypatch.setattr(package.device, "stop", stopped)
    package.forward.step_begins(SimpleNamespace(profile_step_id=1, total_num_scheduled_tokens=0))
    one_pass(recorded, TEXT)
    assert log == [0, 6, "start", "stop", "experts end"]


def test_experts_end_even_where_the_row_is_in_trouble(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    work_on(None, monkeypatch)
    ended: list[bool] = []
    monkeypatch.setattr(package.experts, "end_step", lambda: ended.append(True))
    package.forward.ends(package.forward.begins(), TEXT, SimpleNamespace(), 8)
    assert ended == [True]


def test_without_a_step_id_the_step_is_unknown(recorder: Callable[..., ModuleType]) -> None:
    package = recorder()
    package.recording.step = 5
    package.forward.step_begins(SimpleNamespace())
    assert package.recording.step == -1


def test_trouble_with_the_device_is_said_and_the_engine_goes_on(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    said: list[str] = []

    def fails(*_: Any) -> None:  # noqa: ANN401 - whatever it is
        raise OSError

    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    for name in ("start", "stop", "poll"):
        monkeypatch.setattr(package.device, name, fails)
    step = output(2, new={"a": 5})
    package.forward.step_begins(step)
    begun = package.forward.begins()
    package.forward.ends(begun, TEXT, step, 8)
    package.forward.ends_v2(begun, TEXT, step, 8)
    assert package.recording.step == 2
    assert said == [
        "forward.step_begins",
        "forward.begin_timing",
        "forward.ends",
        "forward_v2.ends",
    ]


@pytest.mark.parametrize(
    ("batch", "phase"),
    [
        ({"new": {"a": 9}}, "prefill"),
        ({"cached": {"a": (9, 0)}}, "prefill"),
        # The last token of a prompt, alone.
        ({"cached": {"a": (1, 0)}}, "prefill"),
        ({"cached": {"a": (1, 3)}}, "decode"),
        ({"new": {"a": 9}, "cached": {"b": (1, 3)}}, "mixed"),
        ({"cached": {"a": (1, 0), "b": (1, 3)}}, "mixed"),
        # A speculation proposes tokens: that is no prompt.
        ({"cached": {"a": (4, 3)}, "proposed": {"a": 3}}, "decode"),
        ({"new": {"b": 2}, "cached": {"a": (4, 3)}, "proposed": {"a": 3}}, "mixed"),
        # What was computed and lost is computed again, in one step or in several.
        ({"cached": {"a": (7, 3)}, "resumed": ("a",)}, "prefill"),
        ({"cached": {"a": (7, 3)}}, "prefill"),
        ({"cached": {"a": (7, 3), "b": (1, 3)}}, "mixed"),
        ({"new": {"c": 2}, "cached": {"a": (7, 3)}}, "prefill"),
    ],
)
def test_the_phase_is_what_the_requests_of_the_batch_do(batch: dict[str, Any], phase: str) -> None:
    assert _package().forward.phase_of(output(**batch)) == phase


REQUESTS = st.lists(
    st.tuples(
        st.integers(1, 6),  # tokens of the prompt
        st.integers(0, 4),  # and of the output
        st.integers(0, 9),  # computed of both, at most all but one
        st.integers(1, 9),  # scheduled of the rest, at most all
        st.integers(0, 2),  # proposed tokens, if all of the rest is scheduled
        st.booleans(),  # whether the workers know it
    ),
    min_size=1,
    max_size=5,
)


@given(requests=REQUESTS)
def test_workers_and_scheduler_agree_about_the_phase(requests: list[tuple[Any, ...]]) -> None:
    new: dict[str, int] = {}
    cached: dict[str, tuple[int, int]] = {}
    proposed: dict[str, int] = {}
    resumed: set[str] = set()
    known: dict[str, SimpleNamespace] = {}
    for number, (prompt, outputs, computed, scheduled, speculated, is_known) in enumerate(requests):
        name = str(number)
        begin = min(computed, prompt + outputs - 1)
        count = min(scheduled, prompt + outputs - begin)
        if outputs and begin + count == prompt + outputs and speculated:
            proposed[name] = speculated
            count += speculated
        if outputs or is_known:
            cached[name] = (count, outputs)
        else:
            new[name] = count
        if outputs and count == 1 and begin < prompt + outputs - 1:
            # Workers take a single token that is computed again for decode, unless it is the first.
            resumed.add(name)
        known[name] = SimpleNamespace(
            num_prompt_tokens=prompt,
            num_computed_tokens=begin + count,
            num_tokens=prompt + outputs,
        )
    step = output(new=new, cached=cached, proposed=proposed, resumed=tuple(resumed))
    package = _package()
    scheduling = package.scheduling
    prefill = scheduling._prefill_tokens(known, step.num_scheduled_tokens)
    theirs = scheduling._phase(prefill, step.total_num_scheduled_tokens - prefill)
    assert package.forward.phase_of(step) == theirs
