"""Modules that keep the old object when a plugin rebinds a name while vLLM runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import imported_module, module_name
from transforms.engine.syntax.source import Source, SourceError, files_with

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Tree
    from transforms.importers.monkeypatch.resolution import Library
    from transforms.importers.monkeypatch.values import Target


class Consumers:
    """Which modules import a name from where it is defined, when they are imported.

    Args:
        tree: vLLM's source.
        library: its names.
    """

    def __init__(self, tree: Tree, library: Library) -> None:
        self._tree = tree
        self._library = library

    def of(self, target: Target) -> tuple[str, ...]:
        """Give the modules that have an imported name for a function or class of a module.

        Args:
            target: what is defined; one name in its module.
        """
        if len(target.path) != 1:
            return ()
        (name,) = target.path
        found = []
        for path in files_with(self._tree, (name.encode(), b"import")):
            module = module_name(path)
            if module == target.module or not path.startswith(f"{self._library.package}/"):
                continue
            if self._imports(path, name, target):
                found.append(module)
        return tuple(sorted(found))

    def _imports(self, path: str, name: str, target: Target) -> bool:
        try:
            body = Source(path, self._tree.read(path)).module.body
        except SourceError:
            return False
        waiting: list[ast.AST] = list(body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.ImportFrom) and any(item.name == name for item in node.names):
                base = imported_module(node, path)
                if base == target.module or self._library.find(base, name).target == target:
                    return True
            elif isinstance(node, (ast.If, ast.Try)):
                waiting += ast.iter_child_nodes(node)
        return False
