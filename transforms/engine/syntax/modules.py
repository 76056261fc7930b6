"""Modules: from a file of the tree to the name that Python imports it by, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from transforms.engine.syntax.source import Tree


def module_name(path: str) -> str:
    """Give the dotted name of a file of the tree, e.g. ``vllm.a`` for ``vllm/a/__init__.py``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def module_file(dotted: str, tree: Tree) -> str | None:
    """Give the file of a module or package; None where the tree has none."""
    stem = dotted.replace(".", "/")
    # Where both are there, Python imports the package.
    return next((path for path in (f"{stem}/__init__.py", f"{stem}.py") if path in tree), None)


def imported_module(statement: ast.ImportFrom, path: str) -> str:
    """Give the dotted name of the module that `from m import n` names, `m` relative or not.

    Args:
        statement: the import.
        path: the file that it stands in.
    """
    if not statement.level:
        return statement.module or ""
    parts = module_name(path).split(".")
    # In a package's own file, one dot is the package itself.
    up = statement.level - 1 if path.endswith("/__init__.py") else statement.level
    around = ".".join(parts[: len(parts) - up])
    return f"{around}.{statement.module}" if statement.module else around
