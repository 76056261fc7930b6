"""Search a whole tree for symbols: by their names, by their bodies, and by what a pattern matches.

Bytes are searched before anything is parsed, and a search parses a bounded number of files, those
with the most similar paths first. A file that does not parse holds nothing that could be patched.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import MANY, ONE
from transforms.engine.syntax.alternatives import Definition, definitions
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.definition import docstring
from transforms.engine.syntax.modules import module_name
from transforms.engine.syntax.source import Source, SourceError, files_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transforms.engine.patterns.pattern import Pattern
    from transforms.engine.syntax.source import Tree

_MOST_FILES = 24
_SHORTEST_NEEDLE = 3
# Smaller bodies, e.g. `return self.x`, are alike without being the same.
_DISTINCT_NODES = 20


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition, or a place in one, somewhere in a tree.

    Attributes:
        path: the file.
        names: the class and function names inside of it; empty for the module itself.
        line: where it begins, or where the place is; 1-based.
    """

    path: str
    names: tuple[str, ...]
    line: int

    @property
    def dotted(self) -> str:
        """The path as a patch writes it, e.g. ``vllm.a.b.Class.method``."""
        return ".".join((module_name(self.path), *self.names))

    def __str__(self) -> str:
        """Show it as messages do."""
        return f"{self.dotted} (line {self.line})"


def defined(names: Sequence[str], tree: Tree, near: str) -> list[Symbol]:
    """Find where classes and functions of these names are nested like this.

    Args:
        names: e.g. ``("Worker", "init_device")``; they may stand inside of something else.
        tree: the pristine tree.
        near: a dotted path; what has a similar one comes first.
    """
    heads = [
        re.compile(rb"^[ \t]*(?:class|def|async def)[ \t]+%b\b" % name.encode(), re.MULTILINE)
        for name in names
    ]
    paths = [
        path
        for path in files_with(tree, [name.encode() for name in names])
        if all(head.search(tree.read(path)) for head in heads)
    ]
    wanted = tuple(names)
    return [
        Symbol(path, there, node.lineno)
        for path, module in _parsed(paths, tree, near)
        for there, node in qualified(module)
        if there[-len(wanted) :] == wanted
    ]


def same_body(old: Definition, tree: Tree, near: str) -> list[Symbol]:
    """Find definitions with the code of an older one, under whatever name.

    Args:
        old: the definition in a release that had it.
        tree: the pristine tree of another release.
        near: the dotted path of `old`; what has a similar one comes first.

    Returns:
        Those with the same `body_hash`. Of small bodies, which many have, those of the same name.
    """
    wanted = body_hash(old)
    distinct = sum(1 for _ in ast.walk(old)) >= _DISTINCT_NODES
    needles = [*_needles(_code_of(old)), *([] if distinct else [old.name.encode()])]
    return [
        Symbol(path, names, node.lineno)
        for path, module in _parsed(files_with(tree, needles), tree, near)
        for names, node in qualified(module)
        if type(node) is type(old)
        and (distinct or node.name == old.name)
        and len(_code_of(node)) == len(_code_of(old))
        and body_hash(node) == wanted
    ]


def matching(pattern: Pattern, tree: Tree, near: str) -> list[Symbol]:
    """Find where a pattern matches in a whole tree.

    Args:
        pattern: what an edit looks for; one that names nothing is looked for nowhere.
        tree: the pristine tree.
        near: the dotted path where it was expected; what has a similar one comes first.

    Returns:
        The place of each match, with the innermost definition around it.
    """
    needles = _needles(pattern.nodes)
    if not needles:
        return []
    return [
        Symbol(path, _around(module, node), getattr(node, "lineno", 0))
        for path, module in _parsed(files_with(tree, needles), tree, near)
        for node in (match.nodes[0] for match in pattern.matches(module))
    ]


def qualified(
    scope: ast.AST, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Definition]]:
    """Give every definition in a scope, nested ones included, with the names that lead to it."""
    for node in definitions(scope):
        there = (*names, node.name)
        yield there, node
        yield from qualified(node, there)


def likeness(symbol: str, near: str) -> float:
    """Say how similar two dotted paths are, from 0 to 1: by their parts, and their last parts."""
    left, right = symbol.split("."), near.split(".")
    parts = SequenceMatcher(None, left, right, autojunk=False).ratio()
    text = SequenceMatcher(None, left[-1], right[-1], autojunk=False).ratio()
    return (2 * parts + text) / 3


def _parsed(paths: Iterable[str], tree: Tree, near: str) -> Iterator[tuple[str, ast.Module]]:
    """Parse the files with the most similar paths, as far as they are Python."""
    package = near.split(".", 1)[0]
    inside = [path for path in paths if module_name(path).split(".", 1)[0] == package]
    ranked = sorted(inside, key=lambda path: (-likeness(module_name(path), near), path))
    for path in ranked[:_MOST_FILES]:
        yield path, module_of(path, tree)


def module_of(path: str, tree: Tree) -> ast.Module:
    """Parse a file of a tree; one that does not parse defines nothing."""
    try:
        return Source(path, tree.read(path)).module
    except SourceError:
        return ast.Module([], [])


def _around(module: ast.Module, node: ast.AST) -> tuple[str, ...]:
    line = getattr(node, "lineno", 0)
    around: tuple[str, ...] = ()
    for names, definition in qualified(module):
        if definition.lineno <= line <= (definition.end_lineno or 0):
            around = max(around, names, key=len)
    return around


def _code_of(node: Definition) -> list[ast.stmt]:
    said = docstring(node)
    return [statement for statement in node.body if statement is not said]


def _needles(nodes: Iterable[ast.AST]) -> list[bytes]:
    """Give the identifiers of some code: the bytes of every file that holds it have them all."""
    found: set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            for name in ("id", "attr", "arg", "name", "module", "asname"):
                value = getattr(node, name, None)
                if isinstance(value, str):
                    found.update(value.split("."))
    # Another spelling of a name that is not ASCII can be the same name (NFKC).
    plain = (
        name
        for name in found
        if name.isascii() and not name.startswith((ONE, MANY)) and len(name) >= _SHORTEST_NEEDLE
    )
    return [name.encode() for name in sorted(plain, key=lambda name: (-len(name), name))]
