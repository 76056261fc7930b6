"""When do the ranks of data parallelism gather what they run?"""

from __future__ import annotations

import sys
from contextlib import suppress
from unittest import mock

from vllm.v1.engine import core

PATCHES = ("platform.patch_balance_schedule",)


class _Over(BaseException):
    """Enough rounds."""


def probe() -> dict[str, list[str]]:
    """Run rounds of the busy loop that would be started, with each kind of scheduler."""
    patched = sys.modules.get(f"vllm_ascend.patch.{PATCHES[0]}")
    process = getattr(patched, "BalanceDPEngineCoreProc", core.DPEngineCoreProc)
    return {
        "balanced": _rounds(process, balanced=True),
        "not": _rounds(core.DPEngineCoreProc, balanced=False),
    }


def _rounds(process: type, *, balanced: bool) -> list[str]:
    noted: list[str] = []

    def note(what: str, *, value: object = None, most: int = 9) -> object:
        def called(*_: object) -> object:
            noted.append(what)
            if noted.count(what) == most:
                raise _Over
            return value

        return called

    engine = mock.Mock(
        eep_scaling_state=None,
        engines_running=True,
        has_coordinator=True,
        dp_rank=1,
        current_wave=0,
        step_counter=0,
        _process_engine_step=note("step", value=True, most=4),
        _has_global_unfinished_reqs=note("all-reduce", value=True),
    )
    engine.scheduler = mock.Mock(spec=["has_unfinished_requests", "balance_gather"][: 1 + balanced])
    if balanced:
        engine.scheduler.balance_gather = note("gather")
    with suppress(_Over):
        process.run_busy_loop(engine)
    return noted
