"""What is written can be read by others, and a write that fails leaves whole records only."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.transforms.platforms.profile.loaded import load
from tests.transforms.platforms.profile.runtime.samples import encoder, part, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

FORMATS = (".arrow", ".jsonl")
LOSS = (1, "steps", 2)


@pytest.fixture(scope="module")
def package() -> ModuleType:
    return load({})


@pytest.fixture(scope="module")
def streams(package: ModuleType) -> ModuleType:
    module: ModuleType = part(package, "streams")
    return module


def test_json_lines_are_strict_json(package: ModuleType) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    weights = [0.5, float("nan"), float("inf"), float("-inf")]
    data = encoder(package, ".jsonl").encode("routing", [(1, 2, 3, 4, [5], weights)])
    (line,) = data.decode("ascii").splitlines()
    assert json.loads(line, parse_constant=refuse) == {
        "table": "routing",
        "time_ns": 1,
        "step": 2,
        "layer": 3,
        "token": 4,
        "experts": [5],
        "weights": [0.5, "NaN", "Infinity", "-Infinity"],
    }


def test_what_has_no_end_and_no_number_comes_back(package: ModuleType) -> None:
    weights = [0.5, float("nan"), float("inf"), float("-inf")]
    for suffix in FORMATS:
        data = encoder(package, suffix).encode("routing", [(1, 2, 3, 4, [5], weights)])
        (((_, row),), notes) = records(package, data, suffix)
        assert repr(row["weights"]) == repr(weights)
        assert notes == []


def test_arrow_records_are_streams_that_pyarrow_reads_by_itself(package: ModuleType) -> None:
    arrow = encoder(package, ".arrow")
    file = io.BytesIO(
        arrow.encode("losses", [LOSS]) + arrow.encode("points", [(3, "a", 1), (4, "b", 2)])
    )
    found = []
    while file.tell() < len(file.getvalue()):
        with pa.ipc.open_stream(file) as reader:
            table = reader.schema.metadata[b"table"].decode()
            found.append((table, reader.read_all().to_pylist()))
    assert found == [
        ("losses", [{"time_ns": 1, "lost": "steps", "rows": 2}]),
        (
            "points",
            [{"time_ns": 3, "point": "a", "fired": 1}, {"time_ns": 4, "point": "b", "fired": 2}],
        ),
    ]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("table", "bad"),
    [
        ("losses", (1, "steps")),
        ("losses", (1, 2, 3)),
        ("losses", (None, "steps", 2)),
        ("losses", (1, "steps", 2**63)),
        ("steps", (1, 2)),
        ("nowhere", (1,)),
        ("expert_pairs", (1, 2, 3, [None], [1], [1])),
        ("expert_pairs", (1, 2, 3, None, [1], [1])),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_others_are_written(
    package: ModuleType, streams: ModuleType, suffix: str, table: str, bad: tuple[Any, ...]
) -> None:
    refused = []
    batches = {table: [bad], "points": [(1, "a", 1)]}
    batches.setdefault("losses", []).append(LOSS)
    data = streams.encoded(
        encoder(package, suffix), batches, lambda name, error: refused.append((name, str(error)))
    )
    assert [name for name, _ in refused] == [table]
    assert refused[0][1]
    found = {(name, tuple(row.values())) for name, row in records(package, data, suffix)[0]}
    assert found == {("losses", LOSS), ("points", (1, "a", 1))}


def test_without_pyarrow_json_lines_are_written(
    streams: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str] = []
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert streams.chosen_encoder(lambda what, _: troubles.append(what)).suffix == ".jsonl"
    assert troubles == []


def test_a_broken_pyarrow_is_said_and_json_lines_are_written(
    streams: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str] = []
    monkeypatch.setitem(sys.modules, "pyarrow", object())
    assert streams.chosen_encoder(lambda what, _: troubles.append(what)).suffix == ".jsonl"
    assert troubles == ["pyarrow cannot be used, so JSON lines are written"]


def test_with_pyarrow_it_is_arrow(streams: ModuleType) -> None:
    assert streams.chosen_encoder(print).suffix == ".arrow"


LIMIT = 1000


@contextmanager
def limited() -> Iterator[None]:
    """Let no file grow beyond `LIMIT` bytes: what a full disk does, in the middle of a write.

    Not a fixture: the limit is the whole process's, and the report of a test that has passed goes
    into the file that pytest's output may be.
    """
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_write_that_fails_in_the_middle_is_taken_back(
    streams: ModuleType, tmp_path: Path
) -> None:
    file = streams.StreamFile(tmp_path, "main-1", ".jsonl")
    file.append(b"a" * (LIMIT - 10))
    with limited(), pytest.raises(OSError, match="File too large"):
        file.append(b"b" * 20)
    assert file.path.read_bytes() == b"a" * (LIMIT - 10)
    assert not file.is_gone()
    file.append(b"c" * 10)
    file.close()
    assert file.path.read_bytes() == b"a" * (LIMIT - 10) + b"c" * 10


def test_a_file_that_cannot_be_cut_back_is_given_up(
    streams: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    file = streams.StreamFile(tmp_path, "main-1", ".jsonl")
    monkeypatch.setattr(os, "ftruncate", fail)
    with limited(), pytest.raises(OSError, match="Input/output error"):
        file.append(b"b" * (LIMIT + 1))
    assert file.is_gone()
    file.close()


def test_a_write_in_pieces_is_one_record(
    streams: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: write(fd, data[:3], at))
    file = streams.StreamFile(tmp_path, "main-1", ".jsonl")
    file.append(b"0123456789")
    file.append(b"abc")
    file.close()
    assert file.path.read_bytes() == b"0123456789abc"


def test_a_name_that_is_taken_gets_a_number(streams: ModuleType, tmp_path: Path) -> None:
    files = [streams.StreamFile(tmp_path, "main-1", ".jsonl") for _ in range(3)]
    assert [file.path.name for file in files] == [
        "main-1.jsonl",
        "main-1.2.jsonl",
        "main-1.3.jsonl",
    ]
    for file in files:
        file.close()


def test_a_file_that_somebody_removed_is_noticed(streams: ModuleType, tmp_path: Path) -> None:
    file = streams.StreamFile(tmp_path, "main-1", ".jsonl")
    assert not file.is_gone()
    file.path.unlink()
    assert file.is_gone()
    file.close()
