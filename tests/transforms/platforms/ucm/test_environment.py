"""Ray's workers get the variable that asks for UCM."""

from __future__ import annotations

import os
from textwrap import dedent
from typing import TYPE_CHECKING

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm.environment import PATCH

if TYPE_CHECKING:
    import pytest

MODULE = "vllm.envs"
BEFORE = """
if TYPE_CHECKING:
    VLLM_HOST_IP: str = ""
    VLLM_ENABLE_V1_MULTIPROCESSING: bool = True
    VLLM_LOG_BATCHSIZE_INTERVAL: float = -1

environment_variables = {
    "VLLM_HOST_IP": lambda: os.getenv("VLLM_HOST_IP", ""),
}
"""
AFTER = """
if TYPE_CHECKING:
    VLLM_HOST_IP: str = ""
    VLLM_ENABLE_V1_MULTIPROCESSING: bool = True
    ENABLE_UCM_PATCH: str = ""
    VLLM_LOG_BATCHSIZE_INTERVAL: float = -1

environment_variables = {
    "VLLM_HOST_IP": lambda: os.getenv("VLLM_HOST_IP", ""),
    "ENABLE_UCM_PATCH": lambda: os.getenv("ENABLE_UCM_PATCH", "").lower(),
}
"""


def test_the_variable_is_known() -> None:
    assert patched(PATCH, "0.33.0", MODULE, BEFORE) == dedent(AFTER)


def test_it_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = run(patched(PATCH, "0.9.2", MODULE, BEFORE), os=os, TYPE_CHECKING=False)
    monkeypatch.delenv("ENABLE_UCM_PATCH", raising=False)
    assert names.environment_variables["ENABLE_UCM_PATCH"]() == ""
    monkeypatch.setenv("ENABLE_UCM_PATCH", "True")
    assert names.environment_variables["ENABLE_UCM_PATCH"]() == "true"


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.1") is Status.EXCLUDED
