"""The types of elements are those of Triton's own rules."""

from __future__ import annotations

from itertools import product

import pytest

from transforms.rules.triton.elements import (
    common,
    is_float,
    is_type,
    is_unsigned,
    of_constant,
    promoted,
    widened,
    width,
    with_number,
)

_INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def in_c(left: str, right: str) -> str:
    """Follow the usual arithmetic conversions of C, from which Triton takes its rules.

    https://en.cppreference.com/w/c/language/conversion, without the promotion to `int`.
    """
    unsigned, signed = sorted((left, right), key=lambda name: not name.startswith("u"))
    if unsigned.startswith("u") == signed.startswith("u"):
        return max(left, right, key=width)
    return unsigned if width(unsigned) >= width(signed) else signed


@pytest.mark.parametrize(("left", "right"), list(product(_INTEGERS, _INTEGERS)))
def test_two_integers_make_what_they_make_in_c(left: str, right: str) -> None:
    assert promoted(left, right, bitwise=False) == in_c(left, right)


def test_what_is_not_known_stays_so() -> None:
    assert promoted("", "int32", bitwise=True) == ""
    assert promoted("int1", "int1", bitwise=True) == "int1"
    assert promoted("int1", "int1", bitwise=False) == ""
    assert promoted("int32", "bfloat16", bitwise=False) == "float"
    assert promoted("", "float", bitwise=False) == "float"


def test_a_number_takes_the_type_of_a_tensor() -> None:
    assert with_number("uint8", "int32", bitwise=False) == "uint8"
    assert with_number("uint8", "", bitwise=False) == "uint8"
    assert with_number("uint8", "float32", bitwise=False) == "float"
    assert with_number("int1", "int1", bitwise=True) == "int1"
    assert with_number("int1", "int1", bitwise=False) == ""
    assert with_number("int1", "int32", bitwise=True) == ""


def test_sums_have_32_bits_at_least() -> None:
    given = ["int1", "uint8", "int16", "int32", "uint64", "float16", ""]
    made = ["uint32", "uint32", "int32", "int32", "uint64", "float16", ""]
    assert [widened(each) for each in given] == made


def test_tells_types_apart() -> None:
    types = [*_INTEGERS, "int1", "float16", "bfloat16", "float64", "float8e4nv"]
    assert all(is_type(each) for each in types)
    assert not any(is_type(each) for each in ("int4", "load", "float", "int", ""))
    assert [each for each in types if is_float(each)] == types[-4:]
    assert [each for each in types if is_unsigned(each)] == [*_INTEGERS[4:], "int1"]
    assert [width(each) for each in ("int1", "uint64", "float32", "")] == [1, 64, 0, 0]
    assert [of_constant(each) for each in (True, 1, 1.0, "1", None)] == [
        *("int1", "int32", "float32", "", "")
    ]


def test_what_is_common_to_all() -> None:
    assert common({"int32"}) == "int32"
    assert common({"float32", "float16"}) == "float"
    assert common({"float32", ""}) == ""
    assert common({"int32", "int64"}) == ""
    assert common(set()) == ""
