"""WrapFunction: what it writes and where, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.executed import executed
from tests.transforms.trees import (
    NAME,
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_on,
    patch,
    source_of,
)
from transforms.edits import AddMember, InsertAfter, InsertBefore, Replace, WrapFunction
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from transforms.engine.edit import Edit


_COUNTED = "log.append('before')"
_CHECKED = "log.append('after')"


def _edit(inside: str, **code: str) -> WrapFunction:
    return WrapFunction(inside=inside, **(code or {"before": _COUNTED, "after": _CHECKED}))


def test_the_wrapper_stands_between_the_decorators_and_the_original() -> None:
    assert_changes(
        _edit("m.A.f"),
        '''
        class A:
            # first
            @one  # two
            @two(
                x=1,
            )
            # why
            async  def  f ( self , a : "int"=1 , /, *b,  c  = ( 2 ), # all
                **d )->(  # of it
                    int ) :  # noqa
                r"""Say
              what\\n.
                """
                return 1  # end

            # next
            x = 1
        ''',
        '''
        class A:
            # first
            @one  # two
            @two(
                x=1,
            )
            # why
            async  def  f ( self , a : "int"=1 , /, *b,  c  = ( 2 ), # all
                **d )->(  # of it
                    int ) :
                r"""Say
              what\\n.
                """
                log.append('before')
                result = await __class__._wheelwright_original_A_f(self, a, *b, c=c, **d)
                log.append('after')
                return result

            async  def  _wheelwright_original_A_f ( self , a : "int"=1 , /, *b,  c  = ( 2 ), # all
                **d )->(  # of it
                    int ) :  # noqa
                r"""Say
              what\\n.
                """
                return 1  # end

            # next
            x = 1
        ''',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def f(x): return x\n",
            (
                "def f(x):\n    g()\n    return _wheelwright_original_f(x)\n\n\n"
                "def _wheelwright_original_f(x): return x\n"
            ),
        ),
        (
            "if a:\n\tdef f(x): return x\n",
            (
                "if a:\n\tdef f(x):\n\t\tg()\n\t\treturn _wheelwright_original_f(x)\n\n\n"
                "\tdef _wheelwright_original_f(x): return x\n"
            ),
        ),
        (
            "if a:\n\tdef f():\n\t\t'd'; return 1\n",
            (
                "if a:\n\tdef f():\n\t\t'd'\n\t\tg()\n\t\treturn _wheelwright_original_f()\n\n\n"
                "\tdef _wheelwright_original_f():\n\t\t'd'; return 1\n"
            ),
        ),
        (
            b"def f():\r\n  ('a'\r\n   'b')\r\n  return 1\r\n",
            (
                b"def f():\r\n  ('a'\r\n   'b')\r\n  g()\r\n  return _wheelwright_original_f()\r\n"
                b"\r\n\r\ndef _wheelwright_original_f():\r\n  ('a'\r\n   'b')\r\n  return 1\r\n"
            ),
        ),
        (
            "class A:\n class B:\n  def é(self, ü='ä'): pass\n",
            (
                "class A:\n class B:\n  def é(self, ü='ä'):\n      g()\n"
                "      return __class__._wheelwright_original_A_B_é(self, ü)\n\n"
                "  def _wheelwright_original_A_B_é(self, ü='ä'): pass\n"
            ),
        ),
        (
            "def o():\n    def f():\n        return 1\n    return f\n",
            (
                "def o():\n    def f():\n        g()\n        return _wheelwright_original_o_f()\n"
                "\n    def _wheelwright_original_o_f():\n        return 1\n    return f\n"
            ),
        ),
    ],
)
def test_the_style_of_the_place_is_kept(before: str | bytes, after: str | bytes) -> None:
    text = before.decode() if isinstance(before, bytes) else before
    inside = "m.A.B.é" if "é" in text else "m.o.f" if "def o" in text else "m.f"
    assert_changes(_edit(inside, before="g()"), before, after)


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ({"before": "x = 1"}, "x = 1\nreturn W(x)"),
        ({"after": "g(result)"}, "result = W(x)\ng(result)\nreturn result"),
        ({"around": "return $call"}, "return W(x)"),
        ({"around": "return $original( )"}, "return W( )"),
        ({"around": "return g($original)"}, "return g(W)"),
        ({"around": "'$call'; return $call + 1"}, "'$call'; return W(x) + 1"),
        ({"before": "'''\nx\n'''"}, "'''\nx\n'''\nreturn W(x)"),
    ],
)
def test_the_body_of_a_wrapper(code: dict[str, str], body: str) -> None:
    lines = body.replace("W", "_wheelwright_original_f").split("\n")
    inside = {"x", "'''"} if "'''" in body else set()
    indented = "\n".join(
        line if number and line in inside else f"    {line}" for number, line in enumerate(lines)
    )
    before = "def f(x):\n    return x\n"
    after = f"def f(x):\n{indented}\n\n\ndef _wheelwright_original_f(x):\n    return x\n"
    assert_changes(_edit("m.f", **code), before, after)


@pytest.mark.parametrize(
    ("around", "body"),
    [
        ("return $original()", "return W(self)"),
        ("return $original( # why\n    1)", "return W(self, # why\n            1)"),
        ("return $original (*x, y=1)", "return W(self, *x, y=1)"),
        ("return map($original, x)", "return map(W.__get__(self), x)"),
    ],
)
def test_the_original_is_bound_where_there_is_something_to_bind(around: str, body: str) -> None:
    wanted = body.replace("W", "__class__._wheelwright_original_A_f")
    assert_changes(
        _edit("m.A.f", around=around),
        "class A:\n    def f(self, *x): pass\n",
        f"class A:\n    def f(self, *x):\n        {wanted}\n\n"
        "    def _wheelwright_original_A_f(self, *x): pass\n",
    )


_BODY = "class A:\n    def f(self, x):\n        '''D.'''\n        y = x\n        return y\n"


@pytest.mark.parametrize(
    "inner",
    [
        Replace(inside="m.A.f", find="y = x", replace="y = x + 1"),
        InsertAfter(inside="m.A.f", anchor="y = x", code="y += 1"),
        Replace(inside="m.A", find="return $y", replace="return $y + 1"),
    ],
)
def test_an_edit_inside_of_the_wrapped_function_commutes(inner: Edit) -> None:
    edits = (_edit("m.A.f", after="result *= 10"), inner)
    results = []
    for names in (("p/a", "p/b"), ("p/b", "p/a")):
        patches = dict(zip(names, (patch(edit) for edit in edits), strict=True))
        results.append(applied(one(_BODY), patches)["m.py"])
    assert results[0] == results[1]
    assert executed(results[0]).A().f(1) == 20


@pytest.mark.parametrize(
    ("decorator", "outer"),
    [
        (decorator, outer)
        for decorator in ("", "    @staticmethod\n")
        for outer in (
            AddMember(inside="m.A", after="f", code="def g(x): return A.f(x)"),
            AddMember(inside="m.A", before="f", code="def g(x): return A.f(x)"),
            AddMember(inside="m.A", code="g = staticmethod(lambda x: A.f(x))"),
            InsertBefore(inside="m.A", anchor="y = 1", code="g = staticmethod(lambda x: A.f(x))"),
            InsertAfter(inside="m.A", anchor="y = 1", code="g = staticmethod(lambda x: A.f(x))"),
        )
    ],
)
def test_an_insertion_beside_the_wrapped_function_commutes(decorator: str, outer: Edit) -> None:
    before = f"class A:\n    y = 1\n{decorator}    def f(x): return x\n"
    results = set()
    for names in (("p/a", "p/b"), ("p/b", "p/a")):
        edits = (_edit("m.A.f", after="result *= 10"), outer)
        patches = {name: patch(edit) for name, edit in zip(names, edits, strict=True)}
        results.add(applied(one(before), patches)["m.py"])
    assert len(results) == 1
    assert executed(results.pop()).A.g(2) == 20


def test_an_edit_of_the_parameters_or_a_second_wrapper_is_a_conflict() -> None:
    before = "def f(x=1):\n    return x\n"
    for other in (
        Replace(inside="m.f", find="1", replace="2"),
        _edit("m.f", before="pass"),
    ):
        patches = {"p/a": patch(_edit("m.f")), "p/b": patch(other)}
        outcomes = match_patches(patches, one(before), "0.33.0")
        assert {item.status for item in outcomes} == {Status.CONFLICT}


def test_one_function_is_one_site() -> None:
    outcome = outcome_on(one(_BODY), _edit("m.A.f"))
    (site,) = outcome.sites
    assert source_of(_BODY).data[site.start : site.end] == b"def f(self, x):"
    assert site.line == 2


def test_a_function_that_is_wrapped_in_other_code_is_drift() -> None:
    there = applied(one(_BODY), {NAME: patch(_edit("m.A.f"))})["m.py"]
    problem = assert_untouched(_edit("m.A.f", before="pass"), there)
    assert problem.reason == "f is wrapped already, in other code"
    taken = "_wheelwright_original_A_f = 1\n" + _BODY
    problem = assert_untouched(_edit("m.A.f"), taken)
    assert problem.reason == "the name _wheelwright_original_A_f is taken in this file"


@pytest.mark.parametrize(
    ("inside", "code", "before", "reason"),
    [
        ("m.f", {"after": "g()"}, "def f(result): pass", "has a parameter `result` of its own"),
        ("m.f", {"before": "yield"}, "def f(): pass", "f is no generator"),
        ("m.f", {"around": "return $call"}, "def f(): yield", "f is a generator"),
        ("m.f", {"before": "yield"}, "async def f(): pass", "f is no generator"),
        ("m.f", {"before": "await g()"}, "def f(): pass", "no `async def`"),
        ("m.f", {"before": "[x async for x in g()]"}, "def f(): pass", "no `async def`"),
        ("m.f", {"after": "g(result)"}, "async def f(): yield", "it has no `result`"),
        ("m.f", {"before": "g()"}, "@triton.jit\ndef f(): pass", "compiled from its source"),
        ("m.f", {"before": "g()"}, "@jit(x=1)\ndef f(): pass", "compiled from its source"),
        (
            "m.E._generate_next_value_",
            {"before": "g()"},
            "class E(Enum):\n def _generate_next_value_(n, *a): return n\n x = auto()",
            "called at line 2, while its class is made",
        ),
        ("m.A.f", {"before": "g()"}, "class A:\n def f(s, *, __k): pass", "gives __k another name"),
        ("m.A.f", {"before": "g()"}, "class A:\n def f(x): pass\n y = f(1)", "called at line 3"),
        (
            "m.A.f",
            {"before": "g()"},
            "class A:\n def f(x): pass\n @f\n def g(s): pass",
            "at line 4",
        ),
        ("m.A.f", {"around": "$original()"}, "class A:\n def f(*a): pass", "no first parameter"),
        ("m.A", {"before": "g()"}, "class A: pass", "A is not a function"),
        ("m", {"before": "g()"}, "def f(): pass", "m.py is not a function"),
        (
            "m.A.f",
            {"around": "$original(x for x in y)"},
            "class A:\n def f(s): pass",
            "the code of the wrapper is not Python around that function",
        ),
    ],
)
def test_what_cannot_be_wrapped_is_refused(
    inside: str, code: dict[str, str], before: str, reason: str
) -> None:
    assert reason in assert_untouched(_edit(inside, **code), before + "\n").reason


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give `before`, `after` or both"),
        ({"before": " "}, "give `before`, `after` or both"),
        ({"before": "g()", "around": "$call"}, "give `before`, `after` or both"),
        ({"around": "return 1"}, "must use `\\$call` or `\\$original`"),
        ({"around": "return $other"}, "never bound"),
        ({"around": "$call; $$call"}, "both"),
        ({"before": "return $call"}, "never bound"),
        ({"after": "f("}, "not Python"),
        ({"before": "g()", "inside": "m f"}, "dotted path"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WrapFunction(**{"inside": "m.f", **fields})
