"""A plugin: the modules of its package, and those that its roots import."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.syntax.modules import module_file, module_name
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A package that patches vLLM when modules of it are imported.

    Attributes:
        package: the name of its top package, e.g. ``vllm_ascend``.
        tree: its files.
        roots: what it imports in order to patch, in the order in which that happens: the dotted
            names of modules, e.g. ``vllm_ascend.patch.platform``, or of functions that it calls
            then, as entry points name them: ``package.module:function``.
        helpers: modules that no root is, and that were found to patch all the same.

    Raises:
        ValueError: a root is not a module of the package, or there is none.
    """

    package: str
    tree: Tree = field(repr=False)
    roots: tuple[str, ...]
    helpers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse roots that are not there."""
        if not self.roots:
            raise ValueError(f"{self.package}: no root: name the modules that patch vLLM")
        for root in self.modules:
            if root.partition(".")[0] != self.package or module_file(root, self.tree) is None:
                near = sorted(
                    module_name(path)
                    for path in self.tree
                    if path.endswith(".py") and root.rpartition(".")[2] in module_name(path)
                )
                known = f"; the names nearest to it: {', '.join(near[:3])}" if near else ""
                raise ValueError(f"{self.package} has no module {root!r}{known}")

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules of the roots."""
        return tuple(dict.fromkeys(module_of_root(root) for root in self.roots))

    def process(self, root: str) -> str:
        """Give the kind of process in which a root is imported: the last name of its module.

        A root inside of another root's package is of the same process. A single root says nothing
        of processes, and neither does a plugin whose roots have the same last name.
        """
        module = module_of_root(root)
        around = [other for other in self.modules if module.startswith(f"{other}.")]
        outer = min(around, key=len) if around else module
        outermost = {
            other
            for other in self.modules
            if not any(other.startswith(f"{item}.") for item in self.modules)
        }
        names = {other.rpartition(".")[2] for other in outermost}
        return outer.rpartition(".")[2] if len(names) > 1 else ""

    def is_read(self, dotted: str) -> bool:
        """Tell whether a module is a root or below one, so that its statements are read."""
        below = any(dotted == root or dotted.startswith(f"{root}.") for root in self.modules)
        return below or dotted in self.helpers

    def modules_below(self, root: str) -> list[str]:
        """Give the modules of a root's package, by name."""
        top = module_of_root(root)
        found = (module_name(path) for path in self.tree if path.endswith(".py"))
        return sorted(name for name in found if name == top or name.startswith(f"{top}."))

    def reads(self, name: str) -> bool:
        """Tell whether a module reads an attribute of this name, or imports it from somewhere."""
        word = name.encode()
        for path in self.tree:
            if path.endswith(".py") and word in self.tree.read(path):
                try:
                    module = Source(path, self.tree.read(path)).module
                except SourceError:
                    # What does not parse is not imported, and a row of its own where it is read.
                    continue
                if any(_reads(node, name) for node in ast.walk(module)):
                    return True
        return False

    def source(self, dotted: str) -> Source | None:
        """Read a module; None where the plugin has none of this name."""
        path = module_file(dotted, self.tree)
        return None if path is None else Source(path, self.tree.read(path))


def module_of_root(root: str) -> str:
    """Give the module of a root, which may name a function in it."""
    return root.partition(":")[0]


def _reads(node: ast.AST, name: str) -> bool:
    """Tell whether a node reads an attribute: by a dot, by `getattr` with a text, by an import."""
    if isinstance(node, ast.Attribute):
        return node.attr == name and isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.alias):
        return node.name == name
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"getattr", "hasattr"}
        and any(isinstance(item, ast.Constant) and item.value == name for item in node.args)
    )
