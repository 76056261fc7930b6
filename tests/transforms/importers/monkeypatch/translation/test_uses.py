"""The names that code asks for are those that CPython's own symbol tables say."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import symtable
import textwrap
import typing

import pytest

from transforms.importers.monkeypatch.translation.uses import free_names, uses


def _asked(table: symtable.SymbolTable) -> set[str]:
    """Give the names that a table and those inside of it take from the module."""
    found = {item.get_name() for item in table.get_symbols() if item.is_global()}
    # From 3.13 on it is of every function that names `super`, outside of a class too.
    found.discard("__class__")
    return found.union(*map(_asked, table.get_children()))


@pytest.mark.parametrize("module", [argparse, ast, dataclasses, inspect, textwrap, typing])
def test_the_names_of_functions_and_classes_are_those_of_cpython(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    top = symtable.symtable(source, "m", "exec")
    tables: dict[tuple[str, int], set[str]] = {}
    for table in top.get_children():
        key = table.get_name(), table.get_lineno()
        tables[key] = tables.get(key, set()) | _asked(table)
    compared = 0
    for node in ast.parse(source).body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        if any(getattr(item, "type_params", ()) for item in ast.walk(node)):
            continue  # vLLM's oldest Python does not know this syntax (PEP 695)
        # What decorators, defaults, bases and annotations ask for is the module's own business.
        inner = ast.parse(ast.unparse(_bare(node))).body[0]
        if ast.unparse(inner) != ast.unparse(_bare(node)):
            continue
        table = symtable.symtable(ast.unparse(inner), "m", "exec").get_children()[0]
        known = set(free_names([inner], annotations=True))
        assert known == _asked(table), node.name
        compared += 1
    assert compared > 5


def _bare(node: ast.FunctionDef | ast.ClassDef) -> ast.stmt:
    node.decorator_list = []
    if isinstance(node, ast.ClassDef):
        node.bases, node.keywords = [], []
    else:
        node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
        node.args.defaults = []
        node.returns = None
        for item in ast.walk(node.args):
            if isinstance(item, ast.arg):
                item.annotation = None
    return node


def test_when_a_name_is_asked_for() -> None:
    (node,) = ast.parse(
        textwrap.dedent("""
        @deco
        def f(x: Note, y=default):
            z: Local = inner(f"{shown}")
            return z
        """)
    ).body
    found = {item.name: item for item in uses([node])}
    assert [name for name, item in found.items() if item.is_eager and not item.is_annotation] == [
        "deco",
        "default",
    ]
    assert [name for name, item in found.items() if item.is_annotation] == ["Note", "Local"]
    assert [name for name, item in found.items() if item.is_in_f_string] == ["shown"]


def test_what_a_comprehension_binds_is_bound_where_python_binds_it() -> None:
    (node,) = ast.parse("def f(z):\n    [y := x for x in z if y]\n    return y, x").body
    assert free_names([node]) == ["x"]
    (outer,) = ast.parse("class C:\n    z = 1\n    w = [z + v for v in z]").body
    table = symtable.symtable(ast.unparse(outer), "m", "exec").get_children()[0]
    assert set(free_names([outer])) == _asked(table) - {"z"}
