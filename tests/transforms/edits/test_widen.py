"""Widen: a condition gains an alternative, and all around it means what it meant."""

from __future__ import annotations

import itertools

import pytest

from tests.transforms.trees import (
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import Replace, Widen
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status


def _edit(find: str = "e()", by: str = "n()", count: int = 1) -> Widen:
    return Widen(inside="m", find=find, by=by, count=count)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if e(): pass", "if e() or n(): pass"),
        ("if a: pass\nelif e(): pass", "if a: pass\nelif e() or n(): pass"),
        ("while e(): pass", "while e() or n(): pass"),
        ("assert e(), 'why'", "assert e() or n(), 'why'"),
        ("x = a if e() else b", "x = a if e() or n() else b"),
        ("x = e() if a else b", "x = e() or n() if a else b"),
        ("[i for i in j if e()]", "[i for i in j if e() or n()]"),
        ("[i for i in j if e() if a]", "[i for i in j if e() or n() if a]"),
        ("[i for i in e()]", "[i for i in e() or n()]"),
        ("f(e(), k=e)", "f(e() or n(), k=e)"),
        ("f(k=e())", "f(k=e() or n())"),
        ("f(*e())", "f(*e() or n())"),
        ("f(**e())", "f(**e() or n())"),
        ("x = not e()", "x = not (e() or n())"),
        ("x = not (e())", "x = not (e() or n())"),
        ("x = a and e()", "x = a and (e() or n())"),
        ("x = (e()) and a", "x = (e() or n()) and a"),
        ("x = a or e()", "x = a or e() or n()"),
        ("x = e() or a", "x = e() or n() or a"),
        ("x = a or (e()) or b", "x = a or (e() or n()) or b"),
        ("x = a or e() and b", "x = a or (e() or n()) and b"),
        ("x = e() == a", "x = (e() or n()) == a"),
        ("x = e().b", "x = (e() or n()).b"),
        ("x = -e()", "x = -(e() or n())"),
        ("x = (y := e())", "x = (y := e() or n())"),
        ("f = lambda: e()", "f = lambda: e() or n()"),
        ("x = {e(): 1, **a}", "x = {e() or n(): 1, **a}"),
        ("x = a[e()]", "x = a[e() or n()]"),
        ("x = [e(), 1]", "x = [e() or n(), 1]"),
        ("@d(e())\ndef f(): pass", "@d(e() or n())\ndef f(): pass"),
        ("if (\n    a\n    and e()\n): pass", "if (\n    a\n    and (e() or n())\n): pass"),
        (
            "if (\n    a\n    or e()  # why\n): pass",
            "if (\n    a\n    or e() or n()  # why\n): pass",
        ),
        ("if a and \\\n    e(): pass", "if a and \\\n    (e() or n()): pass"),
        ("s = 'é'; x = e() and 'é'", "s = 'é'; x = (e() or n()) and 'é'"),
        ("async def f():\n    await e()", "async def f():\n    await (e() or n())"),
    ],
)
def test_it_has_parentheses_just_where_the_place_needs_them(before: str, after: str) -> None:
    assert_changes(_edit(), before, after)


@pytest.mark.parametrize(
    ("find", "by", "before", "after"),
    [
        ("a or b", "n", "x = a or b", "x = a or b or n"),
        ("a or b", "n", "x = (a or b) and c", "x = (a or b or n) and c"),
        ("a or b", "n", "x = (a or b) or c", "x = (a or b or n) or c"),
        ("a and b", "n", "x = a and b", "x = a and b or n"),
        ("a if b else c", "n", "x = a if b else c", "x = (a if b else c) or n"),
        ("a if b else c", "n", "x = (a if b else c) + 1", "x = ((a if b else c) or n) + 1"),
        ("lambda: a", "n", "x = lambda: a", "x = (lambda: a) or n"),
        ("a and b", "n", "x = (\n  a\n  and b\n)", "x = (\n  a\n  and b or n\n)"),
        ("a or b", "n", "if (a or\n  b) and c: d", "if (a or\n  b or n) and c: d"),
        ("f(a)", "n", "x = f(\n  a,  # why\n) or b", "x = f(\n  a,  # why\n) or n or b"),
        ("a", "n and o", "x = a", "x = a or n and o"),
        ("a", "n or o", "x = a", "x = a or n or o"),
        ("a", "n or o", "x = b or a", "x = b or a or n or o"),
        ("a", "n or o", "x = a or o", "x = a or n or o or o"),
        ("a", "not n", "x = not a", "x = not (a or not n)"),
        ("a", "n if o else p", "x = a", "x = a or (n if o else p)"),
        ("a", "lambda: o", "x = a or b", "x = a or (lambda: o) or b"),
        ("a", "f(\n    n,\n)", "if x:\n  y = a", "if x:\n  y = a or f(\n      n,\n  )"),
        ("a", "n not in o", "x = a", "x = a or n not in o"),
        ("$p.a()", "$p.n()", "if self.p.a() and x: y", "if (self.p.a() or self.p.n()) and x: y"),
        ("$p == 1", "$p == 2", "x = a + b == 1", "x = a + b == 1 or a + b == 2"),
        ("$p == 1", "2 * $p == 3", "x = a + b == 1", "x = a + b == 1 or 2 * (a + b) == 3"),
        ("a", "n and not a", "x = a", "x = a or n and not a"),
        ("a()", "n and a()", "x = a() and c", "x = (a() or n and a()) and c"),
    ],
)
def test_what_is_found_and_added_may_be_any_expression(
    find: str, by: str, before: str, after: str
) -> None:
    assert_changes(_edit(find, by), before, after)


@pytest.mark.parametrize(
    "code",
    ["e", "not e", "a and e", "e and a", "a or e", "e or a", "a == e", "e if a else not e"],
)
def test_it_is_true_just_where_the_condition_or_the_alternative_is(code: str) -> None:
    count = code.split().count("e")
    edit = _edit("e", "n", count)
    after = applied(one(f"x = {code}\n"), {"musa/p": patch(edit)})["m.py"].decode()
    for a, e, n in itertools.product((False, True), repeat=3):
        there = {"a": a, "e": e, "n": n}
        exec(after, {}, there)  # noqa: S102 - it is our own code
        assert there["x"] == eval(code, {}, {"a": a, "e": e or n})  # noqa: S307


def test_several_sites_are_counted() -> None:
    before = "if e(): pass\nif a and e(): pass\n"
    assert_changes(_edit(count=2), before, "if e() or n(): pass\nif a and (e() or n()): pass\n")
    outcome = outcome_of(_edit(), before)
    assert outcome.status is Status.DRIFTED
    assert outcome.problems[0][1].reason == "matched 2 sites, expected 1"


@pytest.mark.parametrize(
    "there",
    ["e() or n()", "n() or e()", "e() or a or n()", "(n() or a) or e()", "e() or (n())"],
)
def test_an_alternative_that_is_there_is_obsolete_wherever_it_stands(there: str) -> None:
    assert_untouched(_edit(), f"if {there}: pass\n", Status.OBSOLETE)


def test_only_some_that_are_there_is_drift() -> None:
    outcome = outcome_of(_edit(count=2), "x = e() or n()\ny = e()\n")
    assert outcome.status is Status.DRIFTED


def test_a_longer_or_that_was_widened_is_obsolete() -> None:
    assert_untouched(_edit("a or b", "n"), "x = a or b or n\n", Status.OBSOLETE)
    assert_untouched(_edit("a", "n or o"), "x = a or o or n\n", Status.OBSOLETE)
    assert_untouched(_edit("a", "n or o"), "x = b or o\n")


def test_an_and_is_no_alternative() -> None:
    assert_changes(_edit(), "x = e() and n()\n", "x = (e() or n()) and n()\n")


def test_what_is_not_there_is_drift_with_the_closest() -> None:
    problem = assert_untouched(_edit("self.p.is_cuda()"), "if self.p.is_cuda_like(): pass\n")
    assert (problem.reason, problem.closest) == (
        "matched 0 sites, expected 1",
        "self.p.is_cuda_like()",
    )


def test_a_name_that_is_assigned_to_is_no_condition() -> None:
    problem = assert_untouched(_edit("a", "n"), "a = 1\n")
    assert problem.reason == "'n' cannot be written there"


@pytest.mark.parametrize("place", ["x = e()", "x = not e()", "x = a or e()"])
def test_two_patches_widen_one_condition(place: str) -> None:
    patches = {"ascend/p": patch(_edit(by="is_npu()")), "musa/p": patch(_edit(by="is_musa()"))}
    after = applied(one(f"{place}\n"), patches)["m.py"].decode()
    for values in itertools.product((False, True), repeat=4):
        a, e, npu, musa = values
        there: dict[str, object] = {"a": a}
        for name, value in (("e", e), ("is_npu", npu), ("is_musa", musa)):
            there[name] = lambda value=value: value
        exec(after, there)  # noqa: S102 - it is our own code
        widened = e or npu or musa
        wanted = eval(place[4:], {"a": a, "e": lambda it=widened: it})  # noqa: S307
        assert there["x"] == wanted


def test_one_inside_of_another_is_widened_first() -> None:
    patches = {"a/p": patch(_edit("a and e", "o")), "b/p": patch(_edit("e", "n"))}
    after = applied(one("x = a and e\n"), patches)["m.py"].decode()
    assert after == "x = a and (e or n) or o\n"


def test_what_writes_the_condition_again_is_a_conflict() -> None:
    patches = {
        "a/p": patch(_edit()),
        "b/p": patch(Replace(inside="m", find="e()", replace="a if b else c")),
    }
    outcomes = match_patches(patches, one("x = e()\n"), "0.33.0")
    assert [outcome.status for outcome in outcomes] == [Status.CONFLICT] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"find": "x = 1"}, "`find` must be an expression"),
        ({"by": "return"}, "`by` must be an expression"),
        ({"by": ""}, "must not be empty"),
        ({"by": "$q"}, "never bound"),
        ({"by": "e()"}, "cannot be told from"),
        ({"by": "n() or e()"}, "cannot be told from"),
        ({"find": "$p.a()", "by": "q.a()"}, "cannot be told from"),
        ({"count": 0}, "`count` must be at least 1"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Widen(**{"inside": "m", "find": "e()", "by": "n()", **fields})  # type: ignore[arg-type]
