"""UCM is called before and after each layer of Qwen2, and its feed-forward part."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from tests.transforms.platforms.ucm_sparse.stand_ins import LayerAgent
from transforms.platforms.ucm_sparse.qwen2_layers import PATCH

MODULE = "vllm.model_executor.models.qwen2"
BEFORE = """
import torch


class Qwen2DecoderLayer:
    def forward(self, positions, hidden_states, residual):
        # Fully Connected
        hidden_states, residual = self.post_attention_layernorm(hidden_states, residual)
        hidden_states = self.mlp(hidden_states)
        return hidden_states, residual


class Qwen2Model:
    def forward(self, positions, hidden_states, residual):
        for layer in self.layers:
            hidden_states, residual = layer(positions, hidden_states, residual)
        return hidden_states
"""
AFTER = """
import torch

from vllm import wheelwright_ucm_sparse


class Qwen2DecoderLayer:
    def forward(self, positions, hidden_states, residual):
        # Fully Connected
        if wheelwright_ucm_sparse.on:
            hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_begins(
                hidden_states, residual
            )
        hidden_states, residual = self.post_attention_layernorm(hidden_states, residual)
        hidden_states = self.mlp(hidden_states)
        if wheelwright_ucm_sparse.on:
            hidden_states, residual = wheelwright_ucm_sparse.layers.ffn_finished(
                hidden_states, residual
            )
        return hidden_states, residual


class Qwen2Model:
    def forward(self, positions, hidden_states, residual):
        for layer in self.layers:
            if wheelwright_ucm_sparse.on:
                positions, hidden_states, residual = wheelwright_ucm_sparse.layers.begins(
                    positions, hidden_states, residual
                )
            hidden_states, residual = layer(positions, hidden_states, residual)
            if wheelwright_ucm_sparse.on:
                positions, hidden_states, residual = wheelwright_ucm_sparse.layers.finished(
                    positions, hidden_states, residual
                )
        return hidden_states
"""
RELEASES = ["0.9.2", "0.11.0", "0.18.0", "0.33.0"]


def _run(release: str, package: object) -> str:
    text = without_imports(patched(PATCH, release, MODULE, BEFORE)).replace("import torch\n", "")
    module = run(text, wheelwright_ucm_sparse=package)
    decoder = SimpleNamespace(
        post_attention_layernorm=lambda hidden, residual: (f"{hidden} n", residual),
        mlp=lambda hidden: f"{hidden} m",
    )

    def layer(*arguments: Any) -> Any:
        return module.Qwen2DecoderLayer.forward(decoder, *arguments)

    result: str = module.Qwen2Model.forward(SimpleNamespace(layers=[layer, layer]), 0, "h", None)
    return result


@pytest.mark.parametrize("release", RELEASES)
def test_all_four_points_are_written(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


@pytest.mark.parametrize("release", ["0.16.0", "0.33.0"])
def test_further_arguments_of_a_layer_stay(release: str) -> None:
    more = BEFORE.replace(
        "layer(positions, hidden_states, residual)",
        "layer(positions, hidden_states, residual, **more)",
    )
    assert "residual, **more)" in patched(PATCH, release, MODULE, more)


@pytest.mark.parametrize("release", RELEASES)
def test_a_method_changes_what_goes_in_and_comes_out(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch, LayerAgent)
    # The stand-in model is not compiled.
    monkeypatch.setattr(loaded.package.agents, "_acts_in_layers", lambda _: False)
    agent = loaded.start()
    assert _run(release, loaded.package) == "(<(<h n m)> n m)>"
    assert agent.names() == ["layer_begin", "ffn_begin", "ffn_finished", "layer_finished"] * 2


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_called_where_it_is_off(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(release, off(monkeypatch)) == "h n m n m"
    loaded = switched_on(monkeypatch, LayerAgent)
    assert loaded.start(sparse=False) is None
    assert _run(release, loaded.package) == "h n m n m"
