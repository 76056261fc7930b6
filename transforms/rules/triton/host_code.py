"""The code around a module's kernels: what Python runs, and Triton does not compile.

It is where kernels are decorated, launched and imported. A kernel's decorators and the defaults of
its parameters belong to it; its annotations and its body do not.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import walk_addressable
from transforms.rules.names import Function, Scope, package_of
from transforms.rules.triton.functions import triton_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, eq=False)
class HostNode:
    """A node of the code that Python runs.

    Attributes:
        node: the node.
        scope: what names stand for there.
        top: the statement of the module in which it stands.
    """

    node: ast.AST
    scope: Scope
    top: ast.stmt


def host_nodes(source: Source) -> list[HostNode]:
    """Give the nodes that are in no function that Triton compiles, each before what is in it.

    Left out are annotations of parameters, and the insides of f-strings, whose positions depend on
    the Python that reads them.
    """
    kernels = frozenset(id(function.node) for function in source.once(triton_functions))
    module = Scope(source.module, package=package_of(source.path))
    return [
        HostNode(node, scope, top)
        for top in source.module.body
        for node, scope in _nodes(top, module, kernels)
    ]


def _nodes(root: ast.AST, scope: Scope, kernels: frozenset[int]) -> Iterator[tuple[ast.AST, Scope]]:
    for node in walk_addressable(root, without=_DEFINITIONS):
        yield node, scope
        if isinstance(node, _DEFINITIONS):
            for part in _around(node):
                yield from _nodes(part, scope, kernels)
            if id(node) not in kernels:
                inner = scope.inner(node)
                for statement in node.body:
                    yield from _nodes(statement, inner, kernels)


def _around(definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    """Give what belongs to a definition and runs where it stands."""
    yield from definition.decorator_list
    if isinstance(definition, Function):
        arguments = definition.args
        yield from arguments.defaults
        yield from (default for default in arguments.kw_defaults if default is not None)
    else:
        yield from (*definition.bases, *definition.keywords)
