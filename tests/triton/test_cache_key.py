"""A launch computes a kernel's ``cache_key`` first, and that walks every name in its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.comparison import Comparison
from tests.triton.release import ADDED, FLOORS, OLD, PAIRS

if TYPE_CHECKING:
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton


@pytest.mark.parametrize(("version", "triton"), PAIRS)
def test_no_function_loses_its_cache_key(replays: Replays, version: str, triton: str) -> None:
    stock, built = (replays[version, triton, kind] for kind in ("stock", "built"))
    assert stock.keyed
    assert Comparison(stock, built).lost_cache_keys == {}


@pytest.mark.parametrize("version", FLOORS)
def test_old_triton_can_launch_as_many_functions_as_measured(
    replays: Replays, version: str
) -> None:
    stock, built = (replays[version, OLD, kind] for kind in ("stock", "built"))
    assert len(built.keyed & stock.cache_keys.keys()) >= FLOORS[version].cache_keys


@pytest.mark.parametrize(("version", "triton"), PAIRS)
def test_functions_of_the_added_module_have_theirs(
    replays: Replays, version: str, triton: str
) -> None:
    built = replays[version, triton, "built"]
    added = {ident for ident in built.cache_keys if ident.startswith(f"{ADDED}::")}
    assert added <= built.keyed
