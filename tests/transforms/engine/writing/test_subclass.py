"""What a subclass that takes over a name must have; the rest is tested with `SubclassAndRebind`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.transforms.executed import executed
from tests.transforms.trees import source_of
from transforms.engine.writing.subclass import base_text, keyword_texts, refusals

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source

_GENERIC = """
from typing import Generic, ParamSpec, Protocol, TypeVar
K = TypeVar("K")
V = TypeVar("V")
P = ParamSpec("P")
class Map(Generic[K, V]): pass
class A({}): pass
"""


def _last(code: str) -> tuple[ast.ClassDef, Source]:
    source = source_of(code)
    node = source.module.body[-1]
    assert isinstance(node, ast.ClassDef)
    return node, source


@pytest.mark.parametrize(
    "bases",
    [
        "Map[K, V]",
        "Map[V, list[V]]",
        "Map[int, str]",
        "Map",
        "Map[K, int], Generic[K]",
        "Protocol[V, K]",
        "Generic[P]",
        "Map[V, K], list[K]",
        "list",
    ],
)
def test_a_subclass_takes_the_parameters_that_the_class_takes(bases: str) -> None:
    code = _GENERIC.format(bases)
    node, source = _last(code)
    module = executed(f"{code}class B({base_text(node, source)}): pass\n")
    of = [getattr(made, "__parameters__", ()) for made in (module.A, module.B)]
    assert of[0] == of[1]


def test_type_variables_of_other_modules_count_where_they_are_listed() -> None:
    assert (
        base_text(*_last("from a import K, V\nclass A(B[V, K], Protocol[K, V]): pass")) == "A[K, V]"
    )
    assert base_text(*_last("from a import K\nclass A(B[K]): pass")) == "A"


def test_the_keywords_are_given_on_but_no_metaclass() -> None:
    node, source = _last(b"class A(B, metaclass=M, k=(1,\r\n 2), **rest): pass\r\n".decode())
    assert keyword_texts(node, source) == ["k=(1,\n 2)", "**rest"]


def test_type_parameters_of_python_312_are_refused() -> None:
    node, source = _last("class A: pass\n")
    assert list(refusals(node, source, decorated=False, adds_fields=False)) == []
    # As the parser of 3.12 fills them in; that of 3.10 has no such field.
    vars(node)["type_params"] = [ast.Name("T")]
    ((reason, line),) = refusals(node, source, decorated=False, adds_fields=False)
    assert (reason.startswith("has type parameters"), line) == (True, 1)


@pytest.mark.parametrize("decorator", ["dataclass(slots=True)", "config", "runtime_checkable"])
def test_decorators_that_only_change_a_class_are_no_hindrance(decorator: str) -> None:
    node, source = _last(f"@{decorator}\nclass A: pass\n")
    assert list(refusals(node, source, decorated=False, adds_fields=False)) == []
