"""SubclassAndRebind: all that looks the name up afterwards has the subclass."""

from __future__ import annotations

import inspect
import pickle
from typing import TYPE_CHECKING

import pytest

from tests.transforms.executed import executed_after
from tests.transforms.trees import NAME, applied, assert_changes, assert_untouched, one, patch
from transforms.edits import Replace, SubclassAndRebind, WrapFunction
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

_CODE = "def f(self):\n    return ['new', *super().f()]"
_A = "class A:\n    def f(self):\n        return ['old']\n"


def _edit(
    inside: str = "m.A",
    code: str = _CODE,
    name: str | None = None,
    decorators: str | None = None,
) -> SubclassAndRebind:
    return SubclassAndRebind(inside=inside, code=code, name=name, decorators=decorators)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_subclass_stands_directly_behind_the_class(newline: str) -> None:
    before = "@register\nclass A(B):\n    def f(self):\n        pass  # why\n# next\ny = A\n"
    after = (
        "@register\nclass A(B):\n    def f(self):\n        pass  # why\n"
        "\n\n@d(1)\n@e\nclass A(A):\n    x = 1\n\n    def f(self): pass\n\n\n# next\ny = A\n"
    )
    assert_changes(
        _edit(code="x = 1\n\ndef f(self): pass", decorators="@d(1)\n@e"),
        before.replace("\n", newline).encode(),
        after.replace("\n", newline).encode(),
    )


def test_another_name_is_bound_to_the_old_one() -> None:
    assert_changes(
        _edit(code="x = '''\na'''", name="New"),
        "if b:\n  class A: pass\n",
        "if b:\n  class A: pass\n\n\n  class New(A):\n      x = '''\na'''\n\n\n  A = New\n",
    )


def test_all_that_comes_later_has_the_subclass() -> None:
    before = (
        _A
        + """
def make():
    return A()

class B(A):
    def f(self):
        return ['derived', *super().f()]

REGISTRY = {"a": A}
"""
    )
    for name in (None, "New"):
        module = executed_after(before, _edit(name=name))
        assert module.make().f() == ["new", "old"]
        assert module.B().f() == ["derived", "new", "old"]
        assert module.REGISTRY["a"] is module.A
        assert module.A.__name__ == module.A.__qualname__ == (name or "A")
        item = module.A()
        assert type(pickle.loads(pickle.dumps(item))) is module.A  # noqa: S301 - it is our own


def test_a_class_in_a_class_or_function_is_rebound_there() -> None:
    before = """
    class O:
        class A:
            def f(self):
                return ['old']

        made = A

    def g():
        class A:
            def f(self):
                return ['old']

        return A
    """
    module = executed_after(before, _edit("m.O.A"), _edit("m.g.A", name="New"))
    assert module.O.made().f() == module.g()().f() == ["new", "old"]
    assert module.O.A.__qualname__ == "O.A"


def test_a_subclass_of_its_name_overrides_private_members() -> None:
    before = "class A:\n    def f(self):\n        return self.__g()\n    def __g(self): return 1\n"
    assert executed_after(before, _edit(code="def __g(self): return 2")).A().f() == 2


def test_a_generic_class_stays_generic() -> None:
    before = """
    from typing import Generic, Protocol, TypeVar

    K = TypeVar("K")
    V = TypeVar("V")

    class A(Generic[K, V]):
        pass

    class B(A[V, list[K]]):
        pass

    class C(Protocol[K]):
        pass

    class D(A[int, str]):
        pass
    """
    edits = [_edit(f"m.{name}", "x = 1") for name in "ABCD"]
    module = executed_after(before, *edits)
    assert module.A.__parameters__ == (module.K, module.V)
    assert module.B.__parameters__ == (module.V, module.K)
    assert module.C.__parameters__ == (module.K,)
    assert module.D.__parameters__ == ()
    assert module.A[int, str]().x == 1


def test_the_keywords_of_a_class_are_those_of_its_subclass() -> None:
    before = """
    from abc import ABCMeta

    class Base:
        def __init_subclass__(cls, *, key):
            log.append((cls.__name__, key))

    class A(Base, key=(1,
                       2), metaclass=ABCMeta):
        pass
    """
    module = executed_after(before, _edit(code="x = 1"))
    assert module.log == [("A", (1, 2))] * 2
    assert type(module.A).__name__ == "ABCMeta"


def test_a_dataclass_keeps_its_fields_and_gains_some() -> None:
    before = "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
    plain = executed_after(before, _edit(code="def f(self): return self.x"))
    assert plain.A(3).f() == 3
    more = executed_after(before, _edit(code="y: int = 2", decorators="@dataclass"))
    assert str(inspect.signature(more.A)) in {
        "(x: int, y: int = 2) -> None",
        "(x: 'int', y: 'int' = 2) -> None",
    }
    problem = assert_untouched(_edit(code="y: int = 2"), before)
    assert problem.reason == "A is a @dataclass: for new fields, decorate the subclass as well"
    assert problem.line == 2


def test_it_composes_with_edits_inside_of_the_class() -> None:
    edits: list[Edit] = [
        _edit(),
        Replace(inside="m.A.f", find="'old'", replace="'older'"),
        WrapFunction(inside="m.A.f", after="result = [*result, 'wrapped']"),
    ]
    results = set()
    for names in (("p/a", "p/b", "p/c"), ("p/c", "p/a", "p/b")):
        patches = {name: patch(edit) for name, edit in zip(names, edits, strict=True)}
        results.add(applied(one(_A), patches)["m.py"])
    assert len(results) == 1
    assert executed_after(_A, *edits).A().f() == ["new", "older", "wrapped"]


def test_other_code_behind_the_class_is_no_subclass_of_it() -> None:
    there = applied(one(_A), {NAME: patch(_edit())})["m.py"]
    problem = assert_untouched(_edit(code="x = 1"), there)
    assert "'A' is defined 2 times" in problem.reason


@pytest.mark.parametrize(
    ("before", "reason", "line"),
    [
        ("class A(enum.IntEnum): pass", "A is an Enum, which cannot be derived from", 1),
        ("class E(Flag): pass\nclass A(E): x = 1", "A is an Enum", 2),
        ("class A(TypedDict): x: int", "A is a TypedDict", 1),
        ("@typing.final\nclass A: pass", "A is final", 1),
        ("@d\n@register('a')\nclass A: pass", "A is decorated with @d, which may keep", 1),
        ("@dataclass\n@register('a')\nclass A: pass", "A is decorated with @register", 2),
        (
            "class A:\n  def f(self):\n    super(A, self).f()",
            "A is named in super(A, ...) at line 3: that would call itself for ever",
            3,
        ),
        ("class A: pass\nclass B(A):\n  def f(self): super(A, self).f()", "at line 3", 3),
        ("New = 1\nclass A: pass", "A has a 'New' beside it", 2),
        ("def A(): pass", "A is not a class", 1),
    ],
)
def test_a_class_whose_name_cannot_be_taken_over_is_refused(
    before: str, reason: str, line: int
) -> None:
    problem = assert_untouched(_edit(name="New"), before + "\n")
    assert reason in problem.reason
    assert problem.line == line


def test_an_explicit_super_would_indeed_call_itself_for_ever() -> None:
    before = """
    class B:
        def f(self): return []

    class A(B):
        def f(self): return super(A, self).f()

    class New(A):
        pass

    A = New
    """
    with pytest.raises(RecursionError):
        executed_after(before, Replace(inside="m.B.f", find="[]", replace="[1]")).A().f()


def test_a_module_or_nothing_is_no_class() -> None:
    assert assert_untouched(_edit("m"), "x = 1\n").reason == "m.py is not a class"
    assert assert_untouched(_edit(), "x = 1\n", Status.MISSING).reason.startswith("no 'A'")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"code": ""}, "must not be empty"),
        ({"code": "def f("}, "not Python"),
        ({"code": "x = $y"}, "never bound"),
        ({"code": "def f(self): return A.f(self)"}, "write super\\(\\).f"),
        ({"name": "A"}, "another name than 'A'"),
        ({"name": "a b"}, "another name than 'A'"),
        ({"decorators": "register"}, "decorators only"),
        ({"decorators": "@d\nclass D: pass\n@d"}, "decorators only"),
        ({"inside": ""}, "must not be empty"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SubclassAndRebind(**{"inside": "m.A", "code": "x = 1", **fields})
