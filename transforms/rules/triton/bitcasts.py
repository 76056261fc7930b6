"""Triton before 3.2 widens `hi << 8` of 16 bits, so that its bits cannot be read as a `float16`.

A number there is an `int32`, and so is what it makes of an `uint16`; newer Tritons keep the type of
the tensor, and the bits that do not fit are lost. `(lo | hi << 8).to(tl.float16, bitcast=True)`
then fails: `Cannot bitcast data-type of size 32 to data-type of size 16`.

Where the operands are known to be integers of 8 or 16 bits and the expression is one whose low bits
depend on the low bits of its operands alone (`|`, `&`, `^`, `<<`, `+`, `-`, `*`), narrowing the
result gives the very bits that newer Triton keeps. For newer Triton the narrowing does nothing.

Before::

    @triton.jit
    def kernel(p, q):
        lo = tl.load(q).to(tl.uint16)
        hi = tl.load(q + 1).to(tl.uint16)
        tl.store(p, (lo | (hi << 8)).to(tl.float16, bitcast=True))

After::

    @triton.jit
    def kernel(p, q):
        lo = tl.load(q).to(tl.uint16)
        hi = tl.load(q + 1).to(tl.uint16)
        tl.store(p, (lo | (hi << 8)).to(tl.uint16).to(tl.float16, bitcast=True))
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.syntax.definition import after_parentheses
from transforms.rules.triton.elements import width
from transforms.rules.triton.functions import name_of_language
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.values import Kind, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction
    from transforms.rules.triton.values import Values

_LOW_BITS = (ast.BitOr, ast.BitAnd, ast.BitXor, ast.LShift, ast.Add, ast.Sub, ast.Mult)
_WIDENED = 32
_CODE = re.compile(rb"(?<!\w)bitcast(?!\w)")


@dataclass(frozen=True, slots=True)
class _Bitcasts:
    """The rule; see the module."""

    name: str = "bitcasts"
    needles: tuple[bytes, ...] = (*NEEDLES, b"bitcast")
    why: str = (
        "Kernels that put a float16 together of two bytes, the TurboQuant cache's among them, fail "
        'at their first launch: "Cannot bitcast data-type of size 32 to data-type of size 16".'
    )
    upstream: str = "none in vLLM: Triton 3.2.0 gives a number the type of the tensor it meets"
    drop_when: str = "the platform's Triton keeps 16 bits in `x << 8`, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the bitcasts of a file that old Triton gets too many bits for."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _Bitcasts()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    for call in function.nodes(ast.Call):
        method = call.func
        if not (isinstance(method, ast.Attribute) and method.attr == "to" and _is_bitcast(call)):
            continue
        held = source.once(values)[id(function.node)]
        narrow = _narrow_type(method.value, held)
        language = name_of_language(function)
        if narrow and language:
            # An operation stands in parentheses here, or `.to` would belong to its last operand.
            end = after_parentheses(method.value, source.span(call).start, source)
            yield text_site(source, end, end, f".to({language}.{narrow})")


def _is_bitcast(call: ast.Call) -> bool:
    return any(
        each.arg == "bitcast" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in call.keywords
    )


def _narrow_type(node: ast.expr, held: Values) -> str:
    """Give the type that newer Triton has here, if old Triton has a wider one; empty if not."""
    element = held.of(node).element
    if not isinstance(node, ast.BinOp) or not 1 < width(element) < _WIDENED:
        return ""
    return element if _keeps_low_bits(node, held) and _meets_number(node, held) else ""


def _keeps_low_bits(node: ast.expr, held: Values) -> bool:
    """Tell whether old and new Triton agree on the low bits of an expression."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _LOW_BITS) and all(
            _keeps_low_bits(each, held) for each in (node.left, node.right)
        )
    if isinstance(node, ast.Subscript):
        return _keeps_low_bits(node.value, held)
    if isinstance(node, ast.Name) and held.of(node).kind is Kind.TENSOR:
        # What was calculated before may be wider already, and differ in what was shifted down.
        return all(isinstance(each, ast.Call) for each in held.assigned(node.id))
    return isinstance(node, ast.Call) or held.of(node).kind is Kind.CONSTEXPR


def _meets_number(node: ast.expr, held: Values) -> bool:
    return isinstance(node, ast.BinOp) and any(
        held.of(each).kind is Kind.CONSTEXPR or _meets_number(each, held)
        for each in (node.left, node.right)
    )
