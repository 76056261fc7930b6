"""UCM's variables are known to vLLM, and part of the key of what is compiled."""

from __future__ import annotations

import os
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.ucm_sparse.environment import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

BEFORE = """
if TYPE_CHECKING:
    VLLM_ENABLE_V1_MULTIPROCESSING: bool = True
    VLLM_LOGGING_LEVEL: str = "INFO"

environment_variables: dict[str, Callable[[], Any]] = {
    "VLLM_LOGGING_LEVEL": lambda: os.getenv("VLLM_LOGGING_LEVEL", "INFO"),
}
"""
HASH = """
def compute_hash() -> str:
    environment_variables_to_hash = [
        "VLLM_LOGGING_LEVEL",
    ]
    return [environment_variables[key]() for key in environment_variables_to_hash]
"""
AFTER = """
if TYPE_CHECKING:
    VLLM_ENABLE_V1_MULTIPROCESSING: bool = True
    ENABLE_SPARSE: str = "0"
    VLLM_HASH_ATTENTION: bool = False
    VLLM_LOGGING_LEVEL: str = "INFO"

environment_variables: dict[str, Callable[[], Any]] = {
    "VLLM_LOGGING_LEVEL": lambda: os.getenv("VLLM_LOGGING_LEVEL", "INFO"),
    "ENABLE_SPARSE": lambda: os.getenv("ENABLE_SPARSE", "0").lower(),
    "VLLM_HASH_ATTENTION": lambda: os.getenv("VLLM_HASH_ATTENTION") == "1",
}
"""


def _names() -> dict[str, Any]:
    return {"TYPE_CHECKING": False, "Any": Any, "os": os, "Callable": dict}


@pytest.mark.parametrize("release", ["0.12.0", "0.33.0"])
def test_the_variables_are_declared(release: str) -> None:
    assert patched(PATCH, release, "vllm.envs", BEFORE) == dedent(AFTER)


@pytest.mark.parametrize("release", ["0.9.2", "0.11.2"])
def test_what_is_compiled_depends_on_them(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = patched(PATCH, release, "vllm.envs", BEFORE + HASH)
    compute: Callable[[], list[object]] = run(
        "from __future__ import annotations\n" + text, **_names()
    ).compute_hash
    monkeypatch.delenv("ENABLE_SPARSE", raising=False)
    monkeypatch.delenv("VLLM_HASH_ATTENTION", raising=False)
    stock = compute()
    monkeypatch.setenv("ENABLE_SPARSE", "TRUE")
    assert compute() == [*stock[:-2], "true", False]
    assert compute() != stock
