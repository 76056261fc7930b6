"""Triton before 3.3 adds bools and narrow integers up in their own type: add them up as newer does.

There `tl.sum(mask)` is one bit, the parity of what newer Triton counts, and so is each element of
`tl.cumsum(mask)`; a sum of `int8` wraps at 128. Newer Tritons take 32 bits for any integer that is
narrower. A kernel that stores the result beside an `uint32` does not compile (`mismatched type for
valid_count between then block (uint32) and else block (int1)`); any other computes nonsense, and
nobody is told: the top-k and top-p sampler counts its candidates so.

`wheelwright_triton.sum` and `wheelwright_triton.cumsum` are Triton's own from 3.3 on. Before, they
widen first. They are called wherever the file does not show that the elements are wide already.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, x, y):
        valid = tl.load(x) > 0
        tl.store(p, tl.sum(valid))
        tl.store(p + 1, tl.sum(tl.load(y).to(tl.float32), axis=0))

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, x, y):
        valid = tl.load(x) > 0
        tl.store(p, wheelwright_triton.sum(valid))
        tl.store(p + 1, tl.sum(tl.load(y).to(tl.float32), axis=0))
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.triton.elements import is_float, width
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.runtime import callee_site, with_runtime_import
from transforms.rules.triton.values import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction
    from transforms.rules.triton.values import Value

_SUMS = frozenset({"sum", "cumsum"})
_WIDE = 32
_CODE = re.compile(rb"(?<!\w)(?:cum)?sum(?!\w)")


@dataclass(frozen=True, slots=True)
class _NarrowSums:
    """The rule; see the module."""

    name: str = "narrow_sums"
    needles: tuple[bytes, ...] = (*NEEDLES, b"sum")
    why: str = (
        "`tl.sum(mask)` is a single bit: kernels that count what a mask selects, the top-k and "
        "top-p sampler's among them, fail to compile or compute nonsense."
    )
    upstream: str = "none in vLLM: Triton 3.3.0 adds narrow integers up in 32 bits"
    drop_when: str = "the platform's Triton gives tl.sum 32 bits of result, as 3.3.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the sums of a file that may be of integers of less than 32 bits."""
        return with_runtime_import(found_in_functions(self.name, source, _sites, _CODE), source)


RULE = _NarrowSums()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    for call in function.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in _SUMS and not isinstance(call.func, ast.Name):
            continue
        held = source.once(values)[id(function.node)]
        found = held.language_name(call.func)
        given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "input")]
        if found in _SUMS and not (given and _is_wide(held.of(given[0]))):
            yield callee_site(call.func, found, source)


def _is_wide(value: Value) -> bool:
    return is_float(value.element) or width(value.element) >= _WIDE
