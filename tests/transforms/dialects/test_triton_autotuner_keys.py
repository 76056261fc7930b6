"""The arguments by which a kernel is tuned are found whether Triton keeps their names or places."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.dialects.triton_3_1.triton_autotuner_keys import PATCH
from transforms.engine.outcome import Status

_MAMBA = "vllm.model_executor.layers.mamba.ops.triton_helpers"
_MAMBA_BEFORE = """
def launch_autotuned(kernel, grid, **kwargs):
    return [kwargs.get(name) for name in kernel.keys]
"""
_FIRST = "vllm.triton_utils.force_first_config"
_FIRST_BEFORE = """
def install():
    def _run_first_valid_config(self, *args, **kwargs):
        return tuple(kwargs[name] for name in self.keys if name in kwargs)

    return _run_first_valid_config
"""
# What the autotuners of 3.1 and of 3.2 keep of `key=["n", "k"]`.
_NAMES = ["m", "n", "k"]
_OLD = SimpleNamespace(arg_names=_NAMES, key_idx=[1, 2])
_NEW = SimpleNamespace(arg_names=_NAMES, keys=["n", "k"])
_ARGUMENTS = {"m": 1, "n": 2, "k": 3}


@pytest.mark.parametrize("kernel", [_OLD, _NEW])
def test_mambas_launches_are_told_apart_by_the_arguments_of_the_key(
    kernel: SimpleNamespace,
) -> None:
    text = patched(PATCH, "0.33.0", _MAMBA, _MAMBA_BEFORE)
    assert run(text).launch_autotuned(kernel, None, **_ARGUMENTS) == [2, 3]


@pytest.mark.parametrize("release", ["0.24.0", "0.33.0"])
@pytest.mark.parametrize("kernel", [_OLD, _NEW])
def test_forced_configurations_are_told_apart_so_too(release: str, kernel: SimpleNamespace) -> None:
    text = patched(PATCH, release, _FIRST, _FIRST_BEFORE)
    assert run(text).install()(kernel, **_ARGUMENTS) == (2, 3)


def test_stock_code_needs_the_names() -> None:
    with pytest.raises(AttributeError, match="keys"):
        run(_MAMBA_BEFORE).launch_autotuned(_OLD, None, **_ARGUMENTS)
    with pytest.raises(AttributeError, match="keys"):
        run(_FIRST_BEFORE).install()(_OLD, **_ARGUMENTS)


def test_releases_that_ask_for_no_names_are_excluded() -> None:
    assert status_on(PATCH, "0.23.0") is Status.EXCLUDED
