"""Who does not ask for it gets nothing, and neither do processes that are none of the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.scenarios import ON

if TYPE_CHECKING:
    from tests.engine.running import Place, Run

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("code", ["pass", "import vllm", "from vllm import LLM"])
def test_another_python_process_writes_nothing(code: str, patched: Place) -> None:
    place = patched.with_variables(**ON)
    run = place.run("-c", code)
    assert run.code == 0, run.log
    assert not place.profiling.exists()


def test_nothing_is_written_with_profiling_off(off: Run) -> None:
    assert off.code == 0, off.log
    assert off.answer["session"] is None
    assert not off.profiling.exists()
