"""ReplaceFunction: another definition, where upstream's is one that the author has read."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.transforms.executed import executed_after
from tests.transforms.trees import (
    NAME,
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import InsertAfter, Replace, ReplaceFunction
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.source import parse

_BEFORE = "def f(x):\n    return x\n"
_CODE = "def f(x):\n    return x + 1"


def _hash(code: str) -> str:
    (node,) = parse(code).body
    return body_hash(node)


def _edit(
    code: str = _CODE, inside: str = "m.f", bodies: dict[str, str] | None = None
) -> ReplaceFunction:
    known = {">=0.30": _hash(_BEFORE)} if bodies is None else bodies
    return ReplaceFunction(inside=inside, code=code, bodies=known)


def test_all_of_the_function_is_what_the_patch_says() -> None:
    old = (
        "    @one\n    @two(1)\n    def f(self, x):\n        'Old.'\n        # about it\n"
        "        return x  # why\n"
    )
    new = (
        "    # ours\n    @three\n    async def f(self):\n        'New.'\n        return '''\n"
        "  2\n'''  # because\n"
    )
    code = "# ours\n@three\nasync def f(self):\n    'New.'\n    return '''\n  2\n'''  # because\n"
    class_text = "class A:\n    # above\n{}\n    y = 1\n"
    assert_changes(
        _edit(code, "m.A.f", {"": _hash(dedent(old))}),
        class_text.format(old),
        class_text.format(new),
    )


def test_the_layout_is_that_of_the_patch() -> None:
    assert_changes(
        _edit("def f( x ):\n  # why\n  return (x)+1"),
        _BEFORE,
        "def f( x ):\n  # why\n  return (x)+1\n",
    )


def test_line_ends_are_those_of_the_file() -> None:
    before, after = (
        f"{code.strip()}\n".replace("\n", "\r\n").encode() for code in (_BEFORE, _CODE)
    )
    assert_changes(_edit(), before, after)


def test_one_part_of_a_property_is_replaced() -> None:
    before = """
    class A:
        @property
        def x(self):
            return self.y

        @x.setter
        def x(self, y):
            self.y = y
    """
    code = "@x.setter\ndef x(self, y):\n    self.y = y * 2"
    known = _hash("@x.setter\ndef x(self, y):\n    self.y = y")
    item = executed_after(before, _edit(code, "m.A.x.setter", {"": known})).A()
    item.x = 4
    assert item.x == 8


@pytest.mark.parametrize(
    "same",
    [
        "def f(x):\n    '''Of another docstring.'''\n    return x + 1\n",
        "def f(\n    x\n):  # why\n    return (x + 1)\n",
    ],
)
def test_the_same_code_is_obsolete(same: str) -> None:
    assert_untouched(_edit(), same, Status.OBSOLETE)


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x * 2\n",
        "async def f(x):\n    return x\n",
        "def f(y):\n    return y\n",
        "def f(x=1):\n    return x\n",
        "def f(x: int):\n    return x\n",
        "@d\ndef f(x):\n    return x\n",
        "def f(x):\n    pass\n    return x\n",
        "async def f(x):\n    return x + 1\n",
    ],
)
def test_a_body_that_nobody_has_read_is_drift(other: str) -> None:
    problem = assert_untouched(_edit(bodies={">=0.9": _hash(_BEFORE), "<0.9": "0" * 16}), other)
    assert problem.reason == "the body of f is not one that this patch was written against"
    assert (problem.path, problem.scope, problem.looked_for) == ("m.py", "f", "def f(x):")
    assert problem.notes == (
        f"there is: {_hash(other)}",
        f"known: {_hash(_BEFORE)} for >=0.9",
        f"known: {'0' * 16} for <0.9",
        f'compare both; if `code` still holds, add to `bodies`: "==0.33.0": "{_hash(other)}",',
    )


def test_the_line_that_the_message_gives_makes_the_patch_hold() -> None:
    problem = assert_untouched(_edit(bodies={}), _BEFORE)
    assert "known: none" in problem.notes
    bodies = ast.literal_eval("{" + problem.notes[-1].partition("`bodies`: ")[2] + "}")
    assert outcome_of(_edit(bodies=bodies), _BEFORE).status is Status.APPLIED


def test_a_body_counts_only_for_the_releases_that_it_is_listed_for() -> None:
    edit = _edit(bodies={"<0.33": _hash(_BEFORE)})
    problem = assert_untouched(edit, _BEFORE)
    assert problem.notes[-1] == "it is the body of <0.33: let that admit 0.33.0"
    (older,) = match_patches({NAME: patch(edit)}, one(_BEFORE), "0.32.1")
    assert older.status is Status.APPLIED
    two = _edit(bodies={">=0.33": "0" * 16, "==0.33.*": _hash(_BEFORE)})
    assert outcome_of(two, _BEFORE).status is Status.APPLIED


def test_an_edit_inside_of_a_replaced_function_is_a_conflict() -> None:
    for other in (
        Replace(inside="m.f", find="return x", replace="return 2"),
        InsertAfter(inside="m.f", anchor="x", code="g()"),
    ):
        code = "def f(x):\n    x\n    return x\n"
        patches = {"p/a": patch(_edit(bodies={"": _hash(code)})), "p/b": patch(other)}
        outcomes = match_patches(patches, one(code), "0.33.0")
        assert {item.status for item in outcomes} == {Status.CONFLICT}


def test_the_neighbours_stay_as_they_are() -> None:
    before = "a = 1\n" + _BEFORE + "# last\nb = 2"
    after = applied(one(before), {NAME: patch(_edit())})["m.py"].decode()
    assert after == f"a = 1\n{_CODE}\n# last\nb = 2"


@pytest.mark.parametrize(
    ("inside", "reason"),
    [("m.A", "A is not a function 'A'"), ("m", "m.py is not a function 'm'")],
)
def test_what_is_no_function_is_drift(inside: str, reason: str) -> None:
    name = inside.rpartition(".")[2]
    problem = assert_untouched(_edit(f"def {name}(): pass", inside), "class A: pass\n")
    assert problem.reason == reason


def test_an_accessor_is_no_name() -> None:
    before = "class A:\n    @property\n    def x(self): pass\n"
    known = {"": _hash("@property\ndef x(self): pass")}
    problem = assert_untouched(_edit("def getter(self): pass", "m.A.x.getter", known), before)
    assert problem.reason == "A.x.getter is not a function 'getter'"
    before = "class A:\n    def setter(self): pass\n"
    edit = _edit("def setter(self): return 1", "m.A.setter", {"": _hash("def setter(self): pass")})
    assert executed_after(before, edit).A().setter() == 1


def test_a_function_that_is_not_there_is_missing() -> None:
    assert outcome_of(_edit(), "x = 1\n").status is Status.MISSING


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"code": ""}, "must not be empty"),
        ({"code": "x = 1"}, "one function definition"),
        ({"code": "def f(): pass\nx = 1"}, "one function definition"),
        ({"code": "def g(): pass"}, "must define 'f', as `inside` says"),
        ({"code": "def f(): return $x"}, "never bound"),
        ({"code": "def f("}, "not Python"),
        ({"inside": "m.A.f.setter", "code": "def g(): pass"}, "must define 'f'"),
        ({"inside": "m..f"}, "dotted path"),
        ({"bodies": {"0.9": "0" * 16}}, "Invalid specifier"),
        ({"bodies": {">=0.9": "0" * 15}}, "16 hexadecimal digits"),
        ({"bodies": {">=0.9": "X" * 16}}, "16 hexadecimal digits"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m.f", "code": "def f(): pass", "bodies": {}}
    with pytest.raises(ValueError, match=message):
        ReplaceFunction(**{**good, **fields})  # type: ignore[arg-type]
