"""A module of the plugin whose functions no longer do what is compiled in.

A function that patches when the plugin is imported may be called again by code that is compiled
in. It would then wrap what vLLM has from the start. So its copy in the wheel does the rest only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.syntax.definition import Function, parameters
from transforms.engine.syntax.source import Source, SourceError, blocks
from transforms.engine.writing.removal import statements_removal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from transforms.engine.site import Site
    from transforms.importers.monkeypatch.mutation import Place

_PATCHES = (ast.Assign, ast.Expr, ast.Delete)


def patching_left_out(source: Source, compiled: Collection[Place]) -> Source:
    """Give a file without the statements in its functions that are compiled in.

    What patches whatever it is given stays: nobody knows what else it is called with.

    Args:
        source: the plugin's file.
        compiled: where the plugin does what is compiled in.
    """
    lines = {item.line for item in compiled if item.file == source.path}
    sites = [
        site
        for item in ast.walk(source.module)
        if lines and isinstance(item, Function)
        for site in _sites(item, lines, source)
    ]
    if not sites:
        return source
    ordered = sorted({site.place: site for site in sites}.values(), key=lambda site: site.place)
    return Source(source.path, splice(source.data, ordered))


def _sites(function: Function, lines: set[int], source: Source) -> Iterator[Site]:
    given = {item.name for item in parameters(function)}
    for block in _blocks(function.body):
        for number, item in enumerate(block):
            if isinstance(item, _PATCHES) and item.lineno in lines and _root(item) not in given:
                try:
                    yield statements_removal(block, number, number, source)
                except SourceError:  # it shares its line, and stays
                    continue


def _blocks(body: Sequence[ast.stmt]) -> Iterator[Sequence[ast.stmt]]:
    """Give a block and those in it, but for those of other functions and classes."""
    yield body
    for item in body:
        if not isinstance(item, (ast.ClassDef, Function)):
            for inner in blocks(item):
                yield from _blocks(inner)


def _root(statement: ast.Assign | ast.Expr | ast.Delete) -> str:
    """Give the first name of what a statement patches, e.g. that of `setattr(a.b, "c", d)`."""
    value: ast.AST | None = None
    if isinstance(statement, ast.Expr):
        if isinstance(statement.value, ast.Call) and statement.value.args:
            value = statement.value.args[0]
    else:
        value = statement.targets[0]
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""
