"""The package of a plugin in a folder, an sdist or a wheel, under the paths that Python knows."""

from __future__ import annotations

import ast
import contextlib
import difflib
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from transforms.engine.syntax.modules import module_file, module_name
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.monkeypatch.plugin import Plugin, module_of_root
from transforms.importers.monkeypatch.resolution import Kind, Library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from transforms.engine.syntax.source import Tree

_INIT = "__init__.py"
# Where projects keep their packages: at the top, or in `src`.
_ABOVE = ("", "src/")
# Beside its package a project may have these, which nobody patches vLLM with.
_BESIDE = frozenset({"tests", "test", "docs", "doc", "benchmarks", "examples", "tools", "setup"})
_PATCH = "patch"


class PackageTree:
    """The modules of one package, wherever its folder is.

    Args:
        tree: what holds the package.
        package: its name.
        above: the folder of the tree that the package is in, with a slash; empty for the top, and
            None where the tree is the package's own folder.
    """

    def __init__(self, tree: Tree, package: str, above: str | None) -> None:
        self._tree = tree
        self._paths: dict[str, str] = {}
        for path in sorted(tree):
            inside = f"{package}/{path}" if above is None else path.removeprefix(above)
            if inside.startswith(f"{package}/") and path.startswith(above or ""):
                self._paths[inside] = path

    def __contains__(self, path: object) -> bool:
        """Tell whether the package has a file."""
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        """Give the paths of all files; each begins with the package's name."""
        return iter(self._paths)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self._tree.read(self._paths[path])


def plugin_in(tree: Tree, source: Path, roots: Sequence[str]) -> Plugin:
    """Find a plugin's package in what it comes in. Nothing of it is imported.

    Args:
        tree: what holds the package, or is its folder.
        source: where that comes from.
        roots: the modules that it imports in order to patch, or functions of them that it calls
            (``package.module:function``); where there are none, the packages in its `patch`, each
            for a process of its own, or `patch` itself.

    Raises:
        UsageError: there is no package, several packages, or no such root.
    """
    packages: dict[str, str | None] = {
        path.removeprefix(above).partition("/")[0]: above
        for above in _ABOVE
        for path in tree
        if path.startswith(above) and path.removeprefix(above).count("/") == 1
        if path.endswith(f"/{_INIT}")
    }
    if _INIT in tree:
        packages = {source.resolve().name: None}
    name = _chosen(packages, roots, source)
    package = PackageTree(tree, name, packages[name])
    named = tuple(dict.fromkeys(roots)) or _usual_roots(name, package)
    for root in named:
        _require_root(root, name, package)
    return Plugin(package=name, tree=package, roots=named)


def _chosen(packages: dict[str, str | None], roots: Sequence[str], source: Path) -> str:
    known = [name for name in packages if name.isidentifier()]
    if not known:
        raise UsageError(
            f"{source} is no package and holds none: there is no {_INIT}",
            next_step="give the folder of the plugin's package, its sdist or its wheel",
        )
    of_roots = {module_of_root(root).partition(".")[0] for root in roots}
    wanted = [name for name in known if name in of_roots]
    found = wanted or ([name for name in known if name not in _BESIDE] or known)
    if len(found) > 1:
        raise UsageError(
            f"{source} holds several packages: {', '.join(sorted(found))}",
            next_step="name the modules of one of them by `root`",
        )
    return found[0]


def _usual_roots(package: str, tree: Tree) -> tuple[str, ...]:
    patch = f"{package}.{_PATCH}"
    path = module_file(patch, tree)
    if path is None:
        raise UsageError(
            f"{package} has no {patch}", next_step="name the modules that patch vLLM by `root`"
        )
    inside = [
        module_name(each)
        for each in sorted(tree)
        if each.startswith(f"{package}/{_PATCH}/") and each.endswith(f"/{_INIT}")
        if each.count("/") == path.count("/") + 1
    ]
    return tuple(inside) if inside and _says_nothing(path, tree) else (patch,)


def _says_nothing(path: str, tree: Tree) -> bool:
    """Tell whether a module has no statement: then its packages are imported by others."""
    with contextlib.suppress(SourceError):
        body = Source(path, tree.read(path)).module.body
        return all(isinstance(item, ast.Expr) for item in body)
    return False


def _require_root(root: str, package: str, tree: Tree) -> None:
    module, colon, function = root.partition(":")
    if module.partition(".")[0] == package and module_file(module, tree) is not None:
        if colon:
            _require_function(module, function, Library(package, tree))
        return
    modules = sorted(module_name(path) for path in tree if path.endswith(".py"))
    close = difflib.get_close_matches(module, modules, n=1)
    # All modules of a package are more than anybody reads.
    near = close or [name for name in modules if name.count(".") <= 1]
    raise UsageError(f"{package} has no module {module!r}{did_you_mean(module, near)}")


def _require_function(module: str, function: str, library: Library) -> None:
    names = library.names(module)
    if names is None:
        # A module that does not parse is a row of the table.
        return
    known = [name for name in names.bound if library.find(module, name).kind is Kind.FUNCTION]
    if function not in known:
        near = did_you_mean(function, known) if known else ""
        raise UsageError(f"{module} has no function {function!r}{near}")
