"""AddArgument: a function gains a parameter, and calls gain an argument."""

from __future__ import annotations

import inspect

import pytest

from tests.transforms.trees import (
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import AddArgument
from transforms.engine.outcome import Status


def _edit(argument: str = "x=0", after: str | None = None, inside: str = "m.f") -> AddArgument:
    return AddArgument(inside=inside, argument=argument, after=after)


def _calls(
    argument: str = "x=1", call: str = "g", after: str | None = None, count: int = 1
) -> AddArgument:
    return AddArgument(inside="m", argument=argument, call=call, after=after, count=count)


@pytest.mark.parametrize(
    ("argument", "after", "before", "after_it"),
    [
        ("x", None, "()", "(x)"),
        ("x", None, "(a)", "(a, x)"),
        ("x=0", None, "(a, b=1)", "(a, b=1, x=0)"),
        ("x: int = 0", None, "(a, *args, **kw)", "(a, *args, x: int = 0, **kw)"),
        ("x", None, "(a=1, *, b)", "(a=1, *, b, x)"),
        ("x=0", None, "(**kw)", "(x=0, **kw)"),
        ("x=0", None, "(a, /)", "(a, /, x=0)"),
        ("*, x", None, "()", "(*, x)"),
        ("*, x", None, "(a=1)", "(a=1, *, x)"),
        ("*, x: int", None, "(a, *, b=1)", "(a, *, b=1, x: int)"),
        ("*, x=0", None, "(a, *args)", "(a, *args, x=0)"),
        ("*, x=0", None, "(a, /, **kw)", "(a, /, *, x=0, **kw)"),
        ("**x", None, "(a, *, b)", "(a, *, b, **x)"),
        ("x", "a", "(a, b=1)", "(a, x, b=1)"),
        ("x=0", "a", "(a, *args, b)", "(a, x=0, *args, b)"),
        ("x=0", "args", "(a, *args, b)", "(a, *args, x=0, b)"),
        ("x", "b", "(a=1, *, b, c)", "(a=1, *, b, x, c)"),
        ("x", "a", "(a, /, b)", "(a, /, x, b)"),
        ("x", "a", "(a, b, /, c)", "(a, x, b, /, c)"),
        ("*, x", "a", "(a)", "(a, *, x)"),
        ("*, x", "a", "(a, *, b)", "(a, *, x, b)"),
        ("*, x", "b", "(a, *, b, **kw)", "(a, *, b, x, **kw)"),
        ("*, x", "a", "(a, /, **kw)", "(a, /, *, x, **kw)"),
        ("x: dict[str, int] = {',': 1}", None, "(a: (int) = (1))", None),
    ],
)
@pytest.mark.parametrize("keyword", ["def", "async def"])
def test_a_parameter_stands_where_python_allows_it(
    argument: str, after: str | None, before: str, after_it: str | None, keyword: str
) -> None:
    written = after_it or "(a: (int) = (1), x: dict[str, int] = {',': 1})"
    assert_changes(
        _edit(argument, after),
        f"{keyword} f{before}:  # why\n    pass\n",
        f"{keyword} f{written}:  # why\n    pass\n",
    )


@pytest.mark.parametrize(
    "before", ["()", "(a)", "(a, b=1)", "(a, /, b=1)", "(*args)", "(*, k)", "(a=1, *b, k=2, **c)"]
)
@pytest.mark.parametrize("argument", ["x=0", "*, x", "*, x=0"])
def test_all_who_called_it_before_can_call_it_as_before(before: str, argument: str) -> None:
    code = f"def f{before}: return None\n"
    old = _signature(code)
    new = _signature(applied(one(code), {"p/p": patch(_edit(argument))})["m.py"].decode())
    others = [item for item in new.parameters.values() if item.name != "x"]
    assert others == list(old.parameters.values())
    x = new.parameters["x"]
    assert x.default == (0 if "=" in argument else inspect.Parameter.empty)
    if argument.startswith("*") or "*" in before:
        assert x.kind is inspect.Parameter.KEYWORD_ONLY


def _signature(code: str) -> inspect.Signature:
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102 - it is our own code
    function = scope["f"]
    assert callable(function)
    return inspect.signature(function)


def test_a_signature_on_several_lines_keeps_its_style() -> None:
    assert_changes(
        _edit("x: int = 0", inside="m.A.f"),
        """
        class A:
            @d(a)
            def f(
                self,
                a: Callable[[int, str], (int)],  # of a, b
                *,
                b=(1, 2),  # the last
            ) -> dict[str, int]:
                return g(a, b)
        """,
        """
        class A:
            @d(a)
            def f(
                self,
                a: Callable[[int, str], (int)],  # of a, b
                *,
                b=(1, 2),  # the last
                x: int = 0,
            ) -> dict[str, int]:
                return g(a, b)
        """,
    )


def test_a_star_has_a_line_of_its_own_where_the_others_have() -> None:
    assert_changes(
        _edit("*, x"),
        b"def f(\r\n    a,\r\n    b  # why\r\n):\r\n    pass\r\n",
        b"def f(\r\n    a,\r\n    b,  # why\r\n    *,\r\n    x\r\n):\r\n    pass\r\n",
    )


@pytest.mark.parametrize(
    ("argument", "after", "before", "reason"),
    [
        ("x", None, "(a, b=1)", "'x' has no default and would stand behind 'b', which has one"),
        ("x", "b", "(a=1, b=2)", "'x' has no default and would stand behind 'b', which has one"),
        ("x=0", "a", "(a, b)", "'x' has a default and would stand in front of 'b'"),
        ("x=0", "a", "(a, /, b)", "'x' has a default and would stand in front of 'b'"),
        ("*, x", "a", "(a, b)", "what stands behind 'a' would become keyword-only"),
        ("*, x", "a", "(a, b, *, c)", "what stands behind 'a' would become keyword-only"),
        ("x=0", "c", "(a, b)", "there is no parameter 'c' to write it behind"),
        ("x=0", "kw", "(a, **kw)", "nothing can stand behind `**kw`"),
        ("**x", None, "(a, **kw)", "it takes `**kw` already"),
        ("x=0", None, "(a, x=1)", "it has a 'x' of its own"),
        ("x: int = 0", None, "(a, x=0)", "it has a 'x' of its own"),
        ("*, x=0", None, "(a, x=0)", "it has a 'x' of its own"),
        ("x=0", None, "(a, *, x=0)", "it has a 'x' of its own"),
        ("x=0", None, "(x=0, /, a=1)", "it has a 'x' of its own"),
        ("x=0", "a", "(a, b=1, x=0)", "it has a 'x' of its own"),
    ],
)
def test_where_it_cannot_stand_is_drift(
    argument: str, after: str | None, before: str, reason: str
) -> None:
    problem = assert_untouched(_edit(argument, after), f"def f{before}: pass\n")
    assert problem.reason.startswith(reason)
    assert problem.closest.startswith("def f(")


@pytest.mark.parametrize(
    ("argument", "after", "there"),
    [
        ("x: int = 0", None, "(a, x:int=(0))"),
        ("x=0", None, "(a, x=0, y=1)"),
        ("x=0", None, "(a, *, b, x=0)"),
        ("*, x", None, "(a, *, x)"),
        ("*, x", None, "(a, *, x, b)"),
        ("*, x", "b", "(a, *, x, b)"),
        ("x=0", "a", "(a, x=0, b=1)"),
        ("**x", None, "(a, **x)"),
    ],
)
def test_a_parameter_that_is_there_is_obsolete(
    argument: str, after: str | None, there: str
) -> None:
    assert_untouched(_edit(argument, after), f"def f{there}: pass\n", Status.OBSOLETE)


def test_only_a_function_has_parameters() -> None:
    assert assert_untouched(_edit(), "class f: pass\n").reason == "f is no function"
    problem = assert_untouched(_edit(), "f = lambda a: a\n", Status.MISSING)
    assert "line 1 makes 'f' with a lambda: write a Replace of that" in problem.notes


@pytest.mark.parametrize(
    ("argument", "before", "after"),
    [
        ("x=1", "g()", "g(x=1)"),
        ("x=1", "g(a)", "g(a, x=1)"),
        ("x=1", "g(a, *b, **c)", "g(a, *b, **c, x=1)"),
        ("x=1", "g(\n    a,  # why\n    k=2,\n)", "g(\n    a,  # why\n    k=2,\n    x=1,\n)"),
        ("x=1", "g(i for i in j)", "g((i for i in j), x=1)"),
        ("x=1", "g( (a, b) for (a, b) in (j) )", "g(((a, b) for (a, b) in (j)), x=1)"),
        ("x=1", "g((i for i in j))", "g((i for i in j), x=1)"),
        ("x=1", "y = (\n  g\n  (a)\n)", "y = (\n  g\n  (a, x=1)\n)"),
        ("x", "g()", "g(x)"),
        ("x", "g(a, k=1)", "g(a, x, k=1)"),
        ("x", "g(k=1)", "g(x, k=1)"),
        ("x", "g(*a)", "g(*a, x)"),
        ("x", "g(**a)", "g(x, **a)"),
        ("x", "g(i for i in j)", "g((i for i in j), x)"),
        ("*x", "g(a, k=1)", "g(a, *x, k=1)"),
        ("**x", "g(a, k=1)", "g(a, k=1, **x)"),
        ("x=(1, 2)", "g(a)", "g(a, x=(1, 2))"),
        ("(1, 2)", "g(a)", "g(a, (1, 2))"),
        ("x = y == 1", "g(a)", "g(a, x=y == 1)"),
        ("x == 1", "g(a)", "g(a, x == 1)"),
        ("x=lambda: 1", "g(a)", "g(a, x=lambda: 1)"),
    ],
)
def test_a_call_gains_an_argument(argument: str, before: str, after: str) -> None:
    assert_changes(_calls(argument), f"{before}\n", f"{after}\n")


@pytest.mark.parametrize("arguments", ["", "1", "1, k=2", "*[1]", "**{'k': 1}", "i for i in [1]"])
@pytest.mark.parametrize("argument", ["x=8", "8"])
def test_what_is_called_receives_the_old_arguments_and_the_new_one(
    arguments: str, argument: str
) -> None:
    def g(*args: object, **kwargs: object) -> tuple[list[object], dict[str, object]]:
        return [list(item) if inspect.isgenerator(item) else item for item in args], kwargs

    scope: dict[str, object] = {"g": g}
    code = applied(one(f"y = g({arguments})\n"), {"p/p": patch(_calls(argument))})["m.py"]
    exec(code, scope)  # noqa: S102 - it is our own code
    args, kwargs = eval(f"g({arguments})", {"g": g})  # noqa: S307
    wanted = (args, {**kwargs, "x": 8}) if "=" in argument else ([*args, 8], kwargs)
    assert scope["y"] == wanted


def test_calls_are_found_by_what_is_called_and_may_give_the_argument_its_value() -> None:
    assert_changes(
        _calls("stream=$m.stream", "$m.run", count=2),
        "def f(self):\n    self.a.run(1)\n    run(1)\n    return b.run(k=b.walk())\n",
        "def f(self):\n    self.a.run(1, stream=self.a.stream)\n    run(1)\n"
        "    return b.run(k=b.walk(), stream=b.stream)\n",
    )


def test_an_argument_goes_behind_the_keyword_that_is_named() -> None:
    edit = _calls(after="k")
    assert_changes(edit, "g(a, k=1, **b)\n", "g(a, k=1, x=1, **b)\n")
    problem = assert_untouched(edit, "g(a, b=1)\n")
    assert problem.reason == "the call has no keyword 'k' to write the argument behind"


def test_calls_inside_of_calls_gain_it_each() -> None:
    assert_changes(_calls(count=2), "g(g(a), b)\n", "g(g(a, x=1), b, x=1)\n")


@pytest.mark.parametrize(
    ("argument", "there"),
    [
        ("x=1", "g(x=(1), k=2)"),
        ("x", "g(a, x)"),
        ("x", "g(a, x, k=1)"),
        ("*x", "g(*x, a)"),
        ("**x", "g(**x, k=1)"),
    ],
)
def test_an_argument_that_is_there_is_obsolete(argument: str, there: str) -> None:
    assert_untouched(_calls(argument), f"{there}\n", Status.OBSOLETE)


def test_another_argument_of_that_name_is_drift() -> None:
    problem = assert_untouched(_calls(), "g(a, x=2)\n")
    assert (problem.reason, problem.closest) == ("a call passes another 'x'", "x=2")


@pytest.mark.parametrize("before", ["g(k=1, *b)\n", "h(a)\n", "g\n", "def g(): pass\n"])
def test_a_call_that_cannot_take_it_or_is_not_there_is_drift(before: str) -> None:
    assert_untouched(_calls("x"), before)


def test_calls_are_counted() -> None:
    outcome = outcome_of(_calls(), "g(a)\ng(b)\n")
    assert outcome.problems[0][1].reason == "matched 2 sites, expected 1"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"argument": ""}, "one parameter"),
        ({"argument": "a, b"}, "one parameter"),
        ({"argument": "a): pass\ndef g("}, "one parameter"),
        ({"argument": "*args"}, "can be added"),
        ({"argument": "a, /"}, "can be added"),
        ({"argument": "$x"}, "one parameter"),
        ({"after": "a.b"}, "`after` must be the name"),
        ({"count": 2}, "`count` is for calls"),
        ({"call": "g", "argument": "a, b=1"}, "one argument of a call"),
        ({"call": "g", "argument": "$q"}, "never bound"),
        ({"call": "g", "argument": "x=$q"}, "never bound"),
        ({"call": "g", "argument": ""}, "must not be empty"),
        ({"call": "g()"}, "what is called, without the arguments"),
        ({"call": "x = 1"}, "what is called, without the arguments"),
        ({"call": "g", "argument": "x", "after": "k"}, "write a Replace of the call"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m.f", "argument": "x=0"}
    with pytest.raises(ValueError, match=message):
        AddArgument(**{**good, **fields})  # type: ignore[arg-type]
