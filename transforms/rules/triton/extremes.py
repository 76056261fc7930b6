"""Write `max` and `min` of constexpr values as conditions, which an old Triton can compute.

In a kernel `max(a, b)` is `tl.maximum`. Newer Tritons compute it where both are known to the
compiler; 3.1 makes a tensor of it, and then what should be a constexpr is none: `arange's arguments
must be of type tl.constexpr`. A condition on constexpr values is the compiler's to decide on every
release, and `b if b > a else a` is what Python's `max(a, b)` gives.

Only for what is annotated as constexpr: elsewhere the operands may be tensors, and `max` is right
on every release. And only where something needs the constant, such as a shape or a condition: where
it is a mere operand, 3.1's tensor does as well, and the kernel stays what it was.

Before::

    @triton.jit
    def kernel(p, DIM: tl.constexpr):
        BLOCK: tl.constexpr = max(16, triton.cdiv(DIM, 4))
        HALF: tl.constexpr = min(DIM, 64) // 2
        tl.store(p + tl.arange(0, BLOCK + HALF), 0)

After::

    @triton.jit
    def kernel(p, DIM: tl.constexpr):
        BLOCK: tl.constexpr = triton.cdiv(DIM, 4) if triton.cdiv(DIM, 4) > 16 else 16
        HALF: tl.constexpr = (64 if 64 < DIM else DIM) // 2
        tl.store(p + tl.arange(0, BLOCK + HALF), 0)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.triton.functions import Meaning, meaning, origins
from transforms.rules.triton.rule import NEEDLES, found_in_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.names import Scope
    from transforms.rules.triton.functions import TritonFunction

_CODE = re.compile(rb"(?<![\w.])(?:max|min)(?!\w)")
_COMPARISON = {"builtins.max": ">", "builtins.min": "<"}
# What needs no parentheses beside a comparison and in front of `if`.
_ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call)


@dataclass(frozen=True, slots=True)
class _Extremes:
    """The rule; see the module."""

    name: str = "extremes"
    needles: tuple[bytes, ...] = (*NEEDLES, b"constexpr")
    why: str = (
        "Kernels that compute a block's size with `max` or `min` fail at their first launch: "
        '"arange\'s arguments must be of type tl.constexpr".'
    )
    upstream: str = "none in vLLM: newer Tritons compute `max` and `min` of constexpr values"
    drop_when: str = "the platform's Triton compiles `tl.arange(0, max(16, N))` for a constexpr N"

    def match(self, source: Source) -> Found:
        """Find the extremes of a file that old Triton makes tensors of."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _Extremes()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    scope = function.body
    for call in function.nodes(ast.Call):
        if _comparison(call, scope) is None or not _is_constexpr(call, function):
            continue
        (start, end), text = source.span(call), _written(call, scope, source)
        whole = isinstance(function.parent(call), ast.AnnAssign) and "\n" not in text
        yield text_site(source, start, end, text if whole else f"({text})")


def _is_constexpr(call: ast.Call, function: TritonFunction) -> bool:
    """Tell whether a call makes a constexpr that is needed, and does not stand within another."""
    node: ast.AST = function.parent(call)
    while isinstance(node, ast.expr | ast.keyword):
        if isinstance(node, ast.Call) and _comparison(node, function.body):
            return False
        node = function.parent(node)
    return (
        isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and meaning(node.annotation, function.body) is Meaning.CONSTEXPR
        and any(
            use.id == node.target.id and use is not node.target and not _is_operand(use, function)
            for use in function.nodes(ast.Name)
        )
    )


def _is_operand(use: ast.expr, function: TritonFunction) -> bool:
    """Tell whether a value is only counted with, in what is assigned to a plain variable."""
    node = function.parent(use)
    while isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare):
        node = function.parent(node)
    return isinstance(node, ast.Assign | ast.AugAssign)


def _comparison(node: ast.Call, scope: Scope) -> str | None:
    """Give what decides between a call's two values; None where it is another call."""
    two_values = 2
    if len(node.args) != two_values or node.keywords:
        return None
    if any(isinstance(value, ast.Starred) for value in node.args):
        return None
    found = origins(node.func, scope)
    return _COMPARISON.get(next(iter(found))) if len(found) == 1 else None


def _written(node: ast.expr, scope: Scope, source: Source) -> str:
    comparison = _comparison(node, scope) if isinstance(node, ast.Call) else None
    if comparison is None or not isinstance(node, ast.Call):
        return source.text(source.span(node))
    first, second = (_operand(value, scope, source) for value in node.args)
    return f"{second} if {second} {comparison} {first} else {first}"


def _operand(node: ast.expr, scope: Scope, source: Source) -> str:
    written = _written(node, scope, source)
    nested = isinstance(node, ast.Call) and _comparison(node, scope)
    return written if isinstance(node, _ATOMS) and not nested else f"({written})"
