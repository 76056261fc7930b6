"""Find the functions that Triton compiles in a tree, by reading and never by running it."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class JitFunction:
    """One ``@triton.jit`` function, named so that an edit that shifts lines does not rename it."""

    path: str
    """The file, relative to the package, with forward slashes."""
    qualname: str
    """The dotted name inside the file; a later namesake carries ``#2``, ``#3`` and so on."""
    line: int
    """The line of its ``def``."""
    first_line: int
    """The line of its first decorator: what ``co_firstlineno`` says."""
    annotated: int
    """How many annotated assignments its body holds, constexpr ones included."""
    parameters: tuple[str, ...]
    """The names of its parameters, in their order."""

    @property
    def ident(self) -> str:
        """The name under which trees and Triton releases are compared."""
        return f"{self.path}::{self.qualname}"


@dataclass
class JitNames:
    """What a module calls ``triton`` and ``triton.jit``."""

    modules: set[str] = field(default_factory=set)
    decorators: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tree: ast.Module, handing_on: Collection[str]) -> JitNames:
        """Read the imports of a module, wherever in it they stand.

        Args:
            tree: the module.
            handing_on: the modules, by dotted name, that hand Triton on to kernels.
        """
        names = cls()
        for node in _statements(tree):
            if isinstance(node, ast.Import):
                names.modules |= {
                    alias.asname or alias.name for alias in node.names if alias.name == "triton"
                }
            elif isinstance(node, ast.ImportFrom) and _leads_to_triton(node, handing_on):
                for alias in node.names:
                    if alias.name == "triton":
                        names.modules.add(alias.asname or alias.name)
                    elif alias.name == "jit":
                        names.decorators.add(alias.asname or alias.name)
        return names

    def is_jit(self, decorator: ast.expr) -> bool:
        """Whether a decorator, called or not, is ``triton.jit``."""
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Name):
            return target.id in self.decorators
        return (
            isinstance(target, ast.Attribute)
            and target.attr == "jit"
            and isinstance(target.value, ast.Name)
            and target.value.id in self.modules
        )


def _leads_to_triton(node: ast.ImportFrom, handing_on: Collection[str]) -> bool:
    module = node.module or ""
    return node.level > 0 or module in handing_on or f"{module}.".startswith("triton.")


def jit_definitions(
    tree: ast.Module, handing_on: Collection[str]
) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield each jit function of a module with its dotted name, in source order."""
    is_jit = JitNames.of(tree, handing_on).is_jit
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        scope, node = pending.pop()
        inner = scope
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{scope}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef) and any(map(is_jit, node.decorator_list)):
            yield inner, node
        pending.extend((inner, child) for child in reversed(_inner_statements(node)))


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every statement, those of functions and classes included, in no order."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(_inner_statements(node))


def _inner_statements(node: ast.AST) -> list[ast.AST]:
    """List the statements right below a node, and the clauses that hold further ones."""
    blocks = (getattr(node, name, ()) for name in ("body", "handlers", "orelse", "finalbody"))
    return [
        inner
        for block in (*blocks, getattr(node, "cases", ()))
        if isinstance(block, list)
        for inner in block
    ]


def annotated_assignments(function: ast.FunctionDef) -> Iterator[ast.AnnAssign]:
    """Yield the annotated assignments of a function's body."""
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.AnnAssign):
                yield node


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def jit_functions(source: str, path: str, handing_on: Collection[str]) -> list[JitFunction]:
    """List the jit functions of one file.

    Args:
        source: the file's text.
        path: where it is below the package.
        handing_on: see `JitNames.of`.
    """
    if "jit" not in source or "triton" not in source:
        return []
    seen: Counter[str] = Counter()
    found = []
    for name, node in jit_definitions(ast.parse(source), handing_on):
        seen[name] += 1
        found.append(
            JitFunction(
                path=path,
                qualname=name if seen[name] == 1 else f"{name}#{seen[name]}",
                line=node.lineno,
                first_line=min(decorator.lineno for decorator in node.decorator_list),
                annotated=sum(1 for _ in annotated_assignments(node)),
                parameters=tuple(one.arg for one in _parameters(node.args)),
            )
        )
    return found


def take_census(package: Path, handing_on: Collection[str]) -> list[JitFunction]:
    """List every jit function below a package folder, in the order of its files."""
    return [
        function
        for file in sorted(package.rglob("*.py"))
        for function in jit_functions(
            file.read_text(encoding="utf-8"), file.relative_to(package).as_posix(), handing_on
        )
    ]
