"""Old Triton cannot compile `return None`: a plain `return` gives the same.

It makes a tensor of what is returned, and None is none: `AssertionError("cannot convert None of
type <class 'NoneType'> to tensor")`. A plain `return` gives None as well, to Python and to every
Triton, also where the call's value is used: `x = function()` is then None.

Before::

    @triton.jit
    def fallback(p, axis):
        return None

After::

    @triton.jit
    def fallback(p, axis):
        return
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.refusal import Refusal
from transforms.rules.triton.rule import NEEDLES, found_in_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

_RETURN = len(b"return")
_CODE = re.compile(rb"(?<!\w)return(?!\w)[^\n]*(?:None|\(|\\)")


@dataclass(frozen=True, slots=True)
class _NoneReturns:
    """The rule; see the module."""

    name: str = "none_returns"
    needles: tuple[bytes, ...] = (*NEEDLES, b"return", b"None")
    why: str = (
        "A kernel that calls a function with `return None` fails at its first launch: "
        "AssertionError(\"cannot convert None of type <class 'NoneType'> to tensor\")."
    )
    upstream: str = (
        "none in vLLM: Triton 3.9.0 takes None for what a function returns, 3.5.1 does not"
    )
    drop_when: str = (
        "the platform's Triton compiles `return None`, as 3.9.0 does and 3.5.1 does not"
    )

    def match(self, source: Source) -> Found:
        """Find the functions of a file that return None and say so."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _NoneReturns()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site | Refusal]:
    for statement in function.nodes(ast.Return):
        value = statement.value
        if not isinstance(value, ast.Constant) or value.value is not None:
            continue
        start, end = source.span(statement)
        if b"#" in source.data[start:end]:
            reason = "a comment stands between `return` and None: it would be lost"
            yield Refusal(statement, function.name, reason)
        else:
            yield text_site(source, start + _RETURN, end, "")
