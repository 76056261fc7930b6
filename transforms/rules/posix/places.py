"""The nodes of a module's code, each with what stands around it and what names mean there."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import addressable_children
from transforms.rules.names import Function, Scope, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A node of a module's code.

    Attributes:
        node: the node.
        scope: what names stand for there.
        around: the place of the node directly around it; None for the module.
    """

    node: ast.AST
    scope: Scope
    around: Place | None

    @property
    def outwards(self) -> Iterator[Place]:
        """This place, the one around it, and so on up to the module."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.around

    @property
    def statement(self) -> ast.stmt:
        """The innermost statement that the node is, or is a part of."""
        return next(each.node for each in self.outwards if isinstance(each.node, ast.stmt))

    @property
    def function(self) -> str:
        """The dotted name of the definitions around the node; empty at the module's level."""
        around = [each.node for each in self.outwards if isinstance(each.node, _DEFINITIONS)]
        return ".".join(node.name for node in reversed(around) if node is not self.node)

    def origins(self, node: ast.expr) -> frozenset[str]:
        """Say what an expression may stand for here, as dotted names; see `Scope.origins`."""
        if self._hides(node):
            return frozenset()
        return frozenset(each.replace(":", ".") for each in self.scope.origins(node))

    def _hides(self, node: ast.expr) -> bool:
        """Tell whether a lambda or a comprehension around the place has such a name of its own."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.func if isinstance(node, ast.Call) else node.value
        return isinstance(node, ast.Name) and any(
            node.id in _own_names(each.node) for each in self.outwards
        )

    def is_any(self, node: ast.expr, names: frozenset[str]) -> bool:
        """Tell whether an expression can stand for nothing but one of some dotted names."""
        found = self.origins(node)
        return bool(found) and found <= names


def _own_names(node: ast.AST) -> set[str]:
    """Give the names that an expression binds for what is inside of it."""
    if isinstance(node, ast.Lambda):
        return {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
    targets = [generator.target for generator in getattr(node, "generators", ())]
    return {
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    }


def places(source: Source) -> list[Place]:
    """Give every node of a file's code, each before what is inside of it.

    Left out are annotations of parameters, and the insides of f-strings, whose positions depend on
    the Python that reads them.
    """
    scope = Scope(source.module, package=package_of(source.path))
    module = Place(source.module, scope, None)
    return [place for top in source.module.body for place in _places(top, scope, module)]


def _places(root: ast.AST, scope: Scope, around: Place) -> Iterator[Place]:
    place = Place(root, scope, around)
    yield place
    if isinstance(root, _DEFINITIONS):
        for part in _of_header(root):
            yield from _places(part, scope, place)
        inner = scope.inner(root)
        for statement in root.body:
            yield from _places(statement, inner, place)
        return
    for child in addressable_children(root):
        yield from _places(child, scope, place)


def _of_header(
    definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> Iterator[ast.AST]:
    """Give what belongs to a definition and runs where it stands."""
    yield from definition.decorator_list
    if isinstance(definition, Function):
        arguments = definition.args
        yield from arguments.defaults
        yield from (default for default in arguments.kw_defaults if default is not None)
    else:
        yield from (*definition.bases, *definition.keywords)
