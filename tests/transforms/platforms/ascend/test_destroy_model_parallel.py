"""vllm-ascend's groups go with vLLM's."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.destroy_model_parallel import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.distributed.parallel_state"
BEFORE = '''
def destroy_model_parallel():
    """Set the groups to none and destroy them."""
    calls.append("vLLM's groups")


def destroy_distributed_environment():
    calls.append("the environment")
    if broken:
        raise RuntimeError("gloo")
'''
STATE = "vllm_ascend.distributed.parallel_state"
REGISTRY = "vllm_ascend.patch.worker.patch_distributed"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the plugin's modules where they are imported from; what is called notes that."""
    noted: list[str] = []
    for dotted in (STATE, REGISTRY):
        parts = dotted.split(".")
        for depth in range(1, len(parts) + 1):
            module = ModuleType(".".join(parts[:depth]))
            monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(sys.modules[STATE])["destroy_ascend_model_parallel"] = lambda: noted.append("Ascend's")
    registry = SimpleNamespace(clear=lambda: noted.append("the registry"))
    vars(sys.modules[REGISTRY])["_HCCL_PG_REGISTRY"] = registry
    return noted


def _names(release: str, calls: list[str], *, broken: bool = False) -> SimpleNamespace:
    return run(patched(PATCH, release, MODULE, BEFORE), calls=calls, broken=broken)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
def test_on_ascend_both_kinds_of_groups_are_destroyed(
    on: Callable[[str], None], calls: list[str], release: str
) -> None:
    on("npu")
    names = _names(release, calls)
    assert names.destroy_model_parallel() is None
    assert calls == ["vLLM's groups", "Ascend's"]
    assert names.destroy_model_parallel.__doc__ == "Set the groups to none and destroy them."


@pytest.mark.parametrize("release", RELEASES)
def test_without_the_plugin_nothing_of_it_is_imported(
    on: Callable[[str], None], release: str
) -> None:
    on("cuda")
    calls: list[str] = []
    names = _names(release, calls)
    names.destroy_model_parallel()
    names.destroy_distributed_environment()
    assert calls == ["vLLM's groups", "the environment"]
    assert not any(name.startswith("vllm_ascend") for name in sys.modules)


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_kept_for_reuse_is_forgotten_with_the_environment(
    calls: list[str], release: str
) -> None:
    _names(release, calls).destroy_distributed_environment()
    assert calls == ["the environment", "the registry"]


def test_and_even_where_that_fails(calls: list[str]) -> None:
    with pytest.raises(RuntimeError, match="gloo"):
        _names("0.23.0", calls, broken=True).destroy_distributed_environment()
    assert calls == ["the environment", "the registry"]


def test_a_plugin_that_wraps_them_as_well_changes_nothing(
    on: Callable[[str], None], calls: list[str]
) -> None:
    on("npu")
    names = _names("0.23.0", calls)
    kept = {"a": "group"}
    vars(sys.modules[REGISTRY])["_HCCL_PG_REGISTRY"] = kept
    inner = names.destroy_distributed_environment

    def wrapped() -> None:
        try:
            inner()
        finally:
            kept.clear()

    wrapped()
    names.destroy_model_parallel()
    assert kept == {}
    assert calls == ["the environment", "vLLM's groups", "Ascend's"]
