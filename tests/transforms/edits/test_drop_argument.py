"""DropArgument: a function loses a parameter, and calls lose an argument."""

from __future__ import annotations

import inspect

import pytest

from tests.transforms.edits.test_add_argument import _signature
from tests.transforms.trees import applied, assert_changes, assert_untouched, one, outcome_of, patch
from transforms.edits import AddArgument, DropArgument
from transforms.engine.outcome import Status


def _edit(argument: str = "x", inside: str = "m.f") -> DropArgument:
    return DropArgument(inside=inside, argument=argument)


def _calls(argument: str | int = "x", call: str = "g", count: int = 1) -> DropArgument:
    return DropArgument(inside="m", argument=argument, call=call, count=count)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(x)", "()"),
        ("(x, a)", "(a)"),
        ("(a, x)", "(a)"),
        ("(a, x: int = (1), *, b)", "(a, *, b)"),
        ("(a, *, x)", "(a)"),
        ("(a, *, x, b)", "(a, *, b)"),
        ("(a, *, b, x, **kw)", "(a, *, b, **kw)"),
        ("(a, *, x=1, **kw)", "(a, **kw)"),
        ("(*, x)", "()"),
        ("(x, /)", "()"),
        ("(x, /, a)", "(a)"),
        ("(x, a, /)", "(a, /)"),
        ("(a, x, /, b)", "(a, /, b)"),
        ("(a, *x)", "(a)"),
        ("(a, *x, b)", "(a, *, b)"),
        ("(a, *x, **b)", "(a, **b)"),
        ("(a, **x)", "(a)"),
        ("(a, x: Callable[[A, B], C] = {',': ')'}, b=1)", "(a, b=1)"),
    ],
)
def test_a_parameter_goes_with_the_sign_that_was_there_for_it(before: str, after: str) -> None:
    code = f"async def f{before}:  # why\n    pass\n"
    assert_changes(_edit(), code, f"async def f{after}:  # why\n    pass\n")


@pytest.mark.parametrize(
    "before",
    ["(x)", "(a, x=1, /)", "(x, /, b)", "(a, *x, b=1)", "(a, *, x)", "(*, a, x, **b)", "(a, **x)"],
)
def test_the_others_stay_as_they_were(before: str) -> None:
    code = f"def f{before}: return None\n"
    new = _signature(applied(one(code), {"p/p": patch(_edit())})["m.py"].decode())
    old = _signature(code).parameters.values()
    assert list(new.parameters.values()) == [item for item in old if item.name != "x"]


def test_a_parameter_goes_with_its_line() -> None:
    assert_changes(
        _edit(inside="m.A.f"),
        """
        class A:
            def f(
                self,
                # of x
                x: int = 0,  # why
                b=(1, 2),
            ):
                return x
        """,
        """
        class A:
            def f(
                self,
                # of x
                b=(1, 2),
            ):
                return x
        """,
    )


def test_what_was_added_is_dropped() -> None:
    for before in ("(a)", "(a, *, b)", "(a, *args, **kw)", "(\n    a,\n    b=1,\n)"):
        code = f"def f{before}: pass\n"
        for argument in ("x=0", "*, x"):
            edit = AddArgument(inside="m.f", argument=argument)
            there = applied(one(code), {"p/p": patch(edit)})["m.py"]
            assert_changes(_edit(), there, code.encode())


@pytest.mark.parametrize("there", ["()", "(a, b=1)", "(a, *args, k, **kw)"])
def test_a_parameter_that_is_not_there_is_obsolete(there: str) -> None:
    assert_untouched(_edit("streams"), f"def f{there}: pass\n", Status.OBSOLETE)


def test_a_parameter_of_a_similar_name_is_drift() -> None:
    problem = assert_untouched(_edit("kv_cache"), "def f(a, kv_caches): pass\n")
    assert problem.reason == "there is no 'kv_cache', but something like it"
    assert (problem.closest, problem.line) == ("kv_caches", 1)


def test_only_a_function_has_parameters() -> None:
    assert assert_untouched(_edit(), "class f: pass\n").reason == "f is no function"


@pytest.mark.parametrize(
    ("argument", "before", "after"),
    [
        ("x", "g(x=1)", "g()"),
        ("x", "g(a, x=1)", "g(a)"),
        ("x", "g(x=(1), k=2)", "g(k=2)"),
        ("x", "g(a, x=1, *b, **c)", "g(a, *b, **c)"),
        ("x", "g(\n    a,\n    # why\n    x=1,  # of x\n)", "g(\n    a,\n    # why\n)"),
        (0, "g(a)", "g()"),
        (1, "g(a, b, k=1)", "g(a, k=1)"),
        (0, "g(i for i in j)", "g()"),
        (0, "g(a, **k)", "g(**k)"),
    ],
)
def test_a_call_loses_an_argument(argument: str | int, before: str, after: str) -> None:
    assert_changes(_calls(argument), f"y = {before}\n", f"y = {after}\n")


def test_only_calls_that_have_it_are_counted() -> None:
    before = "self.a.run(1, x=1)\nself.run(2)\nb.run(x=3)\n"
    assert_changes(_calls(call="$m.run", count=2), before, "self.a.run(1)\nself.run(2)\nb.run()\n")
    outcome = outcome_of(_calls(call="$m.run"), before)
    assert outcome.problems[0][1].reason == "matched 2 sites, expected 1"


@pytest.mark.parametrize(
    ("argument", "there"), [("x", "g(a)"), ("x", "g(k=1)"), (1, "g(a)"), (0, "g(k=1)")]
)
def test_an_argument_that_is_not_there_is_obsolete(argument: str | int, there: str) -> None:
    assert_untouched(_calls(argument), f"{there}\n", Status.OBSOLETE)


@pytest.mark.parametrize(
    ("edit", "there", "reason"),
    [
        (_calls("device_type"), "g(device_types=1)", "there is no 'device_type', but something"),
        (_calls(), "h(x=1)", "matched 0 sites, expected 1"),
        (_calls(), "g = 1", "matched 0 sites, expected 1"),
        (_calls(count=2), "g(a)", "matched 0 sites, expected 2"),
        (_calls(0), "g(a, b)", "argument 0 is not the last positional one"),
        (_calls(1), "g(*a, b)", "argument 1 is not the last positional one"),
    ],
)
def test_what_may_have_become_something_else_is_drift(
    edit: DropArgument, there: str, reason: str
) -> None:
    assert assert_untouched(edit, f"{there}\n").reason.startswith(reason)


def test_the_signature_tells_that_no_sign_is_left_alone() -> None:
    code = applied(one("def f(a, /, *, x): return a\n"), {"p/p": patch(_edit())})["m.py"].decode()
    kinds = [item.kind for item in _signature(code).parameters.values()]
    assert kinds == [inspect.Parameter.POSITIONAL_ONLY]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"argument": ""}, "one name or position"),
        ({"argument": "x=1"}, "one name or position"),
        ({"argument": 0}, "only calls have positions"),
        ({"argument": -1, "call": "g"}, "only calls have positions"),
        ({"call": "g()"}, "what is called, without the arguments"),
        ({"count": 2}, "`count` is for calls"),
        ({"count": 0, "call": "g"}, "`count` must be at least 1"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m.f", "argument": "x"}
    with pytest.raises(ValueError, match=message):
        DropArgument(**{**good, **fields})  # type: ignore[arg-type]
