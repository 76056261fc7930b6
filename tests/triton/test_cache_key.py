"""A launch computes a kernel's ``cache_key`` first, and that walks every name in its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.triton.comparison import Comparison
from tests.triton.release import OLD, REFERENCES

if TYPE_CHECKING:
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton

PAIRS = [(version, triton) for version in REFERENCES for triton in (OLD, REFERENCES[version])]


@pytest.mark.parametrize(("version", "triton"), PAIRS)
def test_no_function_loses_its_cache_key(replays: Replays, version: str, triton: str) -> None:
    stock, built = (replays[version, triton, kind] for kind in ("stock", "built"))
    assert stock.keyed
    assert Comparison(stock, built).lost_cache_keys == {}
