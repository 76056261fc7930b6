"""Hold RECORD of a wheel against its members: neither pip nor uv does when it installs one."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from build_hooks.artifact.binary_wheel import dist_info_of
from build_hooks.inspection import Problem
from build_hooks.record import record_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.artifact.wheel import WheelTree

_COLUMNS = 3


def against_record(wheel: WheelTree) -> Iterator[Problem]:
    """Say what of a wheel is not as RECORD has it.

    Args:
        wheel: the wheel.
    """
    record = f"{dist_info_of(wheel)}/RECORD"
    if record not in wheel:
        yield Problem(path=record, problem="is missing")
        return
    data = wheel.read(record)
    listed: dict[str, tuple[str, str]] = {}
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        yield Problem(path=record, problem=f"cannot be read: {error}")
        return
    wrong = False
    for row in rows:
        if len(row) != _COLUMNS or row[0] in listed:
            wrong = True
            yield Problem(path=record, problem=f"has a wrong or second row: {','.join(row)}")
        else:
            listed[row[0]] = (row[1], row[2])
    if not wrong and data != _written(rows):
        yield Problem(path=record, problem="is not written as a build writes it")
    if listed.get(record, ("", "")) != ("", ""):
        yield Problem(path=record, problem="has a hash or size of itself")
    yield from _against_rows(wheel, record, listed)


def _written(rows: list[list[str]]) -> bytes:
    """Write rows anew: readers differ in what else they take for a line end or a quote."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _against_rows(
    wheel: WheelTree, record: str, listed: dict[str, tuple[str, str]]
) -> Iterator[Problem]:
    for name in wheel:
        if name not in listed:
            yield Problem(path=name, problem="is not in RECORD")
        if name.endswith((".pyc", ".pyo")):
            yield Problem(path=name, problem="is byte code, which nobody can read or compare")
    for name, (recorded, size) in listed.items():
        if name not in wheel:
            yield Problem(path=name, problem="is in RECORD and not in the wheel")
        elif name != record:
            data = wheel.read(name)
            if recorded != record_hash(data) or size != str(len(data)):
                yield Problem(path=name, problem="differs from RECORD")
