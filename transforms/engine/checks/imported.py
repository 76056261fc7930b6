"""What one module imports, defines and calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.modules import imported_module, module_name


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """The names by which a module knows functions and classes, and its calls.

    Attributes:
        path: its file.
        dotted: its name.
        imported: for each local name what it is imported from, e.g. `vllm.a.f`.
        stars: the modules whose names are all imported.
        defined: the functions and classes of the module itself.
        bound: names that are also bound otherwise somewhere in the module.
        stored: attributes that something is assigned to.
        calls: each call, with the dotted name of the class that it stands in.
        bases: for each class its bases.
        methods: for each class the names of its own methods.
    """

    path: str
    dotted: str
    imported: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    calls: list[tuple[ast.Call, str]] = field(default_factory=list)
    bases: dict[str, list[ast.expr]] = field(default_factory=dict)
    methods: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, tree: ast.Module) -> ImportedNames:
        """Read a module.

        Args:
            path: its file.
            tree: its syntax.
        """
        module = cls(path, module_name(path))
        waiting: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
        while waiting:
            node, owner, in_function = waiting.pop()
            if isinstance(node, Definition) and not owner and not in_function:
                module.defined.add(node.name)
            if isinstance(node, ast.ClassDef):
                owner = f"{owner}.{node.name}" if owner else node.name
                module.bases[owner] = node.bases
                module.methods[owner] = frozenset(
                    item.name for item in node.body if isinstance(item, Function)
                )
            elif isinstance(node, Function):
                if in_function:
                    module.bound.add(node.name)
                in_function = True
            else:
                module._note(node, owner)
            waiting += [(child, owner, in_function) for child in ast.iter_child_nodes(node)]
        return module

    def _note(self, node: ast.AST, owner: str) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                self._import(name, alias.name if alias.asname else name)
        elif isinstance(node, ast.ImportFrom):
            base = imported_module(node, self.path)
            if node.names[0].name == "*":
                self.stars.append(base)
                return
            for alias in node.names:
                self._import(alias.asname or alias.name, f"{base}.{alias.name}")
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.bound.add(node.id)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            self.stored.add(node.attr)
        elif isinstance(node, ast.arg):
            self.bound.add(node.arg)
        elif isinstance(node, ast.Call):
            self.calls.append((node, owner))

    def _import(self, name: str, full: str) -> None:
        if self.imported.setdefault(name, full) != full:
            self.bound.add(name)

    def full_name(self, function: ast.expr) -> str:
        """Give the full name of what is called; empty where the module does not say it."""
        parts: list[str] = []
        if isinstance(function, ast.Subscript):
            function = function.value
        while isinstance(function, ast.Attribute):
            parts.insert(0, function.attr)
            function = function.value
        if not isinstance(function, ast.Name) or function.id in self.bound:
            return ""
        first = self.imported.get(function.id) or f"{self.dotted}.{function.id}"
        return ".".join([first, *parts])

    def has_class(self, full: str) -> bool:
        """Tell whether a full name is that of a class of this module."""
        prefix = f"{self.dotted}."
        return full.startswith(prefix) and full.removeprefix(prefix) in self.bases
