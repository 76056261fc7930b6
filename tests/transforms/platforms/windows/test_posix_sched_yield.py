"""A loop that waits yields by `os.sched_yield`, or sleeps for no time where there is none."""

from __future__ import annotations

import os
import sys
import time
from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.windows.posix_sched_yield import PATCH

_MODULE = "vllm.distributed.utils"
_BEFORE = """
USE_SCHED_YIELD = {condition}


def sched_yield():
    if USE_SCHED_YIELD:
        os.sched_yield()
    else:
        time.sleep(0)
"""
_CONDITIONS = {
    "0.14.1": (
        "(sys.version_info[:3] >= (3, 11, 1)) or (\n"
        "    sys.version_info[:2] == (3, 10) and sys.version_info[2] >= 8\n)"
    ),
    "0.33.0": "sys.version_info[:3] >= (3, 11, 1)",
}


def yielded(text: str, *, version: tuple[int, int, int], has: bool) -> str:
    """Say how the function yields on a Python of a version."""
    seen: list[str] = []
    names = {"sched_yield": lambda: seen.append("sched_yield")} if has else {}
    run(
        text + "\n\nsched_yield()\n",
        os=SimpleNamespace(**names),
        sys=SimpleNamespace(version_info=version),
        time=SimpleNamespace(sleep=lambda _: seen.append("sleep")),
    )
    (how,) = seen
    return how


@pytest.mark.parametrize("release", _CONDITIONS)
@pytest.mark.parametrize("version", [(3, 10, 4), (3, 10, 8), (3, 11, 0), (3, 12, 3)])
def test_linux_yields_as_before_and_windows_sleeps(
    release: str, version: tuple[int, int, int]
) -> None:
    before = _BEFORE.format(condition=_CONDITIONS[release])
    after = patched(PATCH, release, _MODULE, before)
    linux = yielded(before, version=version, has=True)
    assert yielded(after, version=version, has=True) == linux
    assert yielded(after, version=version, has=False) == "sleep"
    if linux == "sched_yield":
        with pytest.raises(AttributeError, match="sched_yield"):
            yielded(before, version=version, has=False)


def test_the_real_modules_are_asked() -> None:
    after = patched(PATCH, "0.33.0", _MODULE, _BEFORE.format(condition=_CONDITIONS["0.33.0"]))
    assert run(after, os=os, sys=sys, time=time).USE_SCHED_YIELD is (
        sys.version_info[:3] >= (3, 11, 1)
    )


def test_earlier_releases_are_excluded() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
