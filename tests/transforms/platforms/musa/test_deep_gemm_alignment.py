"""A MUSA DeepGEMM may lack the setter of its alignment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.musa.stub_platform import platform
from transforms.engine.outcome import Status
from transforms.platforms.musa.deep_gemm_alignment import PATCH

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_QUESTION = "deep_gemm_alignment"
_BEFORE = """
def set_mk_alignment_for_contiguous_layout(value: int) -> None:
    dg = _import_deep_gemm()
    dg.set_mk_alignment_for_contiguous_layout(value)
"""


@pytest.mark.parametrize("release", ["0.24.0", "0.33.0"])
def test_the_setter_is_optional_on_musa_alone(release: str) -> None:
    text = patched(PATCH, release, "vllm.utils.deep_gemm", _BEFORE)
    package = SimpleNamespace()
    names = run(text, current_platform=platform("musa"), _import_deep_gemm=lambda: package)
    names.set_mk_alignment_for_contiguous_layout(64)
    names = run(text, current_platform=platform("cuda"), _import_deep_gemm=lambda: package)
    with pytest.raises(AttributeError):
        names.set_mk_alignment_for_contiguous_layout(64)


def test_releases_without_the_function_are_excluded() -> None:
    assert status_on(PATCH, "0.23.0") is Status.EXCLUDED


@pytest.mark.guards
def test_the_real_function_uses_a_setter_that_is_there(guards: Guards) -> None:
    release = "0.33.0"
    answer = guards.on_musa(_QUESTION, release)
    assert answer == {"without": "done", "with": "done", "seen": [64]}
    assert guards.on_musa(_QUESTION, release, stock=True)["without"] == "AttributeError"
    guards.assert_others_are_as_stock(_QUESTION, release)
