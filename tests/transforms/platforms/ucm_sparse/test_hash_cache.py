"""Hashes of keys have their room, stand beside each KV cache, and attention does not see them."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import Loaded, load, off, without_imports
from transforms.platforms.ucm_sparse.hash_cache import PATCH

RUNNER = "vllm.v1.worker.gpu_model_runner"
UTILS = "vllm.v1.core.kv_cache_utils"
# Which function plans the blocks, and what it does then.
PLANS = {
    "0.9.2": (UTILS, "_get_kv_cache_config_uniform_type", "get_num_blocks(vllm_config, 10)"),
    "0.11.0": (UTILS, "get_kv_cache_config_from_groups", "get_num_blocks(vllm_config, 10)"),
    "0.28.0": (UTILS, "get_kv_cache_config_from_groups", "get_num_blocks(vllm_config, 10)"),
    "0.29.0": (
        UTILS,
        "get_kv_cache_config_from_groups",
        "may_override_num_blocks(vllm_config, num_blocks)",
    ),
    "0.33.0": (
        "vllm.v1.core.kv_cache_planning",
        "get_kv_cache_config_from_groups",
        "may_override_num_blocks(vllm_config, num_blocks)",
    ),
}
PLAN = """
import time


def {name}(vllm_config):
    num_blocks = 1700
    num_blocks = {call}
    return num_blocks
"""
BIND = """
import time


class GPUModelRunner:
    def initialize_kv_cache_tensors(self, kv_caches):
        bind_kv_cache(kv_caches, self.compilation_config.static_forward_context)
        return kv_caches
"""


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Give the package with hashes switched on."""
    return load(monkeypatch, ENABLE_SPARSE="1", VLLM_HASH_ATTENTION="1")


def _blocks(release: str, package: object, cache_dtype: str = "auto") -> int:
    module, name, call = PLANS[release]
    text = without_imports(patched(PATCH, release, module, PLAN.format(name=name, call=call)))
    functions = run(
        text,
        wheelwright_ucm_sparse=package,
        get_num_blocks=lambda *_: 1700,
        may_override_num_blocks=lambda _, blocks: blocks,
    )
    vllm_config = SimpleNamespace(
        cache_config=SimpleNamespace(cache_dtype=cache_dtype),
        model_config=SimpleNamespace(dtype=SimpleNamespace(itemsize=2)),
    )
    planned: int = getattr(functions, name)(vllm_config)
    return planned


@pytest.mark.parametrize("release", PLANS)
def test_some_blocks_make_room_for_hashes(release: str, hashing: Loaded) -> None:
    # Two bytes a number: for 16 bits of a key, one of its hash.
    assert _blocks(release, hashing.package) == 1600


@pytest.mark.parametrize("where", ["vllm.utils", "vllm.utils.torch_utils"])
def test_a_kv_cache_of_another_type_is_measured_as_such(
    where: str, hashing: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("vllm.utils", where):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    types = {"fp8": SimpleNamespace(itemsize=1)}
    monkeypatch.setattr(sys.modules[where], "STR_DTYPE_TO_TORCH_DTYPE", types, raising=False)
    assert _blocks("0.33.0", hashing.package, "fp8") == 1700 * 8 // 9


@pytest.mark.parametrize("release", PLANS)
def test_without_hashes_there_are_as_many_blocks_as_before(
    release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _blocks(release, off(monkeypatch)) == 1700
    assert _blocks(release, load(monkeypatch, ENABLE_SPARSE="1").package) == 1700


def _bound(release: str, package: object, *, listed: bool) -> tuple[Any, dict[str, Any]]:
    text = without_imports(patched(PATCH, release, RUNNER, BIND))
    layers = {name: SimpleNamespace(kv_cache=None) for name in "abc"}

    def bind_kv_cache(kv_caches: dict[str, Any], bound: dict[str, Any]) -> None:
        for name, cache in kv_caches.items():
            bound[name].kv_cache = [cache] if listed else cache

    module = run(text, wheelwright_ucm_sparse=package, bind_kv_cache=bind_kv_cache)
    runner = SimpleNamespace(
        compilation_config=SimpleNamespace(static_forward_context=layers), device="gpu"
    )
    shared = object()
    caches = {"a": object(), "b": shared, "c": shared}
    registered = module.GPUModelRunner.initialize_kv_cache_tensors(runner, dict(caches))
    return (caches, registered), layers


@pytest.mark.parametrize(("release", "listed"), [("0.9.2", True), ("0.33.0", False)])
def test_each_layer_has_its_cache_and_its_hashes(
    release: str,
    listed: bool,  # noqa: FBT001 - a parameter of the table above
    hashing: Loaded,
) -> None:
    agent = hashing.start()
    (caches, registered), layers = _bound(release, hashing.package, listed=listed)
    # `c` shares the KV cache of `b`, and so its hashes.
    pairs = {name: (caches[name], f"hashes of {'b' if name == 'c' else name}") for name in "abc"}
    assert registered == pairs
    bound = {name: layer.kv_cache for name, layer in layers.items()}
    assert bound == ({name: [pair] for name, pair in pairs.items()} if listed else pairs)
    assert agent.calls == [("hash_caches", ["a", "b"], "gpu")]


@pytest.mark.parametrize("release", ["0.9.2", "0.33.0"])
def test_without_an_agent_layers_have_their_cache_alone(release: str, hashing: Loaded) -> None:
    assert hashing.start(sparse=False) is None
    (caches, registered), layers = _bound(release, hashing.package, listed=False)
    assert registered == caches == {name: layer.kv_cache for name, layer in layers.items()}


@pytest.mark.parametrize(
    ("release", "module", "name", "there"),
    [
        (
            "0.9.2",
            "vllm.attention.layer",
            "unified_attention",
            "self.kv_cache[forward_context.virtual_engine]",
        ),
        ("0.14.1", "vllm.attention.layer", "get_attention_context", "attn_layer.kv_cache[0]"),
        (
            "0.33.0",
            "vllm.model_executor.layers.attention.attention",
            "get_attention_context",
            "attn_layer.kv_cache",
        ),
    ],
)
def test_the_attention_has_the_kv_cache_alone(
    release: str, module: str, name: str, there: str, hashing: Loaded
) -> None:
    both = ["unified_attention", "unified_attention_with_output"] if release == "0.9.2" else [name]
    before = "import time\n" + "".join(
        f"\n\ndef {function}(layer_name):\n    kv_cache = {there}\n    return kv_cache\n"
        for function in both
    )
    text = without_imports(patched(PATCH, release, module, before))
    pair = ("kv", "hashes")
    layer = SimpleNamespace(kv_cache=pair if release == "0.33.0" else [pair])
    names = {
        "self": layer,
        "attn_layer": layer,
        "forward_context": SimpleNamespace(virtual_engine=0),
    }
    function = getattr(run(text, wheelwright_ucm_sparse=hashing.package, **names), name)
    assert function("layer") == "kv"
    layer.kv_cache = "kv" if release == "0.33.0" else ["kv"]
    assert function("layer") == "kv"
