"""Compiling kernel after kernel in one child finds what a child for each would find."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.runner.children import Child, ChildDiedError
from tests.triton.release import OLD, REFERENCES
from tests.triton.replay import replay

if TYPE_CHECKING:
    from pathlib import Path

    from tests.triton.release import Release
    from tests.triton.replay import Replays

pytestmark = pytest.mark.triton

SMALLEST = "0.10.0"


@pytest.mark.parametrize("triton", [OLD, REFERENCES[SMALLEST]])
def test_the_order_of_kernels_changes_nothing(
    replays: Replays, releases: dict[str, Release], triton: str, tmp_path: Path
) -> None:
    release = releases[SMALLEST]
    backwards = replay(triton, release.trees.stock, release.jobs[::-1], tmp_path / "replay")
    assert backwards.attempts[::-1] == replays[SMALLEST, triton, "stock"].attempts


def test_a_child_answers_until_it_dies_and_says_why_it_died() -> None:
    with Child(doubled) as child:
        assert [child.ask(number, 10) for number in (1, 2)] == [2, 4]
        with pytest.raises(ChildDiedError, match=r"^exit code -9: no such number$"):
            child.ask(-1, 10)
        with pytest.raises(ChildDiedError):
            child.ask(1, 10)


def test_a_child_that_takes_too_long_is_given_up() -> None:
    with Child(time.sleep) as child, pytest.raises(ChildDiedError, match=r"no answer within 0 s"):
        child.ask(60, 0.1)


def test_what_a_child_changes_stays_in_it() -> None:
    seen: list[int] = []
    with Child(seen.append) as child:
        child.ask(1, 10)
    assert seen == []


def doubled(number: int) -> int:
    if number < 0:
        os.write(2, b"first\nno such number\n\n")
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number
