"""Triton before 3.4 cannot compile `a and b and c`: put parentheses around the last pair.

It compiles a boolean operation of two operands and refuses a longer one: `chained boolean operators
(A or B or C) are not supported; use parentheses to split the chain`. `a and (b and c)` is the same
operation on the same operands in the same order, and Triton from 3.4 on makes the same IR of both;
of `(a and b) and c` it makes another.

Before::

    @triton.jit
    def kernel(p, n, m):
        if n > 0 and m > 0 and n < m:
            tl.store(p, n)

After::

    @triton.jit
    def kernel(p, n, m):
        if n > 0 and (m > 0 and n < m):
            tl.store(p, n)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.triton.boolean_operations import pairs
from transforms.rules.triton.constant_conditions import deciding
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.values import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

_LONGEST = 2
_CODE = re.compile(rb"(?<!\w)(?:and|or)(?!\w).*(?<!\w)(?:and|or)(?!\w)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _BooleanChains:
    """The rule; see the module."""

    name: str = "boolean_chains"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "Kernels whose conditions have three operands or more, `kernel_unified_attention` among "
        'them, fail at their first launch: "chained boolean operators (A or B or C) are not '
        'supported; use parentheses to split the chain".'
    )
    upstream: str = "none in vLLM: Triton 3.4.0 compiles chains"
    drop_when: str = "the platform's Triton compiles `a and b and c`, as 3.4.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the chains of a file that old Triton cannot compile."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _BooleanChains()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    for chain in function.nodes(ast.BoolOp):
        # A chain that constexpr decide is written by `constant_conditions`, as pairs as well.
        if len(chain.values) > _LONGEST and not deciding(
            chain, source.once(values)[id(function.node)]
        ):
            yield from pairs(chain, {}, source)
