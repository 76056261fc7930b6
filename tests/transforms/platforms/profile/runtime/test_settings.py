"""What the environment asks for is understood, or refused by name; what is off sets nothing."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import SESSION, part

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def settings() -> ModuleType:
    module: ModuleType = part(load({}), "settings")
    return module


@pytest.mark.parametrize("value", [None, "", "0", " 0 "])
def test_off_looks_at_nothing_else_and_sets_nothing(
    settings: ModuleType, value: str | None
) -> None:
    environment = {"VLLM_PROFILING_LOG_INTERVAL": "many"}
    if value is not None:
        environment["VLLM_ENABLE_PROFILING"] = value
    before = dict(environment)
    assert settings.read_settings(environment) == settings.Settings(on=False)
    assert environment == before


def test_on_has_the_defaults_that_are_documented(settings: ModuleType) -> None:
    found = settings.read_settings({"VLLM_ENABLE_PROFILING": "1"})
    shown = (found.on, found.directory, found.interval, found.verbose, found.debug)
    assert shown == (True, Path("/tmp/vllm_profiling"), 100, False, False)  # noqa: S108


def test_every_variable_is_understood(settings: ModuleType) -> None:
    environment = {
        "VLLM_ENABLE_PROFILING": "1",
        "VLLM_PROFILING_DIR": "/there",
        "VLLM_PROFILING_LOG_INTERVAL": "7",
        "VLLM_PROFILING_VERBOSE": "1",
        "VLLM_PROFILING_DEBUG": "1",
        "VLLM_PROFILING_SESSION": SESSION,
    }
    found = settings.read_settings(environment)
    assert found == settings.Settings(
        on=True,
        directory=Path("/there"),
        interval=7,
        verbose=True,
        debug=True,
        session=SESSION,
    )
    assert found.folder == Path("/there") / SESSION


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("VLLM_ENABLE_PROFILING", "true", r"set it to 1 \(on\) or 0 \(off\)"),
        ("VLLM_ENABLE_PROFILING", "2", r"set it to 1 \(on\) or 0 \(off\)"),
        ("VLLM_PROFILING_VERBOSE", "yes", r"set it to 1 \(on\) or 0 \(off\)"),
        ("VLLM_PROFILING_DEBUG", "-1", r"set it to 1 \(on\) or 0 \(off\)"),
        ("VLLM_PROFILING_LOG_INTERVAL", "0", "a whole number of steps, 1 or more"),
        ("VLLM_PROFILING_LOG_INTERVAL", "-3", "a whole number of steps, 1 or more"),
        ("VLLM_PROFILING_LOG_INTERVAL", "1.5", "a whole number of steps, 1 or more"),
        ("VLLM_PROFILING_LOG_INTERVAL", "\u0663", "a whole number of steps, 1 or more"),
        ("VLLM_PROFILING_SESSION", "mine", "is no session: expected session_YYYY.*leave it unset"),
        ("VLLM_PROFILING_SESSION", f"../{SESSION}", "is no session"),
        ("VLLM_PROFILING_SESSION", "session_20261399_110514_0badcafe", "does not match format"),
    ],
)
def test_what_means_nothing_is_refused_by_name(
    settings: ModuleType, name: str, value: str, why: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name}.*{why}"):
        settings.read_settings({"VLLM_ENABLE_PROFILING": "1", name: value})


def test_a_wrong_switch_fails_the_import_itself() -> None:
    with pytest.raises(ValueError, match="VLLM_ENABLE_PROFILING='on'"):
        load({"VLLM_ENABLE_PROFILING": "on"})


def test_the_first_process_announces_a_session_and_the_next_joins_it(settings: ModuleType) -> None:
    environment = {"VLLM_ENABLE_PROFILING": "1"}
    first = settings.read_settings(environment)
    assert re.fullmatch(r"session_\d{8}_\d{6}_[0-9a-f]{8}", first.session)
    assert environment["VLLM_PROFILING_SESSION"] == first.session
    assert settings.read_settings(environment) == first
    assert settings.read_settings({"VLLM_ENABLE_PROFILING": "1"}).session != first.session


def test_a_child_in_another_folder_finds_a_relative_one(
    settings: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"VLLM_ENABLE_PROFILING": "1", "VLLM_PROFILING_DIR": "here"}
    first = settings.read_settings(environment)
    monkeypatch.chdir("/")
    assert settings.read_settings(environment).directory == first.directory == tmp_path / "here"


def test_all_processes_agree_on_when_the_session_began(
    settings: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = time.time_ns()
    found = settings.read_settings({"VLLM_ENABLE_PROFILING": "1"})
    assert before - 10**9 < found.started_ns <= time.time_ns()
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert settings.started_ns(found.session) == found.started_ns
        assert settings.started_ns("session_19700102_000001_00000000") == 86_401 * 10**9
    finally:
        monkeypatch.undo()
        time.tzset()


def test_loading_leaves_the_environment_of_the_tests_alone() -> None:
    before = dict(os.environ)
    assert load({"VLLM_ENABLE_PROFILING": "1"}).on is True
    assert dict(os.environ) == before
