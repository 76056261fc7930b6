"""Where a missing scope went: re-exported, inherited, moved, or gone; and what to write instead."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from transforms.engine.explaining.symbols import (
    Symbol,
    defined,
    likeness,
    matching,
    module_of,
    qualified,
    same_body,
)
from transforms.engine.syntax.alternatives import Definition, definitions
from transforms.engine.syntax.modules import imported_module, module_file, module_name
from transforms.engine.syntax.source import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.patterns.pattern import Pattern
    from transforms.engine.syntax.source import Tree

_SHOWN = 3
_MOST_PLACES = 8
_MOST_STEPS = 8
_SIMILAR = 0.65


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What was found out about a missing scope.

    Attributes:
        notes: lines for the author, the surest first.
        next_step: what to write instead; empty where nothing is sure enough.
        moved_to: the dotted paths where it may be now, the surest first.
    """

    notes: tuple[str, ...]
    next_step: str = ""
    moved_to: tuple[str, ...] = ()


def whereabouts(
    path: str, names: Sequence[str], found: Sequence[ast.AST], tree: Tree
) -> Whereabouts:
    """Say where a scope went that a module does not have.

    Args:
        path: the module's file.
        names: the class and function names that were looked for inside of it; where the module
            itself is gone, the last names of its path stand in front.
        found: the module's syntax, and the node of each of the first names that are there.
        tree: the pristine tree.
    """
    module, depth = found[0], len(found) - 1
    if not depth and (imported := _imported(path, names, module, tree)):
        text, symbol = imported
        return Whereabouts((text,), f"change `inside` to {symbol.dotted!r}", (symbol.dotted,))
    if depth and (inherited := _inherited(path, names[depth:], found[-1], module, tree)):
        text, symbol = inherited
        step = f"change `inside` to {symbol.dotted!r}, which all its subclasses share"
        return Whereabouts((text,), step, (symbol.dotted,))
    moved = _moved(path, names, depth, tree)
    if moved:
        notes = _listed("this release has that name as", moved)
        step = f"if that is the same code, change `inside` to {moved[0].dotted!r}"
        return Whereabouts(notes, step, tuple(symbol.dotted for symbol in moved))
    near = ".".join((module_name(path), *names))
    return Whereabouts((*_traces(names, depth, near, tree), *_similar(path, names, found)))


def where_pattern_matches(pattern: Pattern, inside: str, tree: Tree) -> tuple[str, ...]:
    """Say where in the whole tree a pattern matches, for a scope that is missing.

    Args:
        pattern: what the edit looks for.
        inside: the missing scope.
        tree: the pristine tree.
    """
    found = matching(pattern, tree, inside)
    # A pattern that matches all over the tree leads nowhere.
    return _listed("its pattern matches in", found) if len(found) <= _MOST_PLACES else ()


def where_body_went(inside: str, before: Tree, after: Tree) -> tuple[str, ...]:
    """Say where the code of a definition went between two releases, under whatever name.

    Args:
        inside: a dotted path that `before` has.
        before: the tree of the last release that has it.
        after: the tree of a release that does not.

    Returns:
        Lines for the author; none where no definition of `after` has the same code, or where
        `before` does not have the path.
    """
    same = same_code(inside, before, after)
    name = inside.rpartition(".")[2]
    kind = "moved" if all(each.names[-1] == name for each in same) else "renamed"
    return _listed(f"{kind}, with the same body:", same)


def same_code(inside: str, before: Tree, after: Tree) -> list[Symbol]:
    """Find the definitions that have the code of one of an older release, under whatever name.

    Args:
        inside: a dotted path of the older release.
        before: the tree of that release.
        after: the tree that is searched.

    Returns:
        Nothing where `before` does not have the path.
    """
    parts = inside.split(".")
    for length in range(len(parts) - 1, 0, -1):
        path, names = module_file(".".join(parts[:length]), before), tuple(parts[length:])
        if path is not None:
            found = _find(path, names, before)
            return same_body(found, after, inside) if found else []
    return []


def _find(path: str, names: tuple[str, ...], tree: Tree) -> Definition | None:
    nodes = [node for there, node in qualified(module_of(path, tree)) if there == names]
    return nodes[0] if len(nodes) == 1 else None


def _listed(label: str, symbols: Sequence[Symbol]) -> tuple[str, ...]:
    shown = [f"{label} {symbol}" for symbol in symbols[:_SHOWN]]
    more = len(symbols) - _SHOWN
    return (*shown, f"and in {more} more places") if more > 0 else tuple(shown)


def _imported(
    path: str, names: Sequence[str], module: ast.AST, tree: Tree
) -> tuple[str, Symbol] | None:
    """Follow the import that binds a name in a module to the definition."""
    first, name = module_name(path), names[0]
    for _ in range(_MOST_STEPS):
        bound = _bound_to(path, name, module)
        target = bound and module_file(bound[0], tree)
        if not bound or not target:
            return None
        name = bound[1]
        if target != path:
            path, module = target, module_of(target, tree)
        there = _find(path, (name, *names[1:]), tree)
        if there:
            symbol = Symbol(path, (name, *names[1:]), there.lineno)
            return f"{first} re-exports {names[0]!r} from {module_name(path)}: {symbol}", symbol
    return None


def _bound_to(path: str, name: str, module: ast.AST) -> tuple[str, str] | None:
    """Give the module, and the name in it, that an import or `A = B` binds to a name."""
    for statement in _statements(module):
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) == name:
                    return imported_module(statement, path), alias.name
        elif (
            isinstance(statement, ast.Assign)
            and isinstance(statement.value, ast.Name)
            and any(isinstance(item, ast.Name) and item.id == name for item in statement.targets)
        ):
            return module_name(path), statement.value.id
    return None


def _statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a scope, those in `if` and `try` included."""
    for block in blocks(scope):
        for statement in block:
            yield statement
            if not isinstance(statement, Definition):
                yield from _statements(statement)


def _inherited(
    path: str, names: Sequence[str], node: ast.AST, module: ast.AST, tree: Tree
) -> tuple[str, Symbol] | None:
    """Look for a method in the bases of its class, and in theirs."""
    waiting = [(path, node, module)]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return None
        path, node, module = waiting.pop(0)
        for base in getattr(node, "bases", ()):
            there = _base_class(path, base, module, tree)
            if there is None:
                continue
            symbol, owner, around = there
            for item, method in qualified(owner):
                if item == tuple(names):
                    found = Symbol(symbol.path, (*symbol.names, *names), method.lineno)
                    return f"{symbol.dotted}, a base of its class, has it: {found}", found
            waiting.append((symbol.path, owner, around))
    return None


def _base_class(
    path: str, base: ast.expr, module: ast.AST, tree: Tree
) -> tuple[Symbol, ast.ClassDef, ast.AST] | None:
    name = base.value if isinstance(base, ast.Subscript) else base
    if not isinstance(name, ast.Name):
        return None
    for node in definitions(module):
        if node.name == name.id and isinstance(node, ast.ClassDef):
            return Symbol(path, (node.name,), node.lineno), node, module
    moved = _imported(path, [name.id], module, tree)
    if moved is None:
        return None
    symbol = moved[1]
    there = module_of(symbol.path, tree)
    node_there = next((item for item in definitions(there) if item.name == symbol.names[-1]), None)
    return (symbol, node_there, there) if isinstance(node_there, ast.ClassDef) else None


def _moved(path: str, names: Sequence[str], depth: int, tree: Tree) -> list[Symbol]:
    """Find the same names, nested in the same way, in other modules."""
    near = ".".join((module_name(path), *names))
    # Where the module is gone, the first names are those of modules.
    for first in range(1 if depth else len(names)):
        wanted = names[first:]
        if first and len(wanted) == 1 and _is_class_name(names[first - 1]):
            break
        module = ".".join((module_name(path), *names[:first]))
        found = defined(wanted, tree, near)
        whole = [symbol for symbol in found if symbol.names == tuple(wanted)]
        if not whole and _is_class_name(wanted[0]):
            whole = found
        if whole:
            return sorted(whole, key=lambda item: -likeness(module_name(item.path), module))
    return []


def _traces(names: Sequence[str], depth: int, near: str, tree: Tree) -> Iterator[str]:
    """Say what is left of the names: the class without the method, the last name elsewhere."""
    *around, last = names[depth:]
    owner = next((name for name in around if _is_class_name(name)), None)
    if owner:
        owners = defined([owner], tree, near)
        yield from _listed(f"without {last!r}, this release has it as", owners)
        if not owners:
            yield f"no file of this release defines {owner!r}"
    if last.startswith("__"):
        return
    symbols = defined([last], tree, near)
    yield from _listed("the same name elsewhere:", symbols)
    modules = [
        Symbol(item, (), 1)
        for item in sorted(tree)
        if item.endswith(".py") and module_name(item).split(".")[-1] == last
    ]
    yield from _listed("a module of that name:", modules)
    if not (symbols or modules):
        yield f"no file of this release defines {last!r}"


def _similar(path: str, names: Sequence[str], found: Sequence[ast.AST]) -> Iterator[str]:
    """Name the definitions with a similar name where the missing one was expected."""
    depth = len(found) - 1
    here = {item.name: item for item in definitions(found[-1])}
    for name in get_close_matches(names[depth], here, 2, _SIMILAR):
        there = Symbol(path, (*names[:depth], name), here[name].lineno)
        yield f"a similar name: {there}"


def _is_class_name(name: str) -> bool:
    return not name.islower()
