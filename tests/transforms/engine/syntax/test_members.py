"""What a class's body holds."""

from __future__ import annotations

import ast
import enum

import pytest

from tests.transforms.executed import executed
from transforms.engine.syntax.members import bindings, bound_to, docstring_of, has_base, is_enum
from transforms.engine.syntax.source import parse


@pytest.mark.parametrize(
    "code",
    [
        "a = 1",
        "a = b = 1",
        "a, (b, *c) = 1, (2, 3)",
        "a: int = 1",
        "def a(x): y = 1",
        "async def a(): pass",
        "class a: y = 1",
        "import os.path",
        "import os.path as a, ast",
        "from os import path, sep as b",
        "log[0:] = [1]",
        "log.x, a = [].append, 1",
        "for a, (b, *c) in [(1, (2, 3))]: pass",
        "for log[0:] in [[1]]: pass",
        "with __import__('io').BytesIO() as a, __import__('io').BytesIO(): pass",
        "pass",
    ],
)
def test_the_names_are_those_that_python_binds(code: str) -> None:
    (statement,) = parse(code).body
    text = code.replace("log.x", "vars()['log'][0:]").replace("[].append", "[1]")
    names = set(vars(executed(text))) - set(vars(executed("_: int")))
    assert set(bindings(statement)) == names


def test_what_changes_or_unbinds_a_name_counts_as_binding_it() -> None:
    body = parse("a = 1\na += 1\nfor b in x: a = 2\nfor a in x: a = 3\ndel a\nprint(a)\n")
    assert [item.lineno for item in bound_to("a", body)] == [1, 2, 3, 4, 4, 5]


def test_bindings_in_branches_belong_to_the_class_but_not_those_of_methods() -> None:
    node = parse(
        "class A:\n if x:\n  a = 1\n else:\n  def a(self): a = 1\n try: pass\n except E: import a\n"
    ).body[0]
    assert [item.lineno for item in bound_to("a", node)] == [3, 5, 7]


@pytest.mark.parametrize(
    "code",
    [
        "class A(enum.Enum): x = 1",
        "class B(enum.IntFlag): pass\nclass A(B): x = 1",
        "class A(str, enum.Enum): x = 1",
        "class B(enum.Enum): x = 1\nclass A: pass",
        "class A(dict): x = 1",
        "class A: pass\nclass B(A): pass\nclass A(B): pass",
    ],
)
def test_an_enum_is_known_by_its_bases(code: str) -> None:
    text = f"import enum\n{code}\n"
    module = parse(text)
    node = [item for item in module.body if getattr(item, "name", "") == "A"][-1]
    assert isinstance(node, ast.ClassDef)
    assert is_enum(node, module) == issubclass(executed(text).A, enum.Enum)


def test_a_base_is_known_by_its_last_name() -> None:
    node = parse("class A(a.B[int], c): pass").body[0]
    assert isinstance(node, ast.ClassDef)
    assert has_base(node, "X", "B")
    assert not has_base(node, "a", "int")


def test_a_string_behind_a_field_describes_it() -> None:
    body = parse("a = 1\n'A.'\ndef f(): pass\n'no'\nb: int\n1\nc = 1").body
    described = [docstring_of(item, body) for item in body]
    assert [described.index(item) for item in described if item] == [0]
