"""Dotted paths: from `vllm.a.b.Class.method` to the file and to the syntax node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.explaining.whereabouts import whereabouts
from transforms.engine.outcome import Problem, Status
from transforms.engine.syntax.alternatives import ACCESSORS, alternatives, narrowed, next_step
from transforms.engine.syntax.modules import module_file, module_name

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from transforms.engine.syntax.alternatives import Alternative
    from transforms.engine.syntax.source import Source, Tree


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
        path = module_file(".".join(parts[:length]), tree)
        if path is not None:
            return Scope(path, tuple(parts[length:]))
    return Problem(
        status=Status.MISSING,
        reason=f"this release has no module {inside!r} or any package around it",
        scope=inside,
    )


def _looked_into(path: str) -> str:
    """Say where a name was looked for; in a package, it may have been a module."""
    if not path.endswith("/__init__.py"):
        return "the module"
    return f"the package {module_name(path)}, neither a module nor a definition"


def locate(scope: Scope, source: Source, tree: Tree) -> ast.AST | Problem:
    """Find the node of a scope in its parsed module.

    Args:
        scope: the file and the names. Behind the name of a property, `getter`, `setter` or
            `deleter` means that part of it.
        source: the file.
        tree: the pristine tree, where a missing name is looked for.

    Returns:
        The module, class or function; or a problem where a name is absent or defined several times.
    """
    nodes: list[ast.AST] = [source.module]
    names: list[str] = []
    depth = 0
    while depth < len(scope.names):
        name, inside = scope.names[depth], ".".join(scope.names[:depth])
        found = alternatives(nodes[-1], name, source)
        if not found:
            went = whereabouts(scope.path, [*names, *scope.names[depth:]], nodes, tree)
            return Problem(
                status=Status.MISSING,
                reason=f"no {name!r} in {inside or _looked_into(scope.path)}",
                path=scope.path,
                scope=scope.dotted,
                notes=went.notes,
                next_step=went.next_step,
                moved_to=went.moved_to,
            )
        accessor = _accessor_of(found, scope.names[depth + 1 : depth + 2])
        meant = narrowed(found, accessor)
        if not meant:
            there = ", ".join(dict.fromkeys(item.accessor for item in found if item.accessor))
            return Problem(
                status=Status.MISSING,
                reason=f"{name!r} has no {accessor} in {inside or 'the module'}, only a {there}",
                path=scope.path,
                scope=scope.dotted,
            )
        if len(meant) > 1:
            where = inside or "the module"
            return Problem(
                status=Status.DRIFTED,
                reason=f"{name!r} is defined {len(meant)} times in {where}",
                path=scope.path,
                scope=scope.dotted,
                notes=tuple(item.described(source) for item in meant),
                next_step=next_step(meant, where, name),
            )
        nodes.append(meant[0].node)
        names.append(name)
        depth += 2 if accessor else 1
    return nodes[-1]


def _accessor_of(found: Sequence[Alternative], following: Sequence[str]) -> str:
    """Give the accessor that the name behind a property's means; empty where it means none."""
    is_property = any(item.accessor for item in found)
    return following[0] if is_property and following and following[0] in ACCESSORS else ""
