"""Does a function's own code suspend it? `yield` makes a generator of it, `await` needs `async`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def own_nodes(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Walk what runs in a function's own frame.

    The bodies of the functions, lambdas and classes in it do not; their decorators, defaults and
    bases do.
    """
    waiting: list[ast.AST] = [*reversed(body)]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _FUNCTION):
            inner: list[ast.AST | None] = [*getattr(node, "decorator_list", ())]
            inner += [*node.args.defaults, *node.args.kw_defaults]
        elif isinstance(node, ast.ClassDef):
            inner = [*node.decorator_list, *node.bases, *node.keywords]
        else:
            inner = [*ast.iter_child_nodes(node)]
        waiting.extend(item for item in reversed(inner) if item is not None)


def yields(body: Sequence[ast.stmt]) -> bool:
    """Tell whether a function with this body is a generator."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(body))


def awaits(body: Sequence[ast.stmt]) -> bool:
    """Tell whether a function with this body must be an `async def`."""
    return any(
        isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith))
        or (isinstance(node, ast.comprehension) and bool(node.is_async))
        for node in own_nodes(body)
    )
