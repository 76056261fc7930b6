"""A step's run of the encoders becomes a row; what is encoded before the first step does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.devices import work_on
from tests.transforms.platforms.profile.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@pytest.mark.parametrize("ends", ["ends", "ends_v2"])
def test_on_a_cpu_the_time_is_the_host_s(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    clock = iter([100, 350])
    monkeypatch.setattr(recorded.package.recording, "clock", lambda: next(clock))
    monkeypatch.setattr(recorded.package.recording, "now", lambda: 1_000)
    recorded.package.recording.step = 4
    encoders = recorded.package.encoders
    getattr(encoders, ends)(encoders.begins(), 3)
    assert [tuple(row.values()) for row in recorded.rows("encoder")] == [
        (1_000, 4, 250, "encoder", "3 items")
    ]


def test_an_encoder_is_no_step_of_the_experts(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    asked: list[int] = []
    monkeypatch.setattr(recorded.package.experts, "begin_step", asked.append)
    encoders = recorded.package.encoders
    encoders.ends(encoders.begins(), 3)
    assert asked == []


def test_warm_up_is_not_recorded(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    work_on(None, monkeypatch)
    encoders = recorded.package.encoders
    encoders.ends(encoders.begins(), 3)
    assert recorded.rows("encoder") == []


def test_trouble_is_said_and_the_engine_goes_on(
    recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = recorder()
    said: list[str] = []

    def fails(*_: Any) -> None:  # noqa: ANN401 - whatever it is
        raise OSError

    monkeypatch.setattr(package.recording, "trouble", lambda what, _: said.append(what))
    work_on(None, monkeypatch)
    monkeypatch.setattr(package.device, "stop", fails)
    package.encoders.ends(package.encoders.begins(), 3)
    package.encoders.ends_v2(package.encoders.begins(), 3)
    assert said == ["encoder.ends", "encoder.ends_v2"]
