"""Processes of one machine meet at the same address, on POSIX and on Windows."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.platforms.windows.runtime_module import runtime_module
from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours


def test_posix_keeps_an_address_as_it_is() -> None:
    assert ours.ipc_address("ipc:///tmp/x") == "ipc:///tmp/x"


def test_two_that_put_together_the_same_text_meet_on_one_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime_module(monkeypatch, "win32")
    one, two = (ours.ipc_address(f"ipc:///tmp/lookup_{rank}") for rank in (0, 1))
    assert one == ours.ipc_address("ipc:///tmp/lookup_0") != two
    code = (
        "import sys\n"
        "from transforms.platforms.windows.runtime.vllm import wheelwright_windows as ours\n"
        "ours.addresses.sys = type('sys', (), {'platform': 'win32'})\n"
        "print(ours.ipc_address('ipc:///tmp/lookup_0'))\n"
    )
    other = {**os.environ, "PYTHONHASHSEED": "7"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=other
    )
    assert run.stdout.strip() == one


@given(st.text())
def test_every_port_is_one_that_windows_gives_to_nobody_else(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        runtime_module(patch, "win32")
        host, _, port = ours.ipc_address(f"ipc://{text}").rpartition(":")
    assert host == "tcp://127.0.0.1"
    assert 1024 <= int(port) < 49152
