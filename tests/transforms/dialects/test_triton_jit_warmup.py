"""A worker starts without the warm-up where Triton cannot say what a launch would compile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.dialects.triton_3_1.triton_jit_warmup import PATCH
from transforms.engine.outcome import Status

_MODULE = "vllm.model_executor.warmup.jit_warmup_triton_helper"
# Cut down to its first statement and to what old Triton does not have.
_BEFORE = """
TritonCompileKey = object


class _DecoratedTritonJitKernel:
    def get_warmup_keys(self, *, vllm_config=None, **kwargs):
        keys: list[TritonCompileKey] = []
        keys.append(triton.knobs.runtime)
        return keys
"""
_OLD = SimpleNamespace(runtime=SimpleNamespace(jit=SimpleNamespace()))
_NEW = SimpleNamespace(
    runtime=SimpleNamespace(jit=SimpleNamespace(compute_cache_key=print)),
    knobs=SimpleNamespace(runtime="key"),
)


def warmup_keys(text: str, triton: SimpleNamespace) -> list[object]:
    found: list[object] = run(text, triton=triton)._DecoratedTritonJitKernel().get_warmup_keys()
    return found


@pytest.mark.parametrize("release", ["0.30.0", "0.33.0"])
def test_old_triton_has_nothing_to_warm_up_and_new_triton_what_it_had(release: str) -> None:
    text = patched(PATCH, release, _MODULE, _BEFORE)
    assert warmup_keys(text, _OLD) == []
    assert warmup_keys(text, _NEW) == ["key"] == warmup_keys(_BEFORE, _NEW)
    with pytest.raises(AttributeError, match="knobs"):
        warmup_keys(_BEFORE, _OLD)


def test_releases_that_compute_no_keys_are_excluded() -> None:
    assert status_on(PATCH, "0.29.0") is Status.EXCLUDED
