"""DeepSeek V4's drafts are not bound to multiples of its MTP layers on Ascend."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.deepseek_v4_draft_tokens import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = "vllm.config.speculative"
BEFORE = """
class SpeculativeConfig:
    @staticmethod
    def hf_config_override(hf_config):
        if hf_config.model_type == "deepseek_v3":
            n_predict = getattr(hf_config, "num_nextn_predict_layers", None)
            hf_config.update(
                {"n_predict": n_predict, "architectures": ["DeepSeekMTPModel"]}
            )
        if hf_config.model_type == "deepseek_v4":
            n_predict = getattr(hf_config, "num_nextn_predict_layers", None)
            hf_config.update(
                {"n_predict": n_predict, "architectures": ["DeepSeekV4MTPModel"]}
            )
        return hf_config
"""
SHARED = """
class SpeculativeConfig:
    @staticmethod
    def hf_config_override(hf_config):
        if hf_config.model_type in ("deepseek_v4", "deepseek_v41"):
            # V4.1 has no classic-MTP draft.
            is_v41 = hf_config.model_type == "deepseek_v41"
            n_predict = getattr(hf_config, "num_nextn_predict_layers", None)
            overrides = {"n_predict": n_predict}
            if not is_v41:
                overrides["architectures"] = ["DeepSeekV4MTPModel"]
            hf_config.update(overrides)
        return hf_config
"""
SHARED_AFTER = """
class SpeculativeConfig:
    @staticmethod
    def hf_config_override(hf_config):
        if hf_config.model_type in ("deepseek_v4", "deepseek_v41"):
            # V4.1 has no classic-MTP draft.
            is_v41 = hf_config.model_type == "deepseek_v41"
            n_predict = getattr(hf_config, "num_nextn_predict_layers", None)
            overrides = {"n_predict": n_predict}
            if not is_v41:
                from vllm.platforms import current_platform

                overrides["architectures"] = ["DeepSeekV4MTPModel"]
                if current_platform.device_type == "npu":
                    del overrides["n_predict"]
            hf_config.update(overrides)
        return hf_config
"""


class _Config(SimpleNamespace):
    def update(self, values: dict[str, object]) -> None:
        vars(self).update(values)


def _overridden(text: str, model_type: str) -> dict[str, object]:
    config = _Config(model_type=model_type, num_nextn_predict_layers=2)
    overridden: dict[str, object] = vars(run(text).SpeculativeConfig.hf_config_override(config))
    return overridden


def test_the_branch_of_v4_alone_changes() -> None:
    assert patched(PATCH, "0.30.0", MODULE, SHARED) == dedent(SHARED_AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize(("release", "before"), [("0.23.0", BEFORE), ("0.33.0", SHARED)])
def test_on_ascend_v4_says_nothing_of_the_number_of_drafts(
    on: Callable[[str], None], release: str, before: str
) -> None:
    on("npu")
    overridden = _overridden(patched(PATCH, release, MODULE, before), "deepseek_v4")
    assert overridden["architectures"] == ["DeepSeekV4MTPModel"]
    assert "n_predict" not in overridden
    assert _overridden(before, "deepseek_v4")["n_predict"] == 2


@pytest.mark.parametrize(("release", "before"), [("0.23.0", BEFORE), ("0.33.0", SHARED)])
@pytest.mark.parametrize("model_type", ["deepseek_v3", "deepseek_v4", "deepseek_v41", "qwen3"])
def test_other_models_and_devices_are_as_before(
    on: Callable[[str], None], release: str, before: str, model_type: str
) -> None:
    stock = _overridden(before, model_type)
    text = patched(PATCH, release, MODULE, before)
    if model_type != "deepseek_v4":
        on("npu")
        assert _overridden(text, model_type) == stock
    on("cuda")
    assert _overridden(text, model_type) == stock
