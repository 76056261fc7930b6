"""vLLM knows the recorder's variables, and its compiled code does not depend on them."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import part
from transforms.platforms.profile.environment import PATCH

if TYPE_CHECKING:
    from types import SimpleNamespace

# As in vllm/envs.py of 0.20.0.
BEFORE = """
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    VLLM_CUSTOM_SCOPES_FOR_PROFILING: bool = False
    VLLM_NVTX_SCOPES_FOR_PROFILING: bool = False
    VLLM_KV_EVENTS_USE_INT_BLOCK_HASHES: bool = True

environment_variables: dict[str, Callable[[], Any]] = {
    # Whether to use a custom scope.
    "VLLM_CUSTOM_SCOPES_FOR_PROFILING": lambda: bool(
        int(os.getenv("VLLM_CUSTOM_SCOPES_FOR_PROFILING", "0"))
    ),
}


def __getattr__(name: str):
    if name in environment_variables:
        return environment_variables[name]()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def validate_environ(hard_fail: bool) -> None:
    for env in os.environ:
        if env.startswith("VLLM_") and env not in environment_variables:
            if hard_fail:
                raise ValueError(f"Unknown vLLM environment variable detected: {env}")


def compile_factors() -> dict[str, object]:
    ignored_factors: set[str] = {
        "MAX_JOBS",
        "VLLM_PORT",
    }
    factors: dict[str, object] = {}
    for factor, getter in environment_variables.items():
        if factor in ignored_factors:
            continue
        factors[factor] = getter()
    return factors
"""
VALUES = {
    "VLLM_ENABLE_PROFILING": "1",
    "VLLM_PROFILING_DIR": "/there",
    "VLLM_PROFILING_LOG_INTERVAL": "7",
    "VLLM_PROFILING_VERBOSE": "1",
    "VLLM_PROFILING_DEBUG": "1",
    "VLLM_PROFILING_SESSION": "session_20261121_110514_0badcafe",
}


@pytest.fixture(params=["0.14.1", "0.33.0"])
def envs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    for name in VALUES:
        monkeypatch.delenv(name, raising=False)
    return run(patched(PATCH, request.param, "vllm.envs", BEFORE))


def test_every_variable_that_the_recorder_reads_is_known(
    envs: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = part(load({}), "settings")
    names = {getattr(settings, name) for name in ("ENABLE", "DIRECTORY", "INTERVAL", "VERBOSE")}
    names |= {settings.DEBUG, settings.SESSION}
    assert (
        names == set(VALUES) == set(re.findall(r"^\| `(VLLM_\w+)`", settings.__doc__, re.MULTILINE))
    )
    with monkeypatch.context() as unknown:
        unknown.setenv("VLLM_PROFILING", "1")
        with pytest.raises(ValueError, match=r"VLLM_PROFILING$"):
            envs.validate_environ(hard_fail=True)
    for name in names:
        monkeypatch.setenv(name, VALUES[name])
    envs.validate_environ(hard_fail=True)


def test_both_read_them_alike(envs: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    read = envs.environment_variables
    settings = part(load({}), "settings")
    default = settings.Settings(on=True)
    for values in ({}, dict.fromkeys(VALUES, ""), VALUES):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        found = {name: read[name]() for name in VALUES}
        if values is VALUES:
            default = settings.read_settings(dict(values))
        assert found == {
            "VLLM_ENABLE_PROFILING": values is VALUES,
            "VLLM_PROFILING_DIR": str(default.directory),
            "VLLM_PROFILING_LOG_INTERVAL": default.interval,
            "VLLM_PROFILING_VERBOSE": default.verbose,
            "VLLM_PROFILING_DEBUG": default.debug,
            "VLLM_PROFILING_SESSION": default.session,
        }


def test_compiled_code_is_kept_whether_it_is_on_or_off(
    envs: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = envs.compile_factors()
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    assert envs.compile_factors() == off == {"VLLM_CUSTOM_SCOPES_FOR_PROFILING": False}


def test_the_declarations_have_the_defaults(envs: SimpleNamespace) -> None:
    text = patched(PATCH, "0.33.0", "vllm.envs", BEFORE)
    block = text.partition("if TYPE_CHECKING:\n")[2].partition("\n\n")[0]
    declared = vars(run(dedent(block)))
    assert {name: declared[name] for name in VALUES} == {
        name: envs.environment_variables[name]() for name in VALUES
    }
