"""WrapFunction: what CPython makes of the wrapper: the same function to all callers, and more."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.executed import executed, executed_after
from transforms.edits import WrapFunction

if TYPE_CHECKING:
    from collections.abc import Callable

_COUNTED = "log.append('before')"
_CHECKED = "log.append('after')"


def _edit(inside: str, **code: str) -> WrapFunction:
    return WrapFunction(inside=inside, **(code or {"before": _COUNTED, "after": _CHECKED}))


_KINDS = {
    "m.f": "def f(x: int, /, y: 'str' = 'a', *z, k=3, **kw) -> int:\n    'D.'\n    return x\n",
    "m.g": "def g():\n    'D.'\n    yield 1\n    return 2\n",
    "m.c": "async def c(x=1):\n    'D.'\n    return x\n",
    "m.a": "async def a():\n    'D.'\n    yield 1\n",
    "m.A.method": "class A:\n    def method(self, x=(1, 2)):\n        'D.'\n        return x\n",
    "m.A.cm": "class A:\n    @classmethod\n    def cm(cls, x):\n        'D.'\n        return cls\n",
    "m.A.sm": "class A:\n    @staticmethod\n    def sm(x):\n        'D.'\n        return x\n",
    "m.A.__init__": "class A:\n    def __init__(self, *, x):\n        'D.'\n        self.x = x\n",
}


@pytest.mark.parametrize(("inside", "before"), _KINDS.items(), ids=list(_KINDS))
def test_the_wrapper_looks_like_the_original(inside: str, before: str) -> None:
    plain, wrapped = executed(before), executed_after(before, _edit(inside))
    for name in inside.split(".")[1:]:
        plain, wrapped = getattr(plain, name), getattr(wrapped, name)
    assert inspect.signature(plain) == inspect.signature(wrapped)
    for name in ("__doc__", "__name__", "__qualname__", "__module__", "__annotations__"):
        assert getattr(plain, name) == getattr(wrapped, name), name
    for test in (
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
        inspect.ismethod,
        inspect.isfunction,
    ):
        assert test(plain) == test(wrapped), test


@st.composite
def _parameters(draw: st.DrawFn) -> str:
    """Write a parameter list of every kind that Python knows."""
    counts = [draw(st.integers(0, 2)) for _ in range(3)]
    names = iter("abcdef")
    only, plain, keyword = ([next(names) for _ in range(count)] for count in counts)
    first_default = draw(st.integers(0, 4))
    positional = [
        f"{name}={number}" if number >= first_default else name
        for number, name in enumerate([*only, *plain])
    ]
    if only:
        positional.insert(len(only), "/")
    star = draw(st.sampled_from(["*rest", "*"] if keyword else ["*rest", ""]))
    defaults = [draw(st.booleans()) for _ in keyword]
    named = [f"{name}=9" if has else name for name, has in zip(keyword, defaults, strict=True)]
    more = ["**more"] if draw(st.booleans()) else []
    return ", ".join(filter(None, [*positional, star, *named, *more]))


def _outcome(function: Callable[..., object], args: list[int], kwargs: dict[str, int]) -> object:
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        return str(error)


@given(
    parameters=_parameters(),
    args=st.lists(st.integers(), max_size=5),
    kwargs=st.dictionaries(st.sampled_from("abcdefz"), st.integers(), max_size=4),
)
def test_any_call_of_any_signature_is_what_it_was(
    parameters: str, args: list[int], kwargs: dict[str, int]
) -> None:
    before = f"def f({parameters}):\n    return dict(locals())\n"
    plain, wrapped = executed(before), executed_after(before, _edit("m.f", after="result"))
    assert _outcome(plain.f, args, kwargs) == _outcome(wrapped.f, args, kwargs)
    assert inspect.signature(plain.f) == inspect.signature(wrapped.f)


def test_arguments_of_every_kind_arrive() -> None:
    module = executed_after(
        "def f(a, b=2, /, c=3, *d, e, g=7, **h):\n    return a, b, c, d, e, g, h\n", _edit("m.f")
    )
    assert module.f(1, e=5) == (1, 2, 3, (), 5, 7, {})
    assert module.f(1, 0, 0, 4, 4, e=5, g=6, i=8) == (1, 0, 0, (4, 4), 5, 6, {"i": 8})
    assert module.log == ["before", "after"] * 2


def test_code_before_may_bind_parameters_and_code_after_the_result() -> None:
    edit = _edit("m.f", before="x += 1\nif x > 9: return 'no'", after="result = [result]")
    module = executed_after("def f(x):\n    return x * 2\n", edit)
    assert (module.f(1), module.f(9)) == ([4], "no")


def test_code_after_that_returns_needs_no_more() -> None:
    edit = _edit("m.f", after="return result + 1")
    assert executed_after("def f(x):\n    return x * 2\n", edit).f(2) == 5


def test_code_after_is_not_run_where_the_original_raises() -> None:
    module = executed_after("def f():\n    raise KeyError(1)\n", _edit("m.f"))
    with pytest.raises(KeyError):
        module.f()
    assert module.log == ["before"]


def test_a_base_and_a_derived_class_of_one_name_are_wrapped_both() -> None:
    before = """
    class A:
        def f(self):
            return ["base"]

    class N:
        class A(A):
            def f(self):
                return super().f() + ["derived"]

    class A(A):
        def g(self):
            return [self.f(), self.__private()]

        def __private(self):
            return self.__x

        __x = 1
    """
    code = before.replace("class A(A):\n        def g", "class B(A):\n        def g")
    edits = [
        _edit("m.A.f", after="result.append('a')"),
        _edit("m.N.A.f", after="result.append('n')"),
        _edit("m.B.g"),
        _edit("m.B.__private", before="self.__x"),
    ]
    module = executed_after(code, *edits)
    assert module.N.A().f() == ["base", "a", "derived", "n"]
    assert module.B().g() == [["base", "a"], 1]


def test_the_original_of_new_takes_the_class_as_new_does() -> None:
    before = "class A(int):\n    def __new__(cls, x):\n        return super().__new__(cls, x)\n"
    edit = _edit("m.A.__new__", around="return $original(cls, x + 1)")
    assert executed_after(before, edit).A(1) == 2


def test_dataclasses_enums_and_named_tuples_gain_no_field_or_member() -> None:
    before = """
    import abc, dataclasses, enum, typing

    @dataclasses.dataclass(slots=True, frozen=True)
    class D:
        x: int

        def f_(self):
            return self.x

    class E(enum.Enum):
        X = 1

        def f_(self):
            return self.value

    class N(typing.NamedTuple):
        x: int

        def f_(self):
            return self.x

    class P(abc.ABC):
        @abc.abstractmethod
        def f_(self):
            return 1

    class Q(P):
        def f_(self):
            return super().f_()
    """
    module = executed_after(before, *[_edit(f"m.{name}.f_") for name in "DENP"])
    assert [field.name for field in dataclasses.fields(module.D)] == ["x"]
    assert list(module.E) == [module.E.X]
    assert module.N._fields == ("x",)
    assert [item.f_() for item in (module.D(1), module.E.X, module.N(1), module.Q())] == [1] * 4
    assert module.log == ["before", "after"] * 4
    with pytest.raises(TypeError):
        module.P()
    for item in (module.D(1), module.E.X, module.N(1), module.Q.f_, module.P.f_):
        assert pickle.loads(pickle.dumps(item)) == item  # noqa: S301 - it is our own


def test_a_function_that_calls_itself_calls_the_wrapper() -> None:
    before = "def f(n):\n    return n and 1 + f(n - 1)\n"
    module = executed_after(before, _edit("m.f", before=_COUNTED))
    assert module.f(3) == 3
    assert module.log == ["before"] * 4


def test_all_parts_of_a_property_are_wrapped() -> None:
    before = """
    class A:
        @property
        def value(self):
            "D."
            return self.x

        @value.setter
        def value(self, new):
            self.x = new

        @value.deleter
        def value(self):
            del self.x
    """
    parts = ("getter", "setter", "deleter")
    edits = [_edit(f"m.A.value.{part}", before=f"log.append('{part}')") for part in parts]
    module = executed_after(before, *edits)
    item = module.A()
    item.value = 1
    assert item.value == 1
    del item.value
    assert module.log == ["setter", "getter", "deleter"]
    assert not hasattr(item, "x")
    assert inspect.getdoc(module.A.value) == "D."


def test_methods_that_python_calls_itself_are_wrapped() -> None:
    before = """
    class A:
        def __new__(cls, x):
            self = super().__new__(cls)
            self.made = cls
            return self

        def __init__(self, x):
            self.x = x

        def __init_subclass__(cls, key=0, **rest):
            super().__init_subclass__(**rest)
            cls.key = key

        def __class_getitem__(cls, item):
            return cls, item

        def __getattribute__(self, name):
            return object.__getattribute__(self, name)

    class B(A, key=3):
        pass
    """
    names = ("__new__", "__init__", "__init_subclass__", "__class_getitem__", "__getattribute__")
    edits = [_edit(f"m.A.{name}", before=f"log.append('{name}')") for name in names]
    module = executed_after(before, *edits)
    assert module.log == ["__init_subclass__"]
    assert module.B.key == 3
    assert module.B[int] == (module.B, int)
    item = module.B(5)
    assert (item.made, item.x) == (module.B, 5)
    assert set(module.log) == set(names)


def test_the_implementation_of_overloads_is_wrapped() -> None:
    before = """
    from typing import overload

    @overload
    def f(x: int) -> int: ...
    @overload
    def f(x: str) -> str: ...
    def f(x):
        return x
    """
    module = executed_after(before, _edit("m.f"))
    assert module.f(3) == 3
    assert module.log == ["before", "after"]


def test_a_function_in_a_function_is_wrapped() -> None:
    before = """
    class A:
        def f(self, x):
            def g(y):
                nonlocal x
                x += y
                return x
            return g(1) + g(1)
    """
    edit = _edit("m.A.f.g", before="y *= 10", around="")
    assert executed_after(before, edit).A().f(0) == 30
