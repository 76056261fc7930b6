"""Where a name of a package leads to: the module, class or function that defines it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from transforms.engine.syntax.bindings import Binding, bindings
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.modules import imported_module, module_file
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.monkeypatch.values import Target

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Tree

# Imports that lead in circles end here: no import of vLLM goes through half as many modules.
_DEEPEST = 24
_OF_EVERY_MODULE = frozenset(
    {"__dict__", "__doc__", "__file__", "__name__", "__package__", "__path__", "__spec__"}
)


class Kind(str, Enum):
    """What a name stands for."""

    MODULE = "module"
    FUNCTION = "function"
    CLASS = "class"
    VARIABLE = "variable"
    EXTERNAL = "external"
    DYNAMIC = "dynamic"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a name of the package stands for.

    Attributes:
        kind: what it is; `DYNAMIC` where only a running program knows, `ABSENT` where the
            release has no such name.
        target: where it is defined; of another package's thing, its dotted name as the module.
        node: its definition, or what binds it.
        is_imported: the module that was asked has it from elsewhere.
    """

    kind: Kind
    target: Target
    node: ast.AST | None = field(default=None, hash=False, compare=False)
    is_imported: bool = False


@dataclass(slots=True)
class Names:
    """What one module binds.

    Attributes:
        path: its file.
        bound: each name's bindings, in the order of the file.
        for_typing: the bindings that only a type checker sees.
        stars: the modules whose public names are imported.
        text: its bytes.
    """

    path: str
    bound: dict[str, list[Binding]]
    for_typing: dict[str, list[Binding]]
    stars: list[str]
    text: bytes


class Library:
    """The modules of one package, read when they are asked for.

    Args:
        package: the name of the top package, e.g. ``vllm``.
        tree: its files.
    """

    def __init__(self, package: str, tree: Tree) -> None:
        self.package = package
        self._tree = tree
        self._names: dict[str, Names | None] = {}

    def has_module(self, dotted: str) -> bool:
        """Tell whether there is such a module, or a folder of modules without a file."""
        return self.names(dotted) is not None or self._is_folder(dotted)

    def _is_folder(self, dotted: str) -> bool:
        prefix = f"{dotted.replace('.', '/')}/"
        return any(path.startswith(prefix) and path.endswith(".py") for path in self._tree)

    def names(self, module: str) -> Names | None:
        """Give what a module binds; None where there is no such file, or it cannot be read."""
        if module not in self._names:
            self._names[module] = self._read(module)
        return self._names[module]

    def _read(self, module: str) -> Names | None:
        path = module_file(module, self._tree)
        if path is None:
            return None
        source = Source(path, self._tree.read(path))
        try:
            parsed = source.module
        except SourceError:
            return None
        found = Names(path, {}, {}, [], source.data)
        for item in bindings(parsed):
            if isinstance(item.statement, ast.ImportFrom) and item.name == "*":
                found.stars.append(imported_module(item.statement, path))
                continue
            known = found.for_typing if item.for_typing else found.bound
            known.setdefault(item.name, []).append(item)
        return found

    def module(self, dotted: str) -> Thing:
        """Give a module as a thing."""
        kind = Kind.MODULE if self.has_module(dotted) else Kind.ABSENT
        return Thing(kind=kind, target=Target(module=dotted))

    def find(  # noqa: PLR0911 - one for each way that a name leads
        self, module: str, name: str, depth: int = 0
    ) -> Thing:
        """Find what a module's name stands for, through all re-exports.

        Args:
            module: the dotted name of the module that is asked.
            name: the name.
            depth: through how many modules it came.
        """
        here = Target(module=module, path=(name,))
        names = self.names(module)
        if depth > _DEEPEST or name in _OF_EVERY_MODULE:
            return Thing(kind=Kind.DYNAMIC, target=here)
        submodule = f"{module}.{name}"
        if names is None:
            # A folder without `__init__`, or an extension that is not Python.
            if module_file(module, self._tree) is None and self._is_folder(module):
                return self.module(submodule)
            return Thing(kind=Kind.DYNAMIC, target=here)
        lazy = "__getattr__" in names.bound
        found = names.bound.get(name) or (names.for_typing.get(name, []) if lazy else [])
        if found:
            thing = self._thing(_decisive(found), names, here, depth)
            return self._somewhere(thing, submodule) if thing.kind is Kind.ABSENT else thing
        if self.has_module(submodule):
            return self.module(submodule)
        for star in names.stars:
            if star.partition(".")[0] != self.package:
                return Thing(kind=Kind.DYNAMIC, target=here)
            thing = self.find(star, name, depth + 1)
            if thing.kind is not Kind.ABSENT and not name.startswith("_"):
                return replace(thing, is_imported=True)
        return Thing(kind=Kind.DYNAMIC if lazy else Kind.ABSENT, target=here)

    def _somewhere(self, absent: Thing, submodule: str) -> Thing:
        """Say what is imported from where nothing is: a module, or what only a build has."""
        there = self.has_module(submodule)
        return self.module(submodule) if there else replace(absent, kind=Kind.DYNAMIC)

    def _thing(self, item: Binding, names: Names, here: Target, depth: int) -> Thing:
        node, statement = item.node, item.statement
        if isinstance(node, ast.alias) and isinstance(statement, ast.ImportFrom):
            base = imported_module(statement, names.path)
            inside = f"{base}.{node.name}"
            if base == here.module and self.has_module(inside):
                return replace(self.module(inside), is_imported=True)
            return replace(self._from(base, node.name, depth), is_imported=True)
        if isinstance(node, ast.alias):
            dotted = node.name if node.asname else node.name.partition(".")[0]
            return replace(self.imported(dotted), is_imported=True)
        kind = Kind.VARIABLE
        if isinstance(node, ast.ClassDef):
            kind = Kind.CLASS
        elif isinstance(node, Function):
            kind = Kind.FUNCTION
        return Thing(kind=kind, target=here, node=node)

    def _from(self, base: str, name: str, depth: int) -> Thing:
        if base.partition(".")[0] != self.package:
            return Thing(kind=Kind.EXTERNAL, target=Target(module=f"{base}.{name}"))
        if not self.has_module(base):
            # A file that is made when vLLM is built, or one that this release does not have.
            return Thing(kind=Kind.DYNAMIC, target=Target(module=base, path=(name,)))
        return self.find(base, name, depth + 1)

    def imported(self, dotted: str) -> Thing:
        """Give what `import a.b` makes of a dotted name."""
        if dotted.partition(".")[0] != self.package:
            return Thing(kind=Kind.EXTERNAL, target=Target(module=dotted))
        return self.module(dotted)

    def attribute(self, expression: ast.expr, module: str) -> Thing:
        """Find what an expression of names and dots stands for in a module of the package."""
        if isinstance(expression, ast.Subscript):
            return self.attribute(expression.value, module)
        if isinstance(expression, ast.Name):
            return self.find(module, expression.id)
        if isinstance(expression, ast.Attribute):
            holder = self.attribute(expression.value, module)
            if holder.kind is Kind.MODULE:
                return self.find(holder.target.module, expression.attr)
            if holder.kind is Kind.EXTERNAL:
                dotted = f"{holder.target.module}.{expression.attr}"
                return Thing(kind=Kind.EXTERNAL, target=Target(module=dotted))
        return Thing(kind=Kind.DYNAMIC, target=Target(module=module, path=("?",)))

    def mentions(self, module: str, name: str) -> bool:
        """Tell whether a module's text has a word anywhere."""
        names = self.names(module)
        return names is None or name.encode() in names.text


def _decisive(found: list[Binding]) -> Binding:
    """Choose the binding that says most: a definition, else an import, else the last one.

    `try: import x` with `except ImportError: x = None` is an import, and a function that one
    branch of an `if` defines is a function.
    """
    defined = [item for item in found if isinstance(item.node, (ast.ClassDef, *_FUNCTIONS))]
    imported = [item for item in found if isinstance(item.node, ast.alias)]
    return (defined or imported or found)[-1]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
