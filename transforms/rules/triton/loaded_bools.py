"""Triton before 3.2 loads a bool as an `int8`, which is none to `not`, `and`, `~` and a mask.

Newer Tritons make a bool of what they load from a pointer to bools. Old Triton does not: `not x`
fails with `Cannot bitcast data-type of size 8 to data-type of size 1`, `~x` of a true `x` is -2 and
so still true, and `x & mask` is no mask. Which pointers point to bools is known at the launch only;
that a value is used as a bool can be seen.

`wheelwright_triton.load` is `tl.load` from Triton 3.2 on. Before, it makes a bool of what it loads
from a pointer to bools, and is the same otherwise. It is called where what is loaded, or a name
that holds it, is an operand of `not`, `and`, `or` or `~`, of `&`, `|` or `^` with what is known to
be a bool, a mask, or the condition of a `while`.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, flags, n):
        is_valid = tl.load(flags)
        count = tl.load(n)
        if not is_valid:
            tl.store(p, count)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, flags, n):
        is_valid = wheelwright_triton.load(flags)
        count = tl.load(n)
        if not is_valid:
            tl.store(p, count)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.runtime import callee_site, with_runtime_import
from transforms.rules.triton.values import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction
    from transforms.rules.triton.values import Values

_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)
_CODE = re.compile(rb"(?<!\w)(?:not|and|or|while|mask)(?!\w)|[~&|^]")


@dataclass(frozen=True, slots=True)
class _LoadedBools:
    """The rule; see the module."""

    name: str = "loaded_bools"
    needles: tuple[bytes, ...] = (*NEEDLES, b"load")
    why: str = (
        'A kernel that loads a bool and asks `not x` fails at its first launch: "Cannot bitcast '
        'data-type of size 8 to data-type of size 1"; with `~x` it takes true for false.'
    )
    upstream: str = "none in vLLM: Triton 3.2.0 loads bools as bools"
    drop_when: str = "the platform's Triton loads bools as bools, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the loads of a file whose values are used as bools."""
        return with_runtime_import(found_in_functions(self.name, source, _sites, _CODE), source)


RULE = _LoadedBools()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    held = source.once(values)[id(function.node)]
    loads: dict[ast.Call, None] = {}
    for used in _used_as_bools(function, held):
        loads.update(dict.fromkeys(_loads(used, held, frozenset())))
    for load in loads:
        yield callee_site(load.func, "load", source)


def _used_as_bools(function: TritonFunction, held: Values) -> Iterator[ast.expr]:
    """Give the expressions of a function that stand where newer Triton has a bool."""
    for unary in function.nodes(ast.UnaryOp):
        if isinstance(unary.op, ast.Not | ast.Invert):
            yield unary.operand
    for operation in function.nodes(ast.BoolOp):
        yield from operation.values
    for binary in function.nodes(ast.BinOp):
        for one, other in ((binary.left, binary.right), (binary.right, binary.left)):
            if isinstance(binary.op, _BITWISE) and held.of(other).is_bool_tensor:
                yield one
    for keyword in function.nodes(ast.keyword):
        if keyword.arg == "mask":
            yield keyword.value
    for loop in function.nodes(ast.While):
        yield loop.test


def _loads(node: ast.expr, held: Values, seen: frozenset[str]) -> Iterator[ast.Call]:
    """Give the loads that an expression may be the value of."""
    match node:
        case ast.Name(id=name) if name not in seen:
            for value in held.assigned(name):
                yield from _loads(value, held, seen | {name})
        case ast.IfExp(body=body, orelse=orelse):
            yield from _loads(body, held, seen)
            yield from _loads(orelse, held, seen)
        case ast.Subscript(value=value):
            yield from _loads(value, held, seen)
        case ast.Call(func=callee) if held.language_name(callee) == "load":
            yield node
