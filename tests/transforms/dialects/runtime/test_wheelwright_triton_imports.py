"""What stands in for imports: Triton's own where it is, and else something that says what is not.

`tests/triton/test_imports.py` asks the real Tritons.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import transforms.dialects
from transforms.rules.triton.imports import MODULE, STAND_INS

FILE = Path(transforms.dialects.__path__[0], "runtime", *MODULE.split(".")).with_suffix(".py")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(MODULE, FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Put a Triton in place that has nothing but what the stand-ins use."""
    triton = ModuleType("triton")
    parts = SimpleNamespace(
        triton=triton,
        jit=SimpleNamespace(JITFunction=SimpleNamespace(cache_hook=None)),
        compiler=SimpleNamespace(_path_to_binary=lambda name: (f"/bin/{name}", "12.4")),
    )
    monkeypatch.setattr(triton, "__version__", "3.1.0", raising=False)
    monkeypatch.setitem(sys.modules, "triton", triton)
    for name, module in (
        ("triton.runtime.jit", parts.jit),
        ("triton.runtime.errors", SimpleNamespace()),
        ("triton.backends.nvidia.compiler", parts.compiler),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    return parts


@pytest.mark.usefixtures("old")
def test_it_has_all_that_the_rule_writes() -> None:
    module = _load()
    for name in STAND_INS.values():
        assert getattr(module, name) is getattr(module, name)


def test_what_triton_has_is_tritons_own(old: SimpleNamespace) -> None:
    old.triton.knobs = object()
    old.compiler.get_ptxas = object()
    module = _load()
    assert module.knobs is old.triton.knobs
    assert module.get_ptxas is old.compiler.get_ptxas


@pytest.mark.usefixtures("old")
def test_what_nothing_stands_in_for_raises_when_it_is_used() -> None:
    gluon = _load().gluon
    said = "triton.experimental.gluon is not in Triton 3.1.0"
    assert said in repr(gluon)
    with pytest.raises(AttributeError, match=rf"triton\.experimental\.gluon\.jit: {said}"):
        _ = gluon.jit
    with pytest.raises(ImportError, match=said) as raised:
        gluon(1, of=2)
    assert isinstance(raised.value.__cause__, ImportError)


@pytest.mark.usefixtures("old")
def test_an_error_that_old_triton_never_raises_can_be_caught() -> None:
    module = _load()
    with pytest.raises(module.PTXASError):
        raise module.PTXASError


@pytest.mark.usefixtures("old")
def test_the_assembler_is_the_one_that_old_triton_uses() -> None:
    assert _load().get_ptxas(100) == SimpleNamespace(path="/bin/ptxas", version="12.4")


def test_knobs_turn_what_old_triton_looks_at(
    old: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_PRINT_AUTOTUNING", "0")
    knobs = _load().knobs
    assert knobs.autotuning.print is False
    knobs.autotuning.print = True
    assert os.environ["TRITON_PRINT_AUTOTUNING"] == "1"
    assert knobs.autotuning.print is True
    hook = object()
    assert knobs.runtime.jit_post_compile_hook is None
    knobs.runtime.jit_post_compile_hook = hook
    assert old.jit.JITFunction.cache_hook is hook
    assert knobs.runtime.jit_post_compile_hook is hook


@pytest.mark.usefixtures("old")
def test_a_name_that_is_not_written_anywhere_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = _load().nothing
