"""Members of classes are whose Python says that they are."""

from __future__ import annotations

import abc
import dataclasses
import enum
import typing
from textwrap import dedent

import pytest

from tests.transforms.trees import MemoryTree
from transforms.importers.monkeypatch.classes import Facts, Where, facts_of, member_of
from transforms.importers.monkeypatch.known_bases import MEMBERS, OF_EVERY_CLASS
from transforms.importers.monkeypatch.resolution import Library

_CODE = """
    import abc, dataclasses, enum, typing
    from typing import Generic, Protocol, TypeVar
    T = TypeVar("T")

    class Top:
        a = 1
        def f(self): pass
        class Inner: pass

    class Middle(Top, Generic[T]):
        declared: int
        given: int = 2
        if True:
            def g(self): pass

    class Low(Middle[int], abc.ABC):
        def f(self): pass
        first, second = 1, 2

    @dataclasses.dataclass
    class Data:
        x: int
        y: int = 1

    class Colour(enum.Enum):
        RED = 1

    class Has(Protocol):
        def p(self): ...
    """
_NAMES = ["Top", "Middle", "Low", "Data", "Colour", "Has"]
_MEMBERS = ["a", "f", "g", "Inner", "declared", "given", "first", "second", "x", "y", "RED", "p"]
_MEMBERS += ["gone", "__init__", "__hash__"]


def _library(code: str = _CODE) -> Library:
    return Library("standin", MemoryTree.of({"standin.py": code}))


def _python() -> dict[str, object]:
    names: dict[str, object] = {
        "__name__": "enum"
    }  # a module that is there: dataclasses ask for it
    exec(dedent(_CODE), names)  # noqa: S102 - what Python says is what is asked
    return names


def _where(cls: type, name: str) -> Where:
    if name in vars(cls):
        generated = dataclasses.is_dataclass(cls) and name == "__init__"
        return Where.GENERATED if generated else Where.OWN
    return Where.INHERITED if hasattr(cls, name) else Where.ABSENT


# Python makes these two for its own ends, and nobody patches them.
_MADE = {("Data", "__hash__"), ("Has", "__init__")}


@pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, name) for cls in _NAMES for name in _MEMBERS if (cls, name) not in _MADE],
)
def test_a_member_is_whose_python_says(cls: str, name: str) -> None:
    real = _python()[cls]
    assert isinstance(real, type)
    library = _library()
    assert member_of(library.find("standin", cls), name, library).where is _where(real, name)


def test_an_inherited_member_is_found_where_it_is_defined() -> None:
    library = _library()
    member = member_of(library.find("standin", "Low"), "g", library)
    assert member.thing.target.dotted == "standin:Middle.g"


def test_a_base_that_nobody_knows_may_have_anything() -> None:
    library = _library(
        "import torch, other\nclass A(other.B): pass\nclass C(torch.nn.Module): pass\n"
    )
    unknown = library.find("standin", "A")
    assert member_of(unknown, "x", library).where is Where.UNKNOWN
    module = library.find("standin", "C")
    found = member_of(module, "forward", library)
    assert (found.where, found.owner) == (Where.INHERITED, "torch.nn.Module")
    assert member_of(module, "start_layer", library).where is Where.ABSENT


@pytest.mark.parametrize("header", ["@other\nclass A: pass", "class A(metaclass=M): pass"])
def test_what_may_add_members_leaves_them_unknown(header: str) -> None:
    library = _library(f"from other import other, M\n{header}\n")
    assert member_of(library.find("standin", "A"), "x", library).where is Where.UNKNOWN


def test_facts_that_a_translation_must_know() -> None:
    library = _library()
    facts = {name: facts_of(library.find("standin", name), library) for name in _NAMES}
    assert [item.target.path[0] for item in facts["Low"].line] == ["Low", "Middle", "Top"]
    assert facts["Data"].is_dataclass
    assert facts["Colour"].is_enum
    assert facts["Has"].is_protocol
    assert facts["Top"] == Facts(line=facts["Top"].line)


def test_pydantic_models_and_dataclasses_are_recognised() -> None:
    library = _library("""
        import pydantic
        from pydantic.dataclasses import dataclass
        class A(pydantic.BaseModel): pass
        class B(A): pass
        @dataclass
        class C: pass
        """)
    assert all(facts_of(library.find("standin", name), library).is_pydantic for name in "ABC")


@pytest.mark.parametrize(
    ("dotted", "cls"),
    [("abc.ABC", abc.ABC), ("typing.Generic", typing.Generic), ("enum.Enum", enum.Enum)],
)
def test_what_is_said_of_pythons_bases_is_there(dotted: str, cls: type) -> None:
    assert all(hasattr(cls, name) or dotted == "enum.Enum" for name in MEMBERS[dotted])


def test_what_every_class_has_is_there() -> None:
    made_by_310 = {"__getstate__"}  # Python 3.11 gave it to all classes
    assert set(dir(object)) | made_by_310 >= OF_EVERY_CLASS
