"""Each layer's selected experts are handed to the recorder, and never in traced code."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.recorded import run_in_vllm
from transforms.engine.outcome import Status
from transforms.platforms.profile.experts import PATCH

FUSED_MOE = "vllm.model_executor.layers.fused_moe"
# As they are with the point; upstream's lines are those without it.
RUNNER = """
import torch

from vllm import wheelwright_profile
from vllm.config import VllmConfig

class MoERunner:
    def _apply_quant_method(self, hidden_states, router_logits):
        if self.is_monolithic:
            return self.apply_monolithic(hidden_states)
        else:
            topk_weights, topk_ids = self.router.select_experts(
                hidden_states=hidden_states,
                router_logits=router_logits,
            )
            if wheelwright_profile.on and not torch.compiler.is_compiling():
                wheelwright_profile.experts.selected(self, topk_weights, topk_ids)

            return self.apply(topk_weights, topk_ids)
"""
DEFAULT_RUNNER = RUNNER.replace("MoERunner", "DefaultMoERunner")
CHUNKED = """
import torch

from vllm import wheelwright_profile
from vllm.config import VllmConfig

class DefaultMoERunner:
    def forward_impl_chunked(self, full_hidden_states, full_router_logits):
        def process_chunk():
            topk_weights, topk_ids = self.router.select_experts(
                hidden_states=full_hidden_states, router_logits=full_router_logits
            )
            if wheelwright_profile.on and not torch.compiler.is_compiling():
                wheelwright_profile.experts.selected(self, topk_weights, topk_ids)
            return self.apply(topk_weights, topk_ids)
        return process_chunk()

    def forward_impl(self, hidden_states, router_logits):
        topk_weights, topk_ids = self.router.select_experts(
            hidden_states=hidden_states, router_logits=router_logits
        )
        if wheelwright_profile.on and not torch.compiler.is_compiling():
            wheelwright_profile.experts.selected(self, topk_weights, topk_ids)

        return self.apply(topk_weights, topk_ids)
"""
LAYER = CHUNKED.replace("DefaultMoERunner", "FusedMoE")
ROUTING_LAYER = """
import torch

from vllm import wheelwright_profile
from vllm.config import VllmConfig

class FusedMoE:
    def _select_experts(self, hidden_states, router_logits):
        topk_weights, topk_ids = self.router.select_experts()
        if self.enable_eplb:
            topk_ids = eplb_map_to_physical_and_record(topk_ids=topk_ids)
        if wheelwright_profile.on and not torch.compiler.is_compiling():
            wheelwright_profile.experts.selected(self, topk_weights, topk_ids)
        return topk_weights, topk_ids
"""
CPU = """
import torch

from vllm import wheelwright_profile
from vllm.config import VllmConfig

class SGLFusedMOE:
    def __call__(self, layer, x, router_logits):
        topk_weights, topk_ids = select_experts(hidden_states=x, router_logits=router_logits)
        if wheelwright_profile.on and not torch.compiler.is_compiling():
            wheelwright_profile.experts.selected(layer, topk_weights, topk_ids)

        return x

class CPUFusedMOE:
    def __call__(self, layer, x, router_logits):
        topk_weights, topk_ids = select_experts(
            hidden_states=x,
            router_logits=router_logits,
        )
        if wheelwright_profile.on and not torch.compiler.is_compiling():
            wheelwright_profile.experts.selected(layer, topk_weights, topk_ids)
        return self.forward_method(layer, x, topk_weights, topk_ids)
"""
# Release, module, its lines, and the methods that select.
LAYERS = [
    ("0.14.1", f"{FUSED_MOE}.layer", ROUTING_LAYER, "_select_experts"),
    ("0.16.0", f"{FUSED_MOE}.layer", LAYER, "forward_impl"),
    ("0.16.0", f"{FUSED_MOE}.layer", LAYER, "forward_impl_chunked"),
    ("0.17.0", f"{FUSED_MOE}.runner.default_moe_runner", CHUNKED, "forward_impl"),
    ("0.18.1", f"{FUSED_MOE}.runner.default_moe_runner", CHUNKED, "forward_impl_chunked"),
    ("0.19.0", f"{FUSED_MOE}.runner.default_moe_runner", DEFAULT_RUNNER, "_apply_quant_method"),
    ("0.20.0", f"{FUSED_MOE}.runner.moe_runner", RUNNER, "_apply_quant_method"),
    ("0.33.0", f"{FUSED_MOE}.runner.moe_runner", RUNNER, "_apply_quant_method"),
]


def _upstream(text: str) -> str:
    """Give the lines without the points."""
    return "".join(
        line for line in text.splitlines(keepends=True) if "wheelwright_profile" not in line
    )


class Recorder:
    """The package as a point sees it.

    Attributes:
        asked: how often `on` was read.
        selected: what was handed over.
    """

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self.asked = 0
        self.selected: list[tuple[object, ...]] = []

    @property
    def on(self) -> bool:
        """Whether it records."""
        self.asked += 1
        return self._on

    @property
    def experts(self) -> SimpleNamespace:
        """The module of points."""
        assert self._on, "off, nothing else is asked for"
        return SimpleNamespace(selected=lambda *given: self.selected.append(given))


@pytest.mark.parametrize(("release", "module", "after"), [case[:3] for case in LAYERS])
def test_it_changes_what_it_is_for(release: str, module: str, after: str) -> None:
    assert patched(PATCH, release, module, _upstream(after)) == after


@pytest.mark.parametrize("release", ["0.14.1", "0.19.1", "0.27.1"])
def test_the_cpu_s_own_routing_is_changed(release: str) -> None:
    assert patched(PATCH, release, f"{FUSED_MOE}.cpu_fused_moe", _upstream(CPU)) == CPU


def _select(
    case: tuple[str, str, str, str], recorder: Recorder, *, compiling: bool = False
) -> object:
    """Let the layer of a release select its experts once, and give it."""
    release, module, after, method = case
    text = patched(PATCH, release, module, _upstream(after))
    names = run_in_vllm(
        text.replace("import torch\n", "").replace("from vllm.config import VllmConfig\n", ""),
        recorder,
        torch=SimpleNamespace(compiler=SimpleNamespace(is_compiling=lambda: compiling)),
        eplb_map_to_physical_and_record=lambda **_: "physical ids",
    )
    (made,) = (thing for thing in vars(names).values() if isinstance(thing, type))
    layer: Any = made()
    layer.is_monolithic, layer.enable_eplb = False, True
    layer.router = SimpleNamespace(select_experts=lambda **_: ("weights", "ids"))
    layer.apply = lambda *selected: selected
    selected = getattr(layer, method)("states", "logits")
    assert selected == ("weights", _ids(method))
    return layer


def _ids(method: str) -> str:
    return "physical ids" if method == "_select_experts" else "ids"


@pytest.mark.parametrize("case", LAYERS)
def test_the_layer_s_choice_is_handed_over(case: tuple[str, str, str, str]) -> None:
    recorder = Recorder(on=True)
    layer = _select(case, recorder)
    assert recorder.selected == [(layer, "weights", _ids(case[3]))]


@pytest.mark.parametrize("case", LAYERS)
def test_off_is_one_attribute_test(case: tuple[str, str, str, str]) -> None:
    recorder = Recorder(on=False)
    _select(case, recorder)
    assert recorder.asked == 1


@pytest.mark.parametrize("case", LAYERS)
def test_traced_code_has_no_point(case: tuple[str, str, str, str]) -> None:
    recorder = Recorder(on=True)
    _select(case, recorder, compiling=True)
    assert recorder.selected == []


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
