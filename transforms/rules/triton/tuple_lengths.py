"""How many values an expression in a kernel gives, as far as one file shows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.rules.names import own_statements
from transforms.rules.triton.functions import origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.rules.triton.functions import TritonFunction

_ASSEMBLY = frozenset(
    {
        "triton.language.inline_asm_elementwise",
        "triton.language.core.inline_asm_elementwise",
    }
)
_ASSEMBLY_TYPES = 3


def tuple_length(
    value: ast.expr,
    function: TritonFunction,
    functions: Sequence[TritonFunction],
    around: frozenset[str] = frozenset(),
) -> int | None:
    """Give the length of the tuple that an expression stands for; None where it is not known.

    Args:
        value: the expression.
        function: the function that it stands in.
        functions: all functions of the module that Triton compiles.
        around: the functions whose results are being asked for.
    """
    length = None
    if isinstance(value, ast.Tuple) and not _has_star(value.elts):
        length = len(value.elts)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        repeated = tuple_length(value.left, function, functions, around)
        times = value.right.value if isinstance(value.right, ast.Constant) else None
        length = repeated * times if repeated is not None and type(times) is int else None
    elif isinstance(value, ast.Call):
        if origins(value.func, function.body) & _ASSEMBLY:
            types = _types_of_assembly(value)
            length = tuple_length(types, function, functions, around) if types else None
        elif isinstance(value.func, ast.Name):
            callee = _callee(value.func.id, function, functions)
            if callee is not None and callee.name not in around:
                length = _returned(callee, functions, around | {callee.name})
    return length


def _has_star(items: Iterable[ast.expr]) -> bool:
    return any(isinstance(item, ast.Starred) for item in items)


def _types_of_assembly(call: ast.Call) -> ast.expr | None:
    """Give the argument with the type of each result."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "dtype"]
    placed = call.args[_ASSEMBLY_TYPES : _ASSEMBLY_TYPES + 1] if not _has_star(call.args) else []
    return next(iter([*named, *placed]), None)


def _callee(
    name: str, function: TritonFunction, functions: Sequence[TritonFunction]
) -> TritonFunction | None:
    defined = function.body.definitions(name)
    found = [each for each in functions if each.node in defined]
    return found[0] if len(found) == len(defined) == 1 else None


def _returned(
    callee: TritonFunction, functions: Sequence[TritonFunction], around: frozenset[str]
) -> int | None:
    lengths = {
        tuple_length(statement.value, callee, functions, around) if statement.value else None
        for statement in own_statements(callee.node)
        if isinstance(statement, ast.Return)
    }
    return lengths.pop() if len(lengths) == 1 else None
