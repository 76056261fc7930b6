"""Nobody ever sees half of a result."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import OutputError
from build_hooks.output import replacing

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def write_and_fail(target: Path, failure: type[BaseException] | BaseException) -> None:
    with replacing(target) as file:
        file.write(b"half")
        raise failure


def test_makes_folders_and_writes_the_whole(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "result"
    with replacing(target) as file:
        file.write(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["result"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_any_failure_leaves_the_old_file_alone(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    target = tmp_path / "result"
    target.write_bytes(b"old")
    with pytest.raises(failure):
        write_and_fail(target, failure)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["result"]


def test_a_full_disk_is_an_output_error_with_a_next_step(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OutputError, match="result cannot be written: No space left") as caught:
        write_and_fail(tmp_path / "result", full)
    assert "free space" in caught.value.next_step
    assert names(tmp_path) == []


def test_a_folder_in_the_place_of_the_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "result").mkdir()
    with (
        pytest.raises(OutputError, match="result cannot be written"),
        replacing(tmp_path / "result"),
    ):
        pass
    assert names(tmp_path) == ["result"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_mode_is_what_the_umask_asks_for(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with replacing(tmp_path / "result") as file:
            file.write(b"")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == 0o666 & ~mask


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with replacing(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
