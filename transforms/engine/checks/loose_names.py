"""The loose ends of one module: names that nothing binds, and imports that nothing uses.

Pyflakes knows Python's scopes. It reads the tree that is already parsed, and is kept from asking
the environment or the running Python for more names.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from pyflakes.checker import Checker, FunctionScope, ModuleScope

from transforms.engine.checks.builtin_names import builtin_names
from transforms.engine.syntax.bindings import asks_for_typing, bindings, typing_block

UNBOUND = "unbound"
UNUSED = "unused"
TYPING_ONLY = "typing only"
_KINDS = {
    "UndefinedName": UNBOUND,
    "UndefinedLocal": UNBOUND,
    "UndefinedExport": UNBOUND,
    "UnusedImport": UNUSED,
}


@dataclass(frozen=True, slots=True)
class LooseName:
    """One loose end.

    Attributes:
        kind: `UNBOUND`, `UNUSED` or `TYPING_ONLY`.
        name: the name; of an unused import, as Pyflakes writes what is imported.
        node: where it is used, or the import.
        known: the names that are bound there.
    """

    kind: str
    name: str
    node: ast.AST
    known: frozenset[str]


def loose_names(tree: ast.Module, path: str, oldest: tuple[int, int]) -> list[LooseName]:
    """Find the loose ends of a module.

    Args:
        tree: the module's syntax.
        path: its file; in an `__init__.py`, `__all__` may name modules.
        oldest: the Python whose built-in names there are.

    Raises:
        RecursionError: the module is nested too deeply.
    """
    reader = _Reader(tree, path, oldest)
    rebound = _declared_global(tree) if any(_is_typing_only(item) for item in reader.found) else ()
    inside = _type_checking_nodes(tree) if rebound != () else frozenset()
    return [
        item
        for item in reader.found
        if not (_is_typing_only(item) and (item.name in rebound or id(item.node) in inside))
    ]


def _is_typing_only(item: LooseName) -> bool:
    return item.kind == TYPING_ONLY


class _Reader(Checker):
    """Pyflakes, which keeps the nodes of what it reports."""

    def __init__(self, tree: ast.Module, path: str, oldest: tuple[int, int]) -> None:
        self.found: list[LooseName] = []
        self._builtins = builtin_names(oldest)
        self._typing_only = _typing_only(tree) - self._builtins
        self._in_local_annotation = False
        super().__init__(tree, filename=path, withDoctest=False)

    @property
    def builtIns(self) -> set[str]:  # noqa: N802 - Pyflakes' name
        return set(self._builtins)

    @builtIns.setter
    def builtIns(self, names: set[str]) -> None:  # noqa: N802
        """Leave out what Pyflakes takes from the running Python and from the environment."""

    def report(  # type: ignore[override]
        self,
        messageClass: type,  # noqa: N803 - Pyflakes' name
        *args: object,
    ) -> None:
        kind = _KINDS.get(messageClass.__name__)
        node, name = (*args, None, None)[:2]
        if kind is None or not isinstance(node, ast.AST) or not isinstance(name, str):
            return
        if messageClass.__name__ == "UndefinedExport" and self._has_getattr():
            return
        known = frozenset(bound for scope in self.scopeStack for bound in scope)
        self.found.append(LooseName(kind, name, node, known))

    def _has_getattr(self) -> bool:
        """Tell whether the module makes up names when they are asked for (PEP 562)."""
        return any(
            isinstance(scope, ModuleScope) and "__getattr__" in scope for scope in self.deadScopes
        )

    def handleNodeLoad(self, node: ast.AST, parent: ast.AST | None) -> None:  # noqa: N802
        super().handleNodeLoad(node, parent)
        name = getattr(node, "id", "")
        if name not in self._typing_only or self._in_local_annotation:
            return
        binding = self.scopeStack[0].get(name)
        taken = binding is not None and binding.used and binding.used[1] is node
        if taken and not self._in_postponed_annotation:  # type: ignore[attr-defined]
            self.found.append(LooseName(TYPING_ONLY, name, node, frozenset()))

    def handleAnnotation(self, annotation: ast.AST, node: ast.AST) -> None:  # noqa: N802
        # The annotation of a local variable is never evaluated.
        before = self._in_local_annotation
        local = isinstance(node, ast.AnnAssign) and isinstance(self.scope, FunctionScope)
        self._in_local_annotation = before or local
        super().handleAnnotation(annotation, node)
        self._in_local_annotation = before


def _typing_only(tree: ast.Module) -> frozenset[str]:
    """Give the names that a module binds under `if TYPE_CHECKING` and nowhere else."""
    bound = list(bindings(tree))
    run = {binding.name for binding in bound if not binding.for_typing}
    return frozenset(binding.name for binding in bound if binding.for_typing) - run


def _declared_global(tree: ast.Module) -> frozenset[str]:
    """Give the names that a function of the module may bind."""
    return frozenset(
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    )


def _type_checking_nodes(tree: ast.Module) -> frozenset[int]:
    """Give the identities of all nodes that are never run, since they are for type checkers."""
    return frozenset(
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and asks_for_typing(node.test)
        for statement in typing_block(node)
        for inner in ast.walk(statement)
    )
