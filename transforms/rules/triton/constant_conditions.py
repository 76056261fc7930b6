"""Triton before 3.4 reads both sides of `C and x`, whatever the constexpr `C` is: let it read one.

Newer Tritons decide such a condition as Python does: where `C` is false, `x` is not compiled, nor
is what depends on the condition. Old Triton compiles it all, and fails where `x` reads a pointer
that is None or the branch calls what the line lacks. Where `C` is plain Python it fails in any
case: `AttributeError("'bool' object has no attribute 'logical_and'")`.

`False if not C else x` and `True if C else x` are decided at compile time by every Triton, and mean
the same as `C and x` and `C or x`. Triton from 3.4 on makes the same IR of both. This is for each
operand that is known to be constexpr or plain Python and stands before one that is not constexpr; a
constexpr behind a tensor (`x and C`) stays, since both sides of it are compiled in any case.

Before::

    @triton.jit
    def kernel(p, x, n, HAS_N: tl.constexpr, EVEN: tl.constexpr):
        if HAS_N and tl.load(n) > 0:
            tl.store(p, 1)
        if EVEN or tl.load(p) < 2:
            tl.store(p, 2)

After::

    @triton.jit
    def kernel(p, x, n, HAS_N: tl.constexpr, EVEN: tl.constexpr):
        if (False if not HAS_N else tl.load(n) > 0):
            tl.store(p, 1)
        if (True if EVEN else tl.load(p) < 2):
            tl.store(p, 2)

What is plain Python has no `not` in old Triton, so it becomes a constexpr.

Before::

    @triton.jit
    def kernel(p, q):
        x = tl.load(q)
        if x.dtype.is_fp8() and x.dtype != p.dtype.element_ty:
            x = x.to(tl.bfloat16)

After::

    @triton.jit
    def kernel(p, q):
        x = tl.load(q)
        if (False if not tl.constexpr(x.dtype.is_fp8()) else x.dtype != p.dtype.element_ty):
            x = x.to(tl.bfloat16)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.refusal import Refusal
from transforms.rules.triton.boolean_operations import Test, pairs
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

_CODE = re.compile(rb"(?<!\w)(?:and|or)(?!\w)")


@dataclass(frozen=True, slots=True)
class _ConstantConditions:
    """The rule; see the module."""

    name: str = "constant_conditions"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "A kernel with `if HAS_N and tl.load(n) > 0` fails where HAS_N is false and n is None, and "
        "one with `x.dtype.is_fp8() and ...` always: \"'bool' object has no attribute "
        "'logical_and'\"."
    )
    upstream: str = "none in vLLM: Triton 3.4.0 decides a condition as far as constexpr decide it"
    drop_when: str = "the platform's Triton leaves out `x` of `C and x`, as 3.4.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the conditions of a file that constexpr decide, and old Triton does not."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _ConstantConditions()


def deciding(operation: ast.BoolOp, held: Values) -> dict[ast.expr, Kind]:
    """Give the operands that may decide a boolean operation before others are compiled.

    Args:
        operation: all its operands.
        held: what the expressions around it hold.
    """
    found: dict[ast.expr, Kind] = {}
    constant_behind = True
    for operand in reversed(operation.values):
        kind = held.of(operand).kind
        decides = kind is Kind.PLAIN or (kind is Kind.CONSTEXPR and not constant_behind)
        if decides and operand is not operation.values[-1]:
            found[operand] = kind
        constant_behind = constant_behind and kind is Kind.CONSTEXPR
    return found


def _sites(function: TritonFunction, source: Source) -> Iterator[Site | Refusal]:
    for operation in function.nodes(ast.BoolOp):
        found = deciding(operation, source.once(values)[id(function.node)])
        if not found:
            continue
        language = name_of_language(function) if Kind.PLAIN in found.values() else ""
        if Kind.PLAIN in found.values() and not language:
            reason = "the function has no name for Triton's language to call constexpr by"
            yield Refusal(operation, function.name, reason)
        else:
            tests = {
                operand: _test(operand, operation.op, kind, language)
                for operand, kind in found.items()
            }
            yield from pairs(operation, tests, source)


def _test(operand: ast.expr, operator: ast.boolop, kind: Kind, language: str) -> Test:
    if isinstance(operator, ast.Or):
        return Test("True if ")
    if kind is Kind.PLAIN:
        return Test(f"False if not {language}.constexpr(", ")")
    is_negated = isinstance(operand, ast.UnaryOp) and isinstance(operand.op, ast.Not)
    return Test("False if not ", cancels_not=is_negated)
