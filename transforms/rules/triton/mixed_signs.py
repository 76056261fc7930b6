"""Triton before 3.2 cannot divide an unsigned tensor by a number: give that the tensor's type.

A number there is an `int32`, and `x // 4` of an `uint32` fails: `Cannot use /, #, or % with uint32
and int32 because they have different signedness`. In newer Tritons a number takes the type of the
tensor that it meets. `tl.full((), 4, tl.uint32)` says so: the same number of that type, which both
divide by exactly, and of which newer Triton makes the same IR.

It is written where the tensor is known to be unsigned, of 32 bits or more, and the other operand to
be constexpr. Narrower ones are left alone: old Triton may have made an `int32` of them before. `%`
and `/` take a float as well, so there the number must be written out as an integer.

Before::

    @triton.jit
    def kernel(p, q, n, BLOCK: tl.constexpr):
        count = tl.zeros((), dtype=tl.uint32)
        for i in range(n):
            count += tl.load(q + i)
        tl.store(p, (count + BLOCK - 1) // BLOCK)

After::

    @triton.jit
    def kernel(p, q, n, BLOCK: tl.constexpr):
        count = tl.zeros((), dtype=tl.uint32)
        for i in range(n):
            count += tl.load(q + i)
        tl.store(p, (count + BLOCK - 1) // tl.full((), BLOCK, tl.uint32))
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.triton.elements import is_unsigned, width
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

_DIVISIONS = (ast.FloorDiv, ast.Mod, ast.Div)
_WIDE = 32
_CODE = re.compile(rb"(?<!\w)uint\d+(?!\w).*[/%]|[/%].*(?<!\w)uint\d+(?!\w)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _MixedSigns:
    """The rule; see the module."""

    name: str = "mixed_signs"
    needles: tuple[bytes, ...] = (*NEEDLES, b"uint")
    why: str = (
        "Kernels that divide an unsigned tensor by a number, the top-k and top-p sampler's among "
        'them, fail at their first launch: "Cannot use /, #, or % with uint32 and int32 because '
        'they have different signedness".'
    )
    upstream: str = "none in vLLM: Triton 3.2.0 gives a number the type of the tensor it meets"
    drop_when: str = "the platform's Triton divides uint32 by a number, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the divisions of a file between an unsigned tensor and a number."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _MixedSigns()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    held = source.once(values)[id(function.node)]
    for left, operator, right in _divisions(function):
        for tensor, number in ((left, right), (right, left)):
            element = _unsigned(tensor, held)
            language = name_of_language(function) if element else ""
            if language and _is_whole(number, operator, held):
                start, end = source.span(number)
                written = source.text(source.span(number))
                text = f"{language}.full((), {written}, {language}.{element})"
                yield text_site(source, start, end, text)


def _divisions(function: TritonFunction) -> Iterator[tuple[ast.expr, ast.operator, ast.expr]]:
    for node in function.nodes(ast.BinOp):
        if isinstance(node.op, _DIVISIONS):
            yield node.left, node.op, node.right
    for statement in function.nodes(ast.AugAssign):
        if isinstance(statement.op, _DIVISIONS):
            yield statement.target, statement.op, statement.value


def _unsigned(node: ast.expr, held: Values) -> str:
    """Give the type of an unsigned tensor to both old and new Triton; empty for anything else."""
    value = held.of(node)
    is_tensor = value.kind is Kind.TENSOR and is_unsigned(value.element)
    return value.element if is_tensor and width(value.element) >= _WIDE else ""


def _is_whole(node: ast.expr, operator: ast.operator, held: Values) -> bool:
    """Tell whether an operand is a number that is an integer, if the operator takes it at all."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return (
        isinstance(node, ast.Name)
        and isinstance(operator, ast.FloorDiv)
        and held.of(node).kind is Kind.CONSTEXPR
    )
