"""A Mamba group counts the block of a state that a connector loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.mamba_external_blocks import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.v1.core.single_type_kv_cache_manager"
BEFORE = """
class MambaManager:
    block_size = 16
    mamba_cache_mode = "align"

    def __init__(self):
        self.req_to_blocks = {}

    def get_num_blocks_to_allocate(
        self,
        request_id,
        num_tokens,
        new_computed_blocks,
        total_computed_tokens,
        num_tokens_main_model,
        apply_admission_cap=False,
    ):
        return 10
"""


def _count(manager: Any, local: int, total: int, main: int) -> int:  # noqa: ANN401 - of an excerpt
    counted: int = manager.get_num_blocks_to_allocate("a", 99, [None] * local, total, main)
    return counted


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    ("tokens", "counted"),
    [
        ((0, 0, 64), 10),  # nothing is cached
        ((2, 32, 64), 10),  # all that is cached is here
        ((2, 48, 64), 11),  # some comes from outside, and more is computed
        ((0, 48, 64), 11),
        ((2, 48, 48), 10),  # it is only loaded, for a later step
    ],
)
def test_one_more_where_some_is_loaded_and_some_computed(
    on: Callable[[str], None], release: str, tokens: tuple[int, int, int], counted: int
) -> None:
    manager = run(patched(PATCH, release, MODULE, BEFORE)).MambaManager()
    on("npu")
    assert _count(manager, *tokens) == counted
    on("cuda")
    assert _count(manager, *tokens) == 10


def test_a_request_that_has_blocks_takes_none_for_what_is_loaded(
    on: Callable[[str], None],
) -> None:
    on("npu")
    manager = run(patched(PATCH, RELEASES[0], MODULE, BEFORE)).MambaManager()
    manager.req_to_blocks = {"a": [None], "b": []}
    assert _count(manager, 0, 48, 64) == 10
    manager.req_to_blocks = {"a": [], "b": [None]}
    assert _count(manager, 0, 48, 64) == 11


def test_other_cache_modes_count_it_as_upstream_does(on: Callable[[str], None]) -> None:
    on("npu")
    manager = run(patched(PATCH, RELEASES[0], MODULE, BEFORE)).MambaManager()
    manager.mamba_cache_mode = "all"
    assert _count(manager, 0, 48, 64) == 10


def test_a_class_that_a_plugin_puts_in_its_place_counts_alone(on: Callable[[str], None]) -> None:
    on("npu")
    text = patched(PATCH, RELEASES[0], MODULE, BEFORE)
    replaced = f"{text}\n\nMambaManager = type('AscendMambaManager', (MambaManager,), {{}})\n"
    assert _count(run(replaced).MambaManager(), 0, 48, 64) == 10
    # One that is not in its place has upstream's count, and so this one.
    derived = f"{text}\n\nDerived = type('Derived', (MambaManager,), {{}})\n"
    assert _count(run(derived).Derived(), 0, 48, 64) == 11
