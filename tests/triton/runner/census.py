"""Find the functions that Triton compiles in a tree, by reading and never by running it."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRITON_MODULES = ("triton", "vllm.triton_utils")


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
    def of(cls, tree: ast.Module) -> JitNames:
        """Read the imports of a module, wherever in it they stand."""
        names = cls()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.modules |= {
                    alias.asname or alias.name for alias in node.names if alias.name == "triton"
                }
            elif isinstance(node, ast.ImportFrom) and _may_lead_to_triton(node):
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


def _may_lead_to_triton(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    return node.level > 0 or module in TRITON_MODULES or module.startswith("triton.")


def jit_definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield each jit function of a module with its dotted name, in source order."""
    is_jit = JitNames.of(tree).is_jit
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        scope, node = pending.pop()
        inner = scope
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{scope}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef) and any(map(is_jit, node.decorator_list)):
            yield inner, node
        pending.extend((inner, child) for child in reversed(_inner_statements(node)))


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


def jit_functions(source: str, path: str) -> list[JitFunction]:
    """List the jit functions of one file."""
    if "jit" not in source or "triton" not in source:
        return []
    seen: Counter[str] = Counter()
    found = []
    for name, node in jit_definitions(ast.parse(source)):
        seen[name] += 1
        found.append(
            JitFunction(
                path=path,
                qualname=name if seen[name] == 1 else f"{name}#{seen[name]}",
                line=node.lineno,
                first_line=min(decorator.lineno for decorator in node.decorator_list),
                annotated=sum(1 for _ in annotated_assignments(node)),
            )
        )
    return found


def take_census(package: Path) -> list[JitFunction]:
    """List every jit function below a package folder, in the order of its files."""
    return [
        function
        for file in sorted(package.rglob("*.py"))
        for function in jit_functions(
            file.read_text(encoding="utf-8"), file.relative_to(package).as_posix()
        )
    ]
