"""What is generated does not depend on which vLLM it is, nor on whether it records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.engines import ENGINES

if TYPE_CHECKING:
    from tests.engine.running import Run

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("engine", ENGINES)
def test_stock_and_patched_generate_the_same(engine: str, stock: Run, off: Run, on: Run) -> None:
    expected = stock.tokens(engine)
    assert list(map(len, expected)) == ENGINES[engine].tokens
    assert off.tokens(engine) == expected
    assert on.tokens(engine) == expected
