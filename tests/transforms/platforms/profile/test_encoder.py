"""Encoders are timed: all batches of a step together, with either model runner."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.devices import Device, work_on
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.platforms.profile.encoder import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

RELEASE = "0.33.0"
CLASSIC = "vllm.v1.worker.gpu_model_runner"
V2 = "vllm.v1.worker.gpu.mm.encoder_runner"
BEFORE = """
class {owner}:
    def {function}(self, mm_kwargs):
        if not mm_kwargs:
            return []
        encoder_outputs = []
        for modality, num_items, mm_kwargs_batch in group_and_batch_mm_kwargs(
            mm_kwargs, device=self.device
        ):
            for item in mm_kwargs_batch:
                encoder_outputs.append(self.encode(item))

        return encoder_outputs
"""
AFTER = """
from vllm import wheelwright_profile

class {owner}:
    def {function}(self, mm_kwargs):
        if not mm_kwargs:
            return []
        encoder_outputs = []
        if wheelwright_profile.on:
            encoder_begun = wheelwright_profile.encoders.begins()
        for modality, num_items, mm_kwargs_batch in group_and_batch_mm_kwargs(
            mm_kwargs, device=self.device
        ):
            for item in mm_kwargs_batch:
                encoder_outputs.append(self.encode(item))
        if wheelwright_profile.on:
            wheelwright_profile.encoders.{ends}(encoder_begun, len(mm_kwargs))

        return encoder_outputs
"""
PLACES = [
    (CLASSIC, "GPUModelRunner", "_execute_mm_encoder", "ends"),
    (V2, "EncoderRunner", "execute_mm_encoder", "ends_v2"),
]


@pytest.mark.parametrize(("module", "owner", "function", "ends"), PLACES)
def test_what_is_timed_is_all_batches_and_no_more(
    module: str, owner: str, function: str, ends: str
) -> None:
    names = {"owner": owner, "function": function, "ends": ends}
    changed = patched(PATCH, RELEASE, module, BEFORE.format(**names))
    assert changed.split() == dedent(AFTER.format(**names)).split()


@pytest.mark.parametrize(("module", "owner", "function", "ends"), PLACES)
def test_a_step_s_batches_are_one_row(  # noqa: PLR0913 - two fixtures, and a place
    *,
    module: str,
    owner: str,
    function: str,
    ends: str,
    recorder: Callable[..., ModuleType],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorded = Recorded(recorder(), monkeypatch)
    device = Device()
    work_on(device, monkeypatch)
    encode = encoder(recorded.package, module, owner, function, device)
    recorded.package.recording.step = 4
    assert encode([]) == []
    assert encode(["image", "image", "sound"]) == ["encoded"] * 3
    assert recorded.rows("encoder") == []
    device.catches_up()
    recorded.package.forward.step_begins(SimpleNamespace(profile_step_id=5))
    (row,) = recorded.rows("encoder")
    assert (row["step"], row["component"], row["duration_ns"], row["context"]) == (
        4,
        "encoder",
        6_000_000,
        "3 items, on the device",
    )
    assert recorded.points == [f"encoder.{ends}"]


def test_off_asks_nothing_but_whether_it_is_on() -> None:
    module, owner, function, _ = PLACES[0]
    encode = encoder(SimpleNamespace(on=False), module, owner, function, Device())
    assert encode(["image"]) == ["encoded"]


def encoder(
    package: object, module: str, owner: str, function: str, device: Device
) -> Callable[[list[str]], list[str]]:
    """Give the patched function, whose encoder takes the device 2 ms for each item."""
    before = BEFORE.format(owner=owner, function=function)
    names = compiled([PATCH], RELEASE, module, before, package)
    made = getattr(names, owner)()
    made.device = "fake"

    def encode(_: str) -> str:
        device.works(2.0)
        return "encoded"

    made.encode = encode
    encodes = getattr(made, function)
    encodes.__func__.__globals__["group_and_batch_mm_kwargs"] = _batches
    return encodes  # type: ignore[no-any-return]


def _batches(items: list[str], device: str) -> list[tuple[str, int, list[str]]]:
    assert device == "fake"
    return [(kind, items.count(kind), [kind] * items.count(kind)) for kind in dict.fromkeys(items)]


def test_model_runner_v2_has_no_encoder_before_0_16() -> None:
    there = [edit for edit in PATCH.edits if admits(edit.versions, "0.14.1")]
    assert {getattr(edit, "inside", "") for edit in there} == {
        CLASSIC,
        f"{CLASSIC}.GPUModelRunner._execute_mm_encoder",
    }


def test_releases_before_are_excluded() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
