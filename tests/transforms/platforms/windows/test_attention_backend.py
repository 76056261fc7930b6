"""No backend of attention that needs Triton is chosen where there is none."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.windows.runtime_module import runtime_module
from transforms.engine.outcome import Status
from transforms.platforms.windows.attention_backend import PATCH

BEFORE = """
class CudaPlatformBase:
    @classmethod
    def get_valid_backends(cls, backends):
        valid = []
        for backend in backends:
            backend_class = backend
            reasons = backend_class.validate_configuration(
                head_size=8,
            )
            if not reasons:
                valid.append(backend.name)
        return valid

    @classmethod
    def get_attn_backend_cls(cls, selected_backend):
        backend_class = selected_backend
        return backend_class.validate_configuration(head_size=8)

    @classmethod
    def get_vit_attn_backend(cls, backends):
        for vit_attn_backend in backends:
            is_backend_supported = True
            if is_backend_supported:
                return vit_attn_backend.name
        return "TORCH_SDPA"
"""
FLASH = SimpleNamespace(name="FLASH_ATTN", validate_configuration=lambda **_: ["head size"])
TRITON = SimpleNamespace(name="TRITON_ATTN", validate_configuration=lambda **_: [])
OTHER = SimpleNamespace(name="FLASHINFER", validate_configuration=lambda **_: [])


@pytest.mark.parametrize("release", ["0.17.0", "0.33.0"])
@pytest.mark.parametrize(
    ("system", "has_triton", "may"),
    [("win32", False, False), ("win32", True, True), ("linux", False, True), ("linux", True, True)],
)
def test_triton_is_a_candidate_where_it_may_be(
    monkeypatch: pytest.MonkeyPatch, release: str, system: str, *, has_triton: bool, may: bool
) -> None:
    runtime_module(monkeypatch, system)
    monkeypatch.setitem(sys.modules, "vllm.triton_utils", SimpleNamespace(HAS_TRITON=has_triton))
    card = run(patched(PATCH, release, "vllm.platforms.cuda", BEFORE)).CudaPlatformBase
    assert card.get_valid_backends([FLASH, TRITON, OTHER]) == [
        *(["TRITON_ATTN"] if may else []),
        "FLASHINFER",
    ]
    assert bool(card.get_attn_backend_cls(TRITON)) is not may
    assert card.get_attn_backend_cls(FLASH) == ["head size"]
    assert card.get_vit_attn_backend([TRITON]) == ("TRITON_ATTN" if may else "TORCH_SDPA")


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
