"""UCM is called before and after each layer's attention, with what the attention is computed of."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import off, switched_on, without_imports
from transforms.platforms.ucm_sparse.attention import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = "vllm.attention.layer"
NEW = "vllm.model_executor.layers.attention.attention"
RETURNING = """
import torch

def unified_attention(query, key, value, layer_name):
    attn_metadata, self, kv_cache = get_attention_context(layer_name)
    output = self.impl.forward(self, query, key, value, kv_cache, attn_metadata)
    return output
"""
WRITING = """
import torch

def unified_attention_with_output(query, key, value, output, layer_name):
    attn_metadata, self, kv_cache = get_attention_context(layer_name)
    self.impl.forward(self, query, key, value, kv_cache, attn_metadata, output=output)
"""
WRITING_AFTER = """
import torch

from vllm import wheelwright_ucm_sparse

def unified_attention_with_output(query, key, value, output, layer_name):
    attn_metadata, self, kv_cache = get_attention_context(layer_name)
    if wheelwright_ucm_sparse.on:
        query, key, value, output = wheelwright_ucm_sparse.attention.begins(
            self, query, key, value, output, layer_name
        )
    self.impl.forward(self, query, key, value, kv_cache, attn_metadata, output=output)
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.attention.finished(self, query, key, value, output, layer_name)
"""


def _layer(log: list[Any], **attributes: Any) -> SimpleNamespace:
    def forward(_: object, *arguments: object, **keywords: object) -> str:
        log.append(("forward", *arguments, *keywords.values()))
        return "result"

    return SimpleNamespace(impl=SimpleNamespace(forward=forward), kv_cache="kv", **attributes)


def _operator(name: str, text: str, layer: object, package: object) -> Callable[..., Any]:
    operator: Callable[..., Any] = getattr(
        run(
            without_imports(text).replace("import torch\n", ""),
            wheelwright_ucm_sparse=package,
            get_attention_context=lambda _: ("metadata", layer, "kv"),
        ),
        name,
    )
    return operator


def both(name: str, release: str) -> str:
    """Patch an excerpt that has both operators, or the one that is left, and give it."""
    module = OLD if release < "0.16" else NEW
    excerpt = RETURNING + WRITING.replace("import torch\n", "")
    assert name in excerpt
    return patched(PATCH, release, module, excerpt)


@pytest.mark.parametrize("release", ["0.20.0", "0.33.0"])
def test_both_points_are_written(release: str) -> None:
    assert patched(PATCH, release, NEW, WRITING) == dedent(WRITING_AFTER)


@pytest.mark.parametrize("release", ["0.11.0", "0.14.1", "0.16.0", "0.19.1"])
def test_what_is_returned_is_ucms_too(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    layer = _layer(agent.calls)
    call = _operator("unified_attention", both("unified_attention", release), layer, loaded.package)
    assert call("q", "k", "v", "layer") == "result"
    assert agent.calls == [
        ("attention_begin", "q", "k", "v", "layer", loaded.context, None, None, None),
        ("forward", "q'", "k'", "v'", "kv", "metadata"),
        ("attention_finished", "q'", "k'", "v'", "result", "layer", loaded.context),
    ]


@pytest.mark.parametrize("release", ["0.11.0", "0.14.1", "0.16.0", "0.19.1"])
def test_what_is_written_into_an_output_is_ucms_too(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    name = "unified_attention_with_output"
    call = _operator(name, both(name, release), _layer(agent.calls), loaded.package)
    call("q", "k", "v", "out", "layer")
    assert agent.names() == ["attention_begin", "forward", "attention_finished"]
    assert agent.calls[0][6] == "out"
    assert agent.calls[1] == ("forward", "q'", "k'", "v'", "kv", "metadata", "out")


def test_nothing_is_called_where_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    name = "unified_attention_with_output"
    call = _operator(name, both(name, "0.14.1"), _layer(log), off(monkeypatch))
    call("q", "k", "v", "out", "layer")
    assert log == [("forward", "q", "k", "v", "kv", "metadata", "out")]


def test_without_a_sparse_method_the_attention_is_upstreams(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = switched_on(monkeypatch)
    assert loaded.start(sparse=False) is None
    log: list[Any] = []
    name = "unified_attention_with_output"
    call = _operator(name, both(name, "0.14.1"), _layer(log), loaded.package)
    call("q", "k", "v", "out", "layer")
    assert log == [("forward", "q", "k", "v", "kv", "metadata", "out")]


def test_a_run_without_metadata_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    loaded.context.attn_metadata = None
    name = "unified_attention_with_output"
    call = _operator(name, both(name, "0.14.1"), _layer(agent.calls), loaded.package)
    call("q", "k", "v", "out", "layer")
    assert agent.names() == ["forward"]


def test_mla_has_its_own_points(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    layer = _layer(agent.calls, use_mla=True)
    name = "unified_attention_with_output"
    call = _operator(name, both(name, "0.11.0"), layer, loaded.package)
    call("q", "k", "v", "out", "layer")
    assert agent.names() == ["forward"]


@pytest.mark.parametrize("cache", [("kv", "hashes"), [("kv", "hashes")]])
def test_the_hashes_of_a_layers_keys_are_given(
    cache: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = switched_on(monkeypatch)
    agent = loaded.start()
    layer = _layer(agent.calls)
    layer.kv_cache = cache
    loaded.package.attention.begins(layer, "q", "k", "v", "out", "layer")
    assert agent.calls[0][-1] == "hashes"
