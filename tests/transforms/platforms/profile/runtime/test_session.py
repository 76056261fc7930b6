"""A session has one whole metadata.json, whoever comes first; and no secret is recorded."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.loaded import load, switched_on
from tests.transforms.platforms.profile.runtime.samples import SESSION, part

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture
def package(tmp_path: Path) -> ModuleType:
    return load(switched_on(tmp_path, session=SESSION, log_interval="9"))


def _open(package: ModuleType) -> None:
    part(package, "session").open_session(part(package, "settings").SETTINGS)


def test_the_first_process_says_what_the_session_is(package: ModuleType, tmp_path: Path) -> None:
    _open(package)
    (path,) = (tmp_path / SESSION).iterdir()
    assert path.name == "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    assert metadata.pop("host")
    assert metadata == {
        "schema": 1,
        "session": SESSION,
        "started_ns": 1_795_259_114_000_000_000,
        "python": ".".join(map(str, sys.version_info[:3])),
        "vllm": "",
        "wheel": "",
        "digest": "",
        "settings": {
            "directory": str(tmp_path),
            "interval": 9,
            "verbose": False,
            "debug": False,
        },
    }


def test_it_says_which_vllm_and_which_wheel(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vllm: Any = type(sys)("vllm")
    vllm.__version__ = "0.33.0"
    wheelwright: Any = type(sys)("vllm.wheelwright")
    wheelwright.DescriptionError = type("DescriptionError", (Exception,), {})
    wheelwright.DIGEST = "abc"
    wheelwright.manifest = lambda: {"version": "0.33.0+profile", "digest": "abc", "patches": []}
    monkeypatch.setitem(sys.modules, "vllm", vllm)
    monkeypatch.setitem(sys.modules, "vllm.wheelwright", wheelwright)
    session = part(package, "session")
    monkeypatch.setattr(session, "__package__", "vllm.wheelwright_profile")
    settings = part(package, "settings").SETTINGS
    found = session.describe(settings)
    assert (found["vllm"], found["wheel"], found["digest"]) == ("0.33.0", "0.33.0+profile", "abc")
    assert session.identity("main", None, None)[-2] == "0.33.0"

    def undescribed() -> dict[str, Any]:
        raise wheelwright.DescriptionError

    monkeypatch.setattr(wheelwright, "manifest", undescribed)
    found = session.describe(settings)
    assert (found["wheel"], found["digest"]) == ("", "abc")
    assert not list(tmp_path.iterdir())


def test_of_many_at_once_one_wins_and_nothing_is_left_over(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = part(package, "session")
    describe = session.describe
    together = threading.Barrier(8)
    first: list[str] = []
    link = Path.hardlink_to

    def link_and_tell(path: Path, own: Path) -> None:
        link(path, own)
        first.append(threading.current_thread().name)

    def describe_together(settings: object) -> dict[str, Any]:
        together.wait()  # all have seen that there is none
        described: dict[str, Any] = describe(settings)
        return {**described, "host": threading.current_thread().name}

    monkeypatch.setattr(session, "describe", describe_together)
    monkeypatch.setattr(Path, "hardlink_to", link_and_tell)
    threads = [threading.Thread(target=_open, args=(package,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (path,) = (tmp_path / SESSION).iterdir()
    assert [json.loads(path.read_text(encoding="utf-8"))["host"]] == first


def test_who_comes_later_leaves_it_alone(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unexpected(_: object) -> None:
        raise AssertionError

    _open(package)
    monkeypatch.setattr(part(package, "session"), "describe", unexpected)
    _open(package)


def test_a_file_system_without_links_gets_whole_metadata_too(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    _open(package)
    (path,) = (tmp_path / SESSION).iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["session"] == SESSION


def test_metadata_that_cannot_be_written_is_not_half_there(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object, file: Any, **__: object) -> None:  # noqa: ANN401
        file.write('{"schema": ')
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(json, "dump", fail)
    with pytest.raises(OSError, match="No space left"):
        _open(package)
    assert list((tmp_path / SESSION).iterdir()) == []
    monkeypatch.undo()
    _open(package)
    assert (tmp_path / SESSION / "metadata.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["vllm", "serve", "m", "--port", "80"], "vllm serve m --port 80"),
        (["vllm", "--api-key", "s3", "--port", "80"], "vllm --api-key *** --port 80"),
        (["vllm", "--api-key", "s3", "s4", "-x"], "vllm --api-key *** *** -x"),
        (["vllm", "--api-key=s3", "m"], "vllm --api-key=*** m"),
        (["vllm", "--hf-token", "s3"], "vllm --hf-token ***"),
        (["vllm", "--API_KEY=s3=4"], "vllm --API_KEY=***"),
        (["vllm", "--ssl-keyfile-password", "s3"], "vllm --ssl-keyfile-password ***"),
        (["vllm", "--api-key", "--port", "80"], "vllm --api-key --port 80"),
        ([], ""),
    ],
)
def test_a_command_line_is_shown_without_its_secrets(
    package: ModuleType, arguments: list[str], shown: str
) -> None:
    assert " ".join(part(package, "session").masked(arguments)) == shown


def test_a_process_says_who_it_is(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["vllm", "--api-key", "s3"])
    tables = part(package, "tables")
    row = tables.checked("process", part(package, "session").identity("worker", 3, 1))
    names = [column.name for column in tables.TABLES["process"]]
    found = dict(zip(names, row, strict=True))
    assert (found["role"], found["rank"], found["dp_rank"]) == ("worker", 3, 1)
    assert (found["pid"], found["parent_pid"]) == (os.getpid(), os.getppid())
    assert found["command"] == "vllm --api-key ***"
