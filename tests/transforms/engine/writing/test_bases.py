"""Where a new base goes, held against what CPython can bring in an order."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.executed import executed
from tests.transforms.trees import source_of, spliced
from transforms.engine.writing.bases import base_site, default_index, index_of

_SETUP = """
import abc, enum
from typing import Generic, Protocol, TypeVar
T = TypeVar("T")
class P: pass
class Q(Generic[T]): pass
class New(abc.ABC): pass
class A({}):
    pass
"""
_BASES = ("P", "Q[int]", "abc.ABC", "Generic[T]", "object")


@given(st.lists(st.sampled_from(_BASES), unique=True, max_size=4), st.booleans())
def test_the_default_place_is_one_that_python_accepts(bases: list[str], keyword: bool) -> None:  # noqa: FBT001
    ordered = sorted(bases, key=_BASES.index)
    before = _SETUP.format(", ".join([*ordered, *["metaclass=abc.ABCMeta"] * keyword]))
    source = source_of(before)
    node = source.module.body[-1]
    assert isinstance(node, ast.ClassDef)
    after = spliced(before, [base_site(node, "New", default_index(node), source)])
    made = executed(after).A
    assert [base for base in made.__bases__ if base.__name__ == "New"]


def test_a_base_is_found_as_syntax() -> None:
    node = source_of("class A(a . b[ int ], c(1)): pass").module.body[0]
    assert isinstance(node, ast.ClassDef)
    assert [index_of(text, node) for text in ("a.b[int]", "c( 1 )", "c")] == [0, 1, None]
