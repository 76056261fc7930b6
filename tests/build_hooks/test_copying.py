"""Bytes arrive whole and in order, whatever the system can do."""

from __future__ import annotations

import errno
import io
import os
import resource
import sys
from typing import TYPE_CHECKING

import pytest

from build_hooks.copying import CHUNK, UNSUPPORTED, copy_range
from build_hooks.errors import ArtifactError
from tests.build_hooks.sample_archives import noise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = noise(3_000_000)
linux = pytest.mark.skipif(sys.platform != "linux", reason="os.splice is of Linux")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


def copied(source: Path, target: Path, *ranges: tuple[int, int]) -> bytes:
    """Copy ranges with text around them, as headers stand between members."""
    with source.open("rb") as read, target.open("wb") as write:
        write.write(b"<")
        for start, length in ranges:
            copy_range(read, write, start, length)
            write.write(b"|")
            assert write.tell() == write.seek(0, os.SEEK_END)
    return target.read_bytes()


def expected(*ranges: tuple[int, int]) -> bytes:
    return b"<" + b"".join(DATA[start : start + length] + b"|" for start, length in ranges)


RANGES = [
    [(0, 0)],
    [(0, 1)],
    [(5, CHUNK)],
    [(5, CHUNK + 1)],
    [(0, len(DATA))],
    [(1_234_567, 1_500_000), (3, 7), (100, 2_000_000), (len(DATA), 0)],
]


@pytest.mark.parametrize("ranges", RANGES)
def test_ranges_are_appended(source: Path, tmp_path: Path, ranges: list[tuple[int, int]]) -> None:
    assert copied(source, tmp_path / "target", *ranges) == expected(*ranges)


def failing(number: int, after: int) -> Callable[..., int]:
    """Make a `splice` that fails with an error after some calls, with bytes left in the pipe."""
    calls = []
    real = os.splice

    def splice(*words: int, **options: int) -> int:
        calls.append(words)
        if len(calls) > after:
            raise OSError(number, os.strerror(number))
        return real(*words, **options)

    return splice


@linux
@pytest.mark.parametrize("number", sorted(UNSUPPORTED))
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_what_the_system_cannot_is_copied_through_memory(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, after: int
) -> None:
    monkeypatch.setattr(os, "splice", failing(number, after))
    assert copied(source, tmp_path / "target", *RANGES[-1]) == expected(*RANGES[-1])


@linux
def test_short_writes_are_continued(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.splice

    def hesitant(source: int, target: int, count: int, **options: int) -> int:
        return real(source, target, min(count, 70_000), **options)

    monkeypatch.setattr(os, "splice", hesitant)
    assert copied(source, tmp_path / "target", *RANGES[-1]) == expected(*RANGES[-1])


@linux
def test_other_errors_are_not_hidden(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "splice", failing(errno.ENOSPC, 2))
    with pytest.raises(OSError, match="No space left"):
        copied(source, tmp_path / "target", (0, len(DATA)))


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_other_systems_copy_through_memory(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert copied(source, tmp_path / "target", (7, 2_000_000)) == expected((7, 2_000_000))


def test_a_target_in_memory(source: Path) -> None:
    target = io.BytesIO()
    with source.open("rb") as read:
        copy_range(read, target, 9, 2_000_000)
    assert target.getvalue() == DATA[9:2_000_009]


@pytest.mark.parametrize("length", [CHUNK - 1, 2_000_000])
def test_a_source_that_has_become_shorter_is_named(
    source: Path, tmp_path: Path, length: int
) -> None:
    with (
        source.open("rb") as read,
        (tmp_path / "target").open("wb") as write,
        pytest.raises(ArtifactError, match="source has become shorter while it was copied"),
    ):
        copy_range(read, write, len(DATA) - length + 1, length)


def test_no_pipe_is_left_open(source: Path, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        assert copied(source, tmp_path / "t", *[(0, CHUNK + 1)] * 60) == expected(
            *[(0, CHUNK + 1)] * 60
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
