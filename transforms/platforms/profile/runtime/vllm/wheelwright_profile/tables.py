# SPDX-License-Identifier: Apache-2.0
"""The tables of a session: their columns, in the order of a row, and the types of these."""

from __future__ import annotations

import itertools
import operator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The version of what a session looks like: `metadata.json`, the streams, and these tables.
SCHEMA = 1

Row = tuple[Any, ...]
# A row as it is read: its table, and its values by column.
Record = tuple[str, dict[str, Any]]

_KINDS = {"i": "int", "f": "float", "s": "str", "b": "bool", "[i]": "ints", "[f]": "floats"}
_PLAIN = {"int": int, "str": str, "bool": bool}
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the stream.
        kind: `int` (64 bits), `float`, `str`, `bool`, `ints` or `floats` (lists).
        optional: whether a row may have None there.
    """

    name: str
    kind: str
    optional: bool = False


def _columns(text: str) -> tuple[Column, ...]:
    """Read `name type` pairs: `time_ns i, rank i?`."""
    pairs = (item.split() for item in text.split(","))
    return tuple(
        Column(name, _KINDS[kind.removesuffix("?")], kind.endswith("?")) for name, kind in pairs
    )


# `time_ns` is when a row's event ended, or where the row has a duration and is of a scope, began;
# in ns since the epoch. Durations are ns, too. `step` is the scheduler's step id; -1 before the
# first.
_TABLES = {
    # What a stream begins with: whose it is. Step ids are those of one data-parallel engine.
    "process": """time_ns i, role s, rank i?, dp_rank i?, host s, pid i, parent_pid i, command s,
        python s, vllm s, torch s""",
    # One a call of schedule(); the last three count since the row before.
    "steps": """time_ns i, step i, duration_ns i, phase s, scheduled_requests i, running i,
        waiting i, max_running i, scheduled_tokens i, max_tokens i, prefill_tokens i,
        decode_tokens i, preempted i, blocks_used i, blocks_total i, blocks_allocated i,
        blocks_freed i, blocks_evicted i""",
    "requests": """time_ns i, step i, request s, event s, reason s, running_ns i?,
        prompt_tokens i, computed_tokens i, output_tokens i""",
    "evictions": "time_ns i, step i, block i, lifetime_ns i, idle_ns i",
    "operations": "time_ns i, step i, duration_ns i, operation s, context s",
    "forward": """time_ns i, step i, duration_ns i, device_ns i?, phase s, requests i, tokens i,
        padded_tokens i, rank i""",
    "encoder": "time_ns i, step i, duration_ns i, component s, context s",
    # Counts of each expert since the layer's row before; `first_step` to `step`.
    "experts": """time_ns i, step i, first_step i, layer i, name s, tokens i, top_k i,
        counts [i]""",
    "expert_pairs": "time_ns i, step i, layer i, first [i], second [i], counts [i]",
    "routing": "time_ns i, step i, layer i, token i, experts [i], weights [f]",
    "graph_captures": "time_ns i, mode s, tokens i, requests i?, uniform b, lora b, duration_ns i",
    "graph_replays": """time_ns i, step i, mode s, tokens i, requests i?, uniform b, lora b,
        replays i""",
    "graph_timeline": "time_ns i, step i, descriptor s, duration_ns i?",
    # How often a point was passed since its row before.
    "points": "time_ns i, point s, fired i",
    # Rows that were not written, by table; and `trouble: ...`, how often that was met.
    "losses": "time_ns i, lost s, rows i",
}
TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {name: _columns(text) for name, text in _TABLES.items()}
)

# The types of values that need no look at each of them: of a row as JSON gives it.
PLAIN_TYPES: Mapping[str, frozenset[tuple[type, ...]]] = MappingProxyType(
    {
        name: frozenset(
            itertools.product(
                *(
                    (_PLAIN[column.kind], type(None)) if column.optional else (_PLAIN[column.kind],)
                    for column in columns
                )
            )
        )
        for name, columns in TABLES.items()
        if all(column.kind in _PLAIN for column in columns)
    }
)


def checked(table: str, row: Sequence[object]) -> Row:
    r"""Give a row as it is written: plain Python values of the columns' types.

    Numbers of other libraries become Python's, and what UTF-8 cannot say becomes `\udc80`.

    Raises:
        ValueError: there is no such table, or the row does not fit it; the message says where.
    """
    if table not in TABLES:
        raise ValueError(f"no table {table!r}")
    columns = TABLES[table]
    if len(row) != len(columns):
        raise ValueError(f"a row of {table!r} has {len(columns)} values, not {len(row)}")
    return tuple(_value(table, column, value) for column, value in zip(columns, row, strict=True))


def _value(table: str, column: Column, value: Any) -> object:  # noqa: ANN401 - it is what came
    if value is None and column.optional:
        return None
    try:
        if column.kind == "ints":
            return [_int(item) for item in value]
        if column.kind == "floats":
            return [as_float(item) for item in value]
        return _SCALARS[column.kind](value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"{table}.{column.name} is {column.kind}, not {value!r:.80}: {error}"
        ) from error


def _int(value: Any) -> int:  # noqa: ANN401
    number = operator.index(value)
    if number not in _INT64:
        raise ValueError("it has more than 64 bits")
    return number


def as_float(value: Any) -> float:  # noqa: ANN401
    """Give a number as Python's float; texts are none."""
    if isinstance(value, (str, bytes)):
        raise TypeError("it is a text")
    return float(value)


def as_str(value: Any) -> str:  # noqa: ANN401
    """Give a text that UTF-8 can say."""
    if not isinstance(value, str):
        raise TypeError("it is no text")
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def as_bool(value: Any) -> bool:  # noqa: ANN401
    """Give a truth value as Python's bool."""
    if value not in (True, False):
        raise TypeError("it is neither True nor False")
    return bool(value)


_SCALARS = {"int": _int, "float": as_float, "str": as_str, "bool": as_bool}
