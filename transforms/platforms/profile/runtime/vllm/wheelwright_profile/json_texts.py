# SPDX-License-Identifier: Apache-2.0
"""Write a column's values as JSON, many at a time, for this shares Python with the engine."""

from __future__ import annotations

import math
from array import array
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from .tables import as_bool, as_float, as_str

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .tables import Column


def json_texts(column: Column, values: Sequence[Any]) -> Iterable[object]:
    """Give values of one column, as `%s` writes them into a line of JSON.

    Raises:
        TypeError, ValueError, OverflowError: one is not of the column's kind.
    """
    if column.optional:
        none = [value is None for value in values]
        others = iter(_TEXTS[column.kind]([value for value in values if value is not None]))
        return ["null" if is_none else next(others) for is_none in none]
    return _TEXTS[column.kind](values)


def _ints(values: Sequence[Any]) -> Iterable[object]:
    return array("q", values)  # refuses what is no integer of 64 bits


def _floats(values: Sequence[Any]) -> Iterable[object]:
    return [_float(as_float(value)) for value in values]


def _strs(values: Sequence[Any]) -> Iterable[object]:
    return [encode_basestring_ascii(as_str(value)) for value in values]


def _bools(values: Sequence[Any]) -> Iterable[object]:
    return ["true" if as_bool(value) else "false" for value in values]


def _int_lists(values: Sequence[Any]) -> Iterable[object]:
    return [f"[{','.join(map(str, array('q', list(value))))}]" for value in values]


def _float_lists(values: Sequence[Any]) -> Iterable[object]:
    return [f"[{','.join(map(_float, map(as_float, value)))}]" for value in values]


def _float(value: float) -> str:
    """Give a number, or the name of what is no number of JSON's."""
    if math.isfinite(value):
        return repr(value)
    return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'


_TEXTS = {
    "int": _ints,
    "float": _floats,
    "str": _strs,
    "bool": _bools,
    "ints": _int_lists,
    "floats": _float_lists,
}
