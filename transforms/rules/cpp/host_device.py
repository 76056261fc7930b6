"""Which words of a file say that something is for the host, the device, or both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.cpp.code import Code

_CUDA = frozenset({"__host__", "__device__"})
# `C10_HOST_DEVICE`, `CUTLASS_DEVICE`: macros of headers that are not in the tree.
_BY_NAME = re.compile(r"(?:[A-Z0-9]+_)*(?:HOST|DEVICE|HOST_DEVICE)(?:_INLINE)?")


def device_attributes(code: Code) -> frozenset[str]:
    """Give the attributes `__host__` and `__device__`, and the macros that stand for them.

    Args:
        code: the file; a macro counts by what the file defines it as in any branch of `#if`, and
            one of another file by its name.
    """
    known = {word for word in code.places if word in _CUDA or _BY_NAME.fullmatch(word)}
    bodies: list[tuple[str, set[str]]] = []
    for number, (first, last) in code.directive_spans.items():
        if code.directive_name(number) == "define" and first + 2 < last:
            words = {token.text for token in code.tokens[first + 3 : last]}
            bodies.append((code.tokens[first + 2].text, words))
    while found := {name for name, words in bodies if words & known} - known:
        known |= found
    return frozenset(known | _CUDA)
