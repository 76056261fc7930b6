"""What only POSIX has says so when it is used."""

from __future__ import annotations

import inspect
import sys

import pytest

from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours


def test_what_is_missing_says_so_when_it_is_used() -> None:
    pwd, getgrgid = ours.missing("pwd"), ours.missing("grp.getgrgid")
    with pytest.raises(ModuleNotFoundError, match=f"pwd is not available on {sys.platform}"):
        pwd.getpwuid(0)
    with pytest.raises(ModuleNotFoundError, match=r"grp\.getgrgid is not available") as caught:
        getgrgid(0)
    assert caught.value.name == "grp"


def test_looking_at_what_is_missing_does_no_harm() -> None:
    """As `inspect`, `pickle` and the debuggers of torch look at all names of a module."""
    pwd = ours.missing("pwd")
    assert not hasattr(pwd, "__wrapped__")
    assert inspect.unwrap(pwd) is pwd
    assert not inspect.isroutine(pwd)
    assert "missing" in repr(pwd)
