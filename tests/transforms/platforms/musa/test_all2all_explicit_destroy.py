"""`explicitly_destroy` is not passed on MUSA."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.all2all_explicit_destroy import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "all2all_explicit_destroy"
_BEFORE = """
class {manager}:
    def {maker}(self):
        return {{"group": None, "explicitly_destroy": True}}

    def get_handle(self, kwargs):
        buffer_kwargs = self.{maker}({arguments})
        return buffer_kwargs
"""
_MANAGERS = {
    "DeepEPHTAll2AllManager": ("_make_all2all_kwargs", ""),
    "DeepEPLLAll2AllManager": ("_make_all2all_kwargs", "**kwargs"),
    "DeepEPV2All2AllManager": ("_make_all2all_kwargs", "**kwargs"),
    "MoonEPAll2AllManager": ("_make_buffer_kwargs", "**kwargs"),
}


@pytest.mark.parametrize(("release", "managers"), [("0.17.0", 2), ("0.24.0", 3), ("0.33.0", 4)])
@pytest.mark.parametrize(("device", "passed"), [("musa", False), ("cuda", True), ("rocm", True)])
def test_every_manager_of_a_release_is_guarded(
    *, release: str, managers: int, device: str, passed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = list(_MANAGERS)[:managers]
    before = "".join(
        _BEFORE.format(manager=name, maker=_MANAGERS[name][0], arguments=_MANAGERS[name][1])
        for name in there
    )
    module = "vllm.distributed.device_communicators.all2all"
    names = run(patched(PATCH, release, module, before))
    platforms = SimpleNamespace(current_platform=platform(device))
    monkeypatch.setitem(sys.modules, "vllm", SimpleNamespace(platforms=platforms))
    monkeypatch.setitem(sys.modules, "vllm.platforms", platforms)
    for name in there:
        handle = getattr(names, name)().get_handle({})
        assert ("explicitly_destroy" in handle) is passed


def test_releases_that_never_pass_it_are_excluded() -> None:
    assert status_on(PATCH, "0.16.0") is Status.EXCLUDED


@pytest.mark.guards
def test_no_real_manager_passes_it(guards: Guards) -> None:
    release = "0.33.0"
    assert guards.on_musa(_QUESTION, release) == dict.fromkeys(_MANAGERS, False)
    assert guards.on_musa(_QUESTION, release, stock=True) == dict.fromkeys(_MANAGERS, True)
    guards.assert_others_are_as_stock(_QUESTION, release)
