"""What suspends a function, held against the flags of CPython's own code objects."""

from __future__ import annotations

import ast
import asyncio.tasks
import contextlib
import inspect
import typing
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

import pytest

from transforms.engine.syntax.source import parse
from transforms.engine.syntax.suspension import awaits, yields

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield item
            yield from _codes(item)


def _flags(text: str) -> dict[tuple[str, int], int]:
    top = compile(text, "m", "exec", dont_inherit=True)
    return {(code.co_name, code.co_firstlineno): code.co_flags for code in _codes(top)}


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(parse(text)) if isinstance(node, _FUNCTION))


@pytest.mark.parametrize("module", [contextlib, typing, asyncio.tasks, inspect, ast])
def test_generators_are_those_that_python_marks(module: ModuleType) -> None:
    text = Path(module.__file__ or "").read_text(encoding="utf-8")
    flags = _flags(text)
    marked = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
    seen = 0
    for node in _functions(text):
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        assert yields(node.body) == bool(flags[node.name, first] & marked), node.lineno
        seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    "body",
    [
        "yield",
        "x = yield from y",
        "if a:\n        pass\n    else:\n        f((yield))",
        "def g(x=(yield)): pass",
        "lambda x=(yield): 1",
        "def g(*, x=(yield)): pass",
        "@(yield)\n    def g(): pass",
        "class A((yield)): pass",
        "class A(k=(yield)): pass",
        "@(yield)\n    class A: pass",
        "def g(): yield",
        "lambda: (yield)",
        "class A:\n        def g(self): yield",
        "[x for x in y]",
    ],
)
def test_a_yield_counts_in_the_frame_that_it_runs_in(body: str) -> None:
    text = f"def f():\n    {body}\n"
    node = next(_functions(text))
    assert yields(node.body) == bool(_flags(text)["f", 1] & inspect.CO_GENERATOR)


@pytest.mark.parametrize(
    "body",
    [
        "await x",
        "return [await x]",
        "async for x in y: pass",
        "async with x: pass",
        "[x async for x in y]",
        "lambda x=[await y]: x",
        "async def g(): await x",
        "(x for x in y)",
        "for x in y: pass",
    ],
)
def test_code_that_only_an_async_def_can_have(body: str) -> None:
    text = f"def f():\n    {body}\n"
    node = next(_functions(text))
    try:
        compile(text, "m", "exec", dont_inherit=True)
    except SyntaxError:
        assert awaits(node.body)
    else:
        assert not awaits(node.body)
