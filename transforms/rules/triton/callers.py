"""Which parameters of a kernel's functions hold a tensor although they are annotated as constexpr.

Between functions that Triton compiles the annotation binds nobody: `merge(x, IS_LAST=i == n - 1)`
hands a tensor over where `i` counts a loop, and `IS_LAST` is that tensor.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from transforms.rules.triton.functions import TritonFunction


def given_tensors(
    functions: Sequence[TritonFunction],
    is_tensor: Callable[[TritonFunction, ast.expr], bool],
) -> dict[int, frozenset[str]]:
    """Find the parameters that a call in the same file gives a tensor.

    Args:
        functions: all functions of the file that Triton compiles.
        is_tensor: tells whether an expression of a function is known to be a tensor.

    Returns:
        For the `id` of each called function's node the names of the parameters.
    """
    by_name = defaultdict(list)
    for function in functions:
        by_name[function.node.name].append(function)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for caller in functions:
        for call in caller.nodes(ast.Call):
            for called in by_name[call.func.id] if isinstance(call.func, ast.Name) else ():
                for name, value in _given(call, called.node):
                    if not isinstance(value, ast.Constant) and is_tensor(caller, value):
                        found[id(called.node)].add(name)
    return {node: frozenset(names) for node, names in found.items()}


def _given(call: ast.Call, function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Pair the arguments of a call with the annotated parameters that take them."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    annotated = {
        each.arg for each in (*parameters, *function.args.kwonlyargs) if each.annotation is not None
    }
    for parameter, value in zip(parameters, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        if parameter.arg in annotated:
            yield parameter.arg, value
    for keyword in call.keywords:
        if keyword.arg in annotated:
            yield keyword.arg, keyword.value
