"""Scales that ModelSlim names are found where vLLM's attention has them."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.kv_scale_names import PATCH

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.model_executor.model_loader.weight_utils"
BEFORE = '''
def maybe_remap_kv_scale_name(name: str, params_dict: dict) -> str | None:
    """Remap the name of FP8 k/v_scale parameters."""
    if name in params_dict:
        return name
    if name.endswith(".kv_scale"):
        return None
    return name.replace(".k_scale", ".attn.k_scale")
'''
LAYER = "model.layers.0.self_attn"
BELOW = f"{LAYER}.mla_attn.mla_attn"


def _remapped(release: str, device_type: str, name: str, *params: str) -> str | None:
    names = run(
        patched(PATCH, release, MODULE, BEFORE),
        current_platform=SimpleNamespace(device_type=device_type),
    )
    remapped: str | None = names.maybe_remap_kv_scale_name(name, dict.fromkeys(params))
    return remapped


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "scale",
    [
        *(f"fa_{part}.{what}" for part in "qkv" for what in ("scale", "offset")),
        *(f"indexer.{part}_rot" for part in "qk"),
    ],
)
def test_on_ascend_they_are_two_modules_below(release: str, scale: str) -> None:
    below = f"{BELOW}.{scale}"
    assert _remapped(release, "npu", f"{LAYER}.{scale}", below) == below
    assert _remapped(release, "cuda", f"{LAYER}.{scale}", below) == f"{LAYER}.{scale}"


@pytest.mark.parametrize(
    ("name", "params", "remapped"),
    [
        # A model that has them directly in its attention.
        (f"{LAYER}.fa_q.scale", [], f"{LAYER}.fa_q.scale"),
        (f"{LAYER}.mla_attn.fa_q.scale", [], f"{LAYER}.fa_q.scale"),
        # What the model has stays, and so does what upstream drops or remaps.
        (f"{BELOW}.fa_q.scale", [f"{BELOW}.fa_q.scale"], f"{BELOW}.fa_q.scale"),
        (f"{LAYER}.kv_scale", [], None),
        (f"{LAYER}.k_scale", [], f"{LAYER}.attn.k_scale"),
        (f"{LAYER}.fa_q.scales", [], f"{LAYER}.fa_q.scales"),
    ],
)
def test_other_names_stay(name: str, params: list[str], remapped: str | None) -> None:
    assert _remapped("0.23.0", "npu", name, *params) == remapped


def test_a_plugin_that_renames_while_it_runs_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugin = "vllm_ascend.patch.worker.patch_weight_utils"
    monkeypatch.setitem(sys.modules, plugin, ModuleType(plugin))
    name = f"{LAYER}.fa_q.scale"
    assert _remapped("0.23.0", "npu", name, f"{BELOW}.fa_q.scale") == name
