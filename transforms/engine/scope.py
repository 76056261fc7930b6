"""Dotted paths: from `vllm.a.b.Class.method` to the file and to the syntax node."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem, Status
from transforms.engine.source import blocks, files_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.source import Source, Tree

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_MOVED_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """A dotted path, split where the module ends.

    Attributes:
        path: the module's file in the tree.
        names: the class, function and method names inside of it; empty for the whole module.
    """

    path: str
    names: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The part inside the module, as messages show it."""
        return ".".join(self.names)


def resolve(inside: str, tree: Tree) -> Scope | Problem:
    """Find the module that a dotted path begins with: the longest one that the tree has.

    Args:
        inside: the path as a patch writes it.
        tree: the pristine tree.

    Returns:
        The scope, or a `missing` problem that says where the first name of the path may have gone.
    """
    parts = inside.split(".")
    for length in range(len(parts), 0, -1):
        stem = "/".join(parts[:length])
        # Where both are there, Python imports the package.
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            if path in tree:
                return Scope(path, tuple(parts[length:]))
    return Problem(
        status=Status.MISSING,
        reason=f"this release has no module {inside!r} or any package around it",
        scope=inside,
    )


def _landmark(names: tuple[str, ...]) -> str:
    """Choose the name by which to look for where code went: the class, or else the last one."""
    return next((name for name in names if not name.islower()), names[-1])


def _where_defined(name: str, tree: Tree) -> Iterator[str]:
    """Say which files define a class or function of this name."""
    head = rb"^[ \t]*(?:class|def|async def)[ \t]+%b\b" % name.encode()
    definition = re.compile(head, re.MULTILINE)
    found = [
        (path, match.start())
        for path in files_with(tree, [name.encode()])
        for match in [definition.search(tree.read(path))]
        if match
    ]
    for path, offset in found[:_MOVED_SHOWN]:
        line = tree.read(path).count(b"\n", 0, offset) + 1
        yield f"{name} is defined in {path}:{line}"
    if len(found) > _MOVED_SHOWN:
        yield f"and in {len(found) - _MOVED_SHOWN} more files"
    if not found:
        yield f"no file of this release defines {name}"


def definitions(body: ast.AST) -> Iterator[Definition]:
    """Give the classes and functions that a scope defines, those in `if` and `try` included."""
    for block in blocks(body):
        for statement in block:
            if isinstance(statement, Definition):
                yield statement
            else:
                yield from definitions(statement)


def _module_name(path: str) -> str:
    """Say where a name was looked for; in a package, it may have been a module."""
    package = path.removesuffix("/__init__.py")
    if package == path:
        return "the module"
    return f"the package {package.replace('/', '.')}, neither a module nor a definition"


def locate(scope: Scope, source: Source, tree: Tree) -> ast.AST | Problem:
    """Find the node of a scope in its parsed module.

    Returns:
        The module, class or function; or a problem where a name is absent or defined twice.
    """
    node: ast.AST = source.module
    for depth, name in enumerate(scope.names):
        inside = ".".join(scope.names[:depth])
        found = [item for item in definitions(node) if item.name == name]
        if not found:
            return Problem(
                status=Status.MISSING,
                reason=f"no {name!r} in {inside or _module_name(scope.path)}",
                path=scope.path,
                scope=scope.dotted,
                notes=tuple(_where_defined(_landmark(scope.names[depth:]), tree)),
            )
        if len(found) > 1:
            lines = ", ".join(str(line) for line in sorted(item.lineno for item in found))
            where = inside or "the module"
            return Problem(
                status=Status.DRIFTED,
                reason=f"{name!r} is defined {len(found)} times in {where}: lines {lines}",
                path=scope.path,
                scope=scope.dotted,
            )
        node = found[0]
    return node
