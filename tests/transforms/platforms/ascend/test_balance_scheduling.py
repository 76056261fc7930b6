"""A scheduler that balances over ranks gathers in each step of each rank."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ascend.balance_scheduling import PATCH

RELEASES = ("0.23.0", "0.33.0")
MODULE = "vllm.v1.engine.core"
BEFORE = """
class DPEngineCoreProc:
    def run_busy_loop(self):
        while self._handle_shutdown():
            executed = self._process_engine_step()
            local_unfinished_reqs = self.scheduler.has_unfinished_requests()
            # 3) All-reduce operation to determine global unfinished reqs.
            self.engines_running = self._has_global_unfinished_reqs(
                local_unfinished_reqs
            )

            if not self.engines_running:
                self.step_counter = 0

        raise SystemExit
"""
AFTER = BEFORE.replace(
    """
            if not self""",
    """            if hasattr(self.scheduler, "balance_gather"):
                self.scheduler.balance_gather(self.dp_group)

            if not self""",
)


def _calls(release: str, loop: str = "", **of_the_scheduler: object) -> list[str]:
    """Run three rounds, and give what was called between them.

    Args:
        release: the release.
        loop: the class whose loop it is, behind upstream's; empty for upstream's.
        of_the_scheduler: what it has besides.
    """
    calls: list[str] = []
    rounds = iter([True, True, False])

    def agree(unfinished: object) -> bool:
        assert unfinished is True
        calls.append("all-reduce")
        return True

    core = SimpleNamespace(
        dp_group="ranks",
        scheduler=SimpleNamespace(has_unfinished_requests=lambda: True, **of_the_scheduler),
        calls=calls,
        _handle_shutdown=lambda: next(rounds),
        _process_engine_step=lambda: calls.append("step"),
        _has_global_unfinished_reqs=agree,
    )
    if of_the_scheduler:
        core.scheduler.balance_gather = lambda group: calls.append(f"gather from {group}")
    names = vars(run(f"{patched(PATCH, release, MODULE, BEFORE)}\n\n{dedent(loop)}"))
    with pytest.raises(SystemExit):
        names["Plugins" if loop else "DPEngineCoreProc"].run_busy_loop(core)
    return calls


@pytest.mark.parametrize("release", RELEASES)
def test_it_is_one_call_behind_the_ranks_agreement(release: str) -> None:
    assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


def test_releases_before_are_left_alone() -> None:
    assert status_on(PATCH, "0.22.1") is Status.EXCLUDED


@pytest.mark.parametrize("release", RELEASES)
def test_all_ranks_gather_once_in_each_step(release: str) -> None:
    balanced = _calls(release, balance_gather=None)
    assert balanced == ["step", "all-reduce", "gather from ranks"] * 2


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_schedulers_are_not_asked(release: str) -> None:
    assert _calls(release) == ["step", "all-reduce"] * 2


def test_a_plugin_whose_copy_of_the_loop_gathers_does_so_alone() -> None:
    loop = BEFORE.replace("DPEngineCoreProc:", "Plugins(DPEngineCoreProc):").replace(
        "            if not",
        "            self.scheduler.balance_gather(self.dp_group)\n            if not",
    )
    balanced = _calls("0.23.0", loop, balance_gather=None)
    assert balanced == ["step", "all-reduce", "gather from ranks"] * 2
