"""Triton before 3.2 cannot compile `a and b and c`: put parentheses around the first pair.

It compiles a boolean operation of two operands and refuses a longer one: `chained boolean operators
(A or B or C) are not supported; use parentheses to split the chain`. Python evaluates a chain from
the left, so `(a and b) and c` is the same operation on the same operands; Triton from 3.2 on makes
the same IR of both.

Before::

    @triton.jit
    def kernel(p, n, m):
        if n > 0 and m > 0 and n < m:
            tl.store(p, n)

After::

    @triton.jit
    def kernel(p, n, m):
        if (n > 0 and m > 0) and n < m:
            tl.store(p, n)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.syntax.definition import after_parentheses
from transforms.rules.triton.rule import NEEDLES, found_in_functions

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
        "them, fail at their first launch: \"chained boolean operators (A or B or C) are not "
        "supported; use parentheses to split the chain\"."
    )
    upstream: str = "none in vLLM: Triton 3.2.0 compiles chains"
    drop_when: str = "the platform's Triton compiles `a and b and c`, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the chains of a file that old Triton cannot compile."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _BooleanChains()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    for chain in function.nodes(ast.BoolOp):
        # `a and b and c and d` is `((a and b) and c) and d`.
        opened = len(chain.values) - _LONGEST
        if opened > 0:
            start = end = source.span(chain).start
            yield text_site(source, start, start, "(" * opened)
            for number, value in enumerate(chain.values):
                end = after_parentheses(value, end, source)
                if 0 < number <= opened:
                    yield text_site(source, end, end, ")")
