"""Types of a tensor's elements, by their names in Triton's language, such as ``uint16``.

They are those that Triton has had since 3.2, where a number takes the type of the tensor that it
meets. Before, `x << 8` of 16 bits was an `int32`.
"""

from __future__ import annotations

import re

BOOL = "int1"
FLOAT = "float"
"""A floating-point type of which no more is known."""
_INTEGER = re.compile(r"(u?)int(\d+)")
_FLOAT = re.compile(r"b?float\w*")
_NAME = re.compile(r"int1|u?int(?:8|16|32|64)|b?float(?:16|32|64|8\w+)")
_WIDE = 32


def is_type(name: str) -> bool:
    """Tell whether a name of Triton's language is that of a type of elements."""
    return _NAME.fullmatch(name) is not None


def width(element: str) -> int:
    """Give the bits of an integer type; 0 for any other."""
    found = _INTEGER.fullmatch(element)
    return int(found[2]) if found else 0


def is_unsigned(element: str) -> bool:
    """Tell whether a type is an unsigned integer; a bool is one to Triton."""
    return element == BOOL or element.startswith("uint")


def is_float(element: str) -> bool:
    """Tell whether a type is a floating-point one."""
    return _FLOAT.fullmatch(element) is not None


def of_constant(value: object) -> str:
    """Give the type that Triton gives a constant; empty for what is no number."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return "int32"
    return "float32" if isinstance(value, float) else ""


def with_number(element: str, number: str, *, bitwise: bool) -> str:
    """Give the type of what a tensor and a constant number make; empty if it cannot be told.

    Args:
        element: the tensor's type.
        number: the constant's; empty where it is not known, for which an integer is taken.
        bitwise: the operation is one on bits.
    """
    if is_float(number):
        return FLOAT
    if element == BOOL:
        # Two bools make a bool of their bits; with a number they make an int.
        return BOOL if bitwise and number == BOOL else ""
    return element


def promoted(left: str, right: str, *, bitwise: bool) -> str:
    """Give the type of what two tensors make, as Triton's `integer_promote_impl` does.

    Args:
        left: the first one's type.
        right: the other's.
        bitwise: the operation is one on bits.
    """
    if is_float(left) or is_float(right):
        return FLOAT
    if not width(left) or not width(right):
        return ""
    if left == right:
        return left if bitwise or left != BOOL else ""
    if width(left) == width(right):
        return left if is_unsigned(left) else right
    return left if width(left) > width(right) else right


def widened(element: str) -> str:
    """Give the type in which Triton adds elements up since 3.3: integers in 32 bits or more."""
    if not 0 < width(element) < _WIDE:
        return element
    return "uint32" if is_unsigned(element) else "int32"


def common(elements: set[str]) -> str:
    """Give the type that holds for each of several values; empty if none does."""
    if len(elements) == 1:
        return next(iter(elements))
    return FLOAT if elements and all(map(is_float, elements)) else ""
