"""Would an import at the top of a module of vLLM close a circle of imports?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.bindings import asks_for_typing, typing_block
from transforms.engine.syntax.modules import imported_module, module_file
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Tree

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Imports:
    """What the modules of a tree import when they are imported themselves.

    Args:
        tree: the files.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: dict[str, frozenset[str]] = {}

    def of(self, module: str) -> frozenset[str]:
        """Give the modules of the tree that one imports, the packages around them included."""
        if module not in self._known:
            found = set(self._read(module))
            found |= {around for item in found for around in _packages(item)}
            self._known[module] = frozenset(
                item for item in found if item != module and self._has(item)
            )
        return self._known[module]

    def way(self, start: str, end: str) -> tuple[str, ...]:
        """Give the shortest chain of imports from one module to another; empty for none."""
        if start == end:
            return (start,)
        ways: dict[str, tuple[str, ...]] = {start: (start,)}
        waiting = [start]
        while waiting:
            module = waiting.pop(0)
            for item in sorted(self.of(module)):
                if item in ways:
                    continue
                ways[item] = (*ways[module], item)
                if item == end:
                    return ways[item]
                waiting.append(item)
        return ()

    def closed_by(self, module: str, imported: str) -> tuple[str, ...]:
        """Give the circle that a further import would close; empty for none.

        Args:
            module: the module that would import.
            imported: what it would import.
        """
        if not self._has(imported) or self.way(module, imported):
            return ()
        way = self.way(imported, module)
        return (module, *way) if way else ()

    def _has(self, module: str) -> bool:
        return module_file(module, self._tree) is not None

    def _read(self, module: str) -> Iterator[str]:
        path = module_file(module, self._tree)
        if path is None:
            return
        try:
            waiting: list[ast.AST] = list(Source(path, self._tree.read(path)).module.body)
        except SourceError:
            return
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = imported_module(node, path)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.If) and asks_for_typing(node.test):
                never = typing_block(node)
                waiting += [*(node.orelse if never is node.body else node.body)]
            elif not isinstance(node, _FUNCTIONS):
                waiting += ast.iter_child_nodes(node)


def _packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    for length in range(1, len(parts)):
        yield ".".join(parts[:length])
