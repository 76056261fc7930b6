"""A function laid over another one says what it said, and keeps the bytes that say the same."""

from __future__ import annotations

import argparse
import ast
import inspect
import textwrap
from itertools import pairwise

import pytest

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.source import Source
from transforms.importers.monkeypatch.translation.merged import merged


def _functions(module: object) -> list[tuple[str, ast.FunctionDef]]:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    return [
        (textwrap.dedent(ast.get_source_segment(source, node, padded=True) or ""), node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]


@pytest.mark.parametrize("module", [argparse, ast, inspect])
def test_any_function_can_be_laid_over_any_other(module: object) -> None:
    found = [(text, node) for text, node in _functions(module) if ast.get_docstring(node) is None]
    compared = 0
    for (one, _), (other, _) in pairwise(found):
        new = Source("n.py", other.encode())
        name = new.module.body[0].name  # type: ignore[attr-defined]
        before = Source("m.py", one.replace(f"def {_name(one)}(", f"def {name}(", 1).encode())
        (node,) = before.module.body
        if type(node) is not type(new.module.body[0]):
            continue
        after = Source("m.py", merged(before, node, other))  # type: ignore[arg-type]
        assert canonical(after.module) == canonical(new.module), (one, other, after.data.decode())
        compared += 1
    assert compared > 2


def _name(text: str) -> str:
    (node,) = ast.parse(text).body
    return node.name  # type: ignore[attr-defined, no-any-return]


def test_comments_and_layout_of_what_says_the_same_stay() -> None:
    before = Source(
        "m.py",
        textwrap.dedent("""
        def f(x):
            '''Said.'''
            # why
            y = call(
                x,  # first
            )
            if y:
                # inner
                z = 'a'
            else:
                z = 2
            return z
        """).encode(),
    )
    (node,) = before.module.body
    lines = ["def f(x: int):", "    y: int = call(x)", "    if y:", '        z = "a"']
    lines += ["    else:", "        z = 3", "    return z"]
    text = "\n".join(lines)
    after = merged(before, node, text).decode()  # type: ignore[arg-type]
    assert after == before.data.decode().replace("z = 2", "z = 3")


def test_a_header_that_differs_is_replaced_alone() -> None:
    text = """
    def f(a, b):
        for item in a:
            # one by one
            show( item )
            keep(item)
            if item:
                stop()
        with open_it(a) as made:
            made.run( 1 )
            made.close()
    """
    before = Source("m.py", textwrap.dedent(text).encode())
    (node,) = before.module.body
    plain = ast.unparse(node).replace("in a:", "in b:").replace("as made:", "as made, b:")
    wanted = before.data.decode().replace("in a:", "in b:").replace("as made:", "as made, b:")
    assert merged(before, node, plain).decode() == wanted  # type: ignore[arg-type]
