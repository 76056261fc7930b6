"""In mode FULL no batch is uniform on Ascend."""

from __future__ import annotations

import enum
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.full_decode_graphs import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.v1.cudagraph_dispatcher"
BEFORE = """
class CudagraphDispatcher:
    def _create_padded_batch_descriptor(self, num_tokens, uniform_decode):
        # At most so many.
        if uniform_decode and self.cudagraph_mode.has_mode(CUDAGraphMode.FULL):
            num_reqs = min(num_tokens // self.query_len, 8)
        else:
            uniform_decode = False
            num_reqs = min(num_tokens, 8)
        return uniform_decode, num_reqs
"""
AFTER = """
class CudagraphDispatcher:
    def _create_padded_batch_descriptor(self, num_tokens, uniform_decode):
        # At most so many.
        from vllm.platforms import current_platform

        if (
            uniform_decode
            and self.cudagraph_mode.has_mode(CUDAGraphMode.FULL)
            and not (
                current_platform.device_type == "npu"
                and self.cudagraph_mode == CUDAGraphMode.FULL
            )
        ):
            num_reqs = min(num_tokens // self.query_len, 8)
        else:
            uniform_decode = False
            num_reqs = min(num_tokens, 8)
        return uniform_decode, num_reqs
"""


class _Mode(enum.Flag):
    PIECEWISE = 1
    FULL = 2
    FULL_AND_PIECEWISE = 3

    def has_mode(self, mode: _Mode) -> bool:
        return mode in self


def _described(text: str, mode: _Mode, *, uniform: bool) -> tuple[bool, int]:
    names = run(text, CUDAGraphMode=_Mode)
    dispatcher = SimpleNamespace(cudagraph_mode=mode, query_len=2)
    described: tuple[bool, int] = names.CudagraphDispatcher._create_padded_batch_descriptor(
        dispatcher, 8, uniform
    )
    return described


@pytest.mark.parametrize("release", RELEASES)
def test_the_condition_is_asked_for_one_thing_more(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


def test_on_ascend_only_a_mode_with_graphs_of_both_kinds_has_uniform_batches(
    on: Callable[[str], None],
) -> None:
    on("npu")
    text = patched(PATCH, RELEASES[0], MODULE, BEFORE)
    assert _described(text, _Mode.FULL, uniform=True) == (False, 8)
    assert _described(text, _Mode.FULL_AND_PIECEWISE, uniform=True) == (True, 4)
    assert _described(text, _Mode.PIECEWISE, uniform=True) == (False, 8)


@pytest.mark.parametrize("mode", list(_Mode))
@pytest.mark.parametrize("uniform", [True, False])
def test_other_devices_are_as_before(
    on: Callable[[str], None], mode: _Mode, *, uniform: bool
) -> None:
    on("cuda")
    text = patched(PATCH, RELEASES[0], MODULE, BEFORE)
    stock = _described(BEFORE, mode, uniform=uniform)
    assert _described(text, mode, uniform=uniform) == stock
