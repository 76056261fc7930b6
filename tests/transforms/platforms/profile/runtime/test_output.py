"""A folder that cannot be written to costs rows, never the engine; and is tried again."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.profile.loaded import load, switched_on
from tests.transforms.platforms.profile.runtime.samples import SESSION, part, records

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

BATCH = {"losses": [(1, "steps", 2)]}


@pytest.fixture
def package(tmp_path: Path) -> ModuleType:
    return load(switched_on(tmp_path, session=SESSION))


@pytest.fixture
def output(package: ModuleType) -> Any:  # noqa: ANN401 - of a fresh package
    def unexpected(*arguments: object) -> None:
        raise AssertionError(arguments)

    settings = part(package, "settings").SETTINGS
    return part(package, "output").Output(settings, refused=unexpected, trouble=unexpected)


def _tables(package: ModuleType, path: Path) -> list[str]:
    rows, notes = records(package, path.read_bytes(), path.suffix)
    assert notes == []
    return [table for table, _ in rows]


def test_the_first_write_makes_the_stream_and_says_whose_it_is(
    package: ModuleType,
    output: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    assert output.path == ""
    assert list(tmp_path.iterdir()) == []
    output.role, output.rank = "worker", 1
    output.write(BATCH)
    output.write(BATCH)
    output.close()
    stream = tmp_path / SESSION / f"worker-1-{os.getpid()}.arrow"
    assert _tables(package, stream) == ["process", "losses", "losses"]
    assert {item.name for item in stream.parent.iterdir()} == {stream.name, "metadata.json"}


def test_after_a_failure_it_rests_and_then_goes_on(
    package: ModuleType,
    output: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = part(package, "output")
    time = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: time)
    (tmp_path / SESSION).write_text("a file is in the way")
    assert not output.rests
    with pytest.raises(FileExistsError):
        output.write(BATCH)
    assert output.rests
    time += module.RETRY_SECONDS - 1
    assert output.rests
    time += 1
    assert not output.rests
    (tmp_path / SESSION).unlink()
    output.write(BATCH)
    output.close()
    (stream,) = (tmp_path / SESSION).glob("*.arrow")
    assert _tables(package, stream) == ["process", "losses"]


def test_a_stream_whose_begin_cannot_be_written_is_not_left_over(
    package: ModuleType,
    output: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", fail)
        with pytest.raises(OSError, match="No space left"):
            output.write(BATCH)
    assert list((tmp_path / SESSION).glob("*.arrow")) == []
    output.write(BATCH)
    (stream,) = (tmp_path / SESSION).glob("*.arrow")
    assert _tables(package, stream) == ["process", "losses"]
    output.close()


def test_a_session_that_somebody_removed_is_begun_again(
    package: ModuleType,
    output: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    output.write(BATCH)
    shutil.rmtree(tmp_path / SESSION)
    output.write(BATCH)
    output.close()
    (stream,) = (tmp_path / SESSION).glob("*.arrow")
    assert _tables(package, stream) == ["process", "losses"]
    assert (tmp_path / SESSION / "metadata.json").is_file()


def test_it_says_where_it_records_only_if_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for verbose in ("0", "1"):
        module = load(switched_on(tmp_path, session=SESSION, verbose=verbose))
        settings = part(module, "settings").SETTINGS
        output = part(module, "output").Output(settings, refused=print, trouble=print)
        with caplog.at_level("INFO"):
            output.write(BATCH)
        output.close()
    (record,) = caplog.records
    assert record.name == "vllm.wheelwright_profile"
    assert record.getMessage().startswith(f"profiling: main records to {tmp_path / SESSION}/main-")
