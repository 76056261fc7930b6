"""Where metavariables may stand: everywhere else they are refused when a patch is declared."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.patterns.metavariables import (
    PatternError,
    decode,
    encode,
    many_name,
    one_name,
)
from transforms.engine.patterns.pattern import Pattern


def test_metavariables_are_read_as_names() -> None:
    (call,) = ast.parse(encode("f($x, $$rest)")).body
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    one, many = call.value.args
    assert (one_name(one), many_name(one)) == ("x", None)
    assert (one_name(many), many_name(many)) == (None, "rest")


@pytest.mark.parametrize(
    "text",
    [
        '"$x"',
        "'it\\'s $x'",
        '"""a "$x" b"""',
        "'''\n$x\n'''",
        "r'\\d$x'",
        "a  # costs $x",
    ],
)
def test_strings_and_comments_keep_their_dollars(text: str) -> None:
    assert encode(text) == text


def test_a_message_shows_metavariables_as_they_were_written() -> None:
    assert decode(encode("f($x, $$rest)")) == "f($x, $$rest)"


@pytest.mark.parametrize(
    "text", ["self$x", "$x$y", "a.b_$x", "def f_$x(): pass", "import a.$x", "from $x.a import b"]
)
def test_a_metavariable_cannot_be_a_part_of_a_name(text: str) -> None:
    with pytest.raises(PatternError, match="as a part of a name"):
        Pattern.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "$y.$x",
        "def $x(): pass",
        "def f($x): pass",
        "def f(*$x): pass",
        "def f(**$x): pass",
        "class $x: pass",
        "f($x=1)",
        "class C($x=1): pass",
        "import $x",
        "import a as $x",
        "from $x import a",
        "from .$x import a",
        "from m import $x",
        "from m import a as $x",
        "global $x",
        "nonlocal $x",
        "lambda $x: 1",
        "try: pass\nexcept E as $x: pass",
        "match a:\n    case $x: pass",
        "match a:\n    case [*$x]: pass",
        "match a:\n    case C($x=1): pass",
        "match a:\n    case {**$x}: pass",
        "match a:\n    case 1 as $x: pass",
    ],
)
def test_a_metavariable_stands_wherever_a_name_does(text: str) -> None:
    assert "x" in Pattern.parse(text).names


@pytest.mark.parametrize(
    "text",
    [
        "$$x + 1",
        "x = $$y",
        "return $$x",
        "f(*$$x)",
        "f(**$$x)",
        "f(k=$$x)",
        "a[$$x]",
        "$$x or b",
        "{1: $$x}",
        "{$$x: 1}",
        "{$$x: $$x}",
        "{**$$x}",
        "if $$x: pass",
        "with $$x as a: pass",
        "del $$x",
        "lambda a: $$x",
        "def f(a=$$x): pass",
    ],
)
def test_many_things_cannot_stand_where_one_must(text: str) -> None:
    with pytest.raises(PatternError, match=r"\$\$[xy] stands where one expression must"):
        Pattern.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "a.$$x",
        "def $$x(): pass",
        "class $$x: pass",
        "f($$x=1)",
        "def f(*$$x): pass",
        "def f(**$$x): pass",
        "def f($$x: int): pass",
        "def f($$x=1): pass",
        "from $$x import a",
        "from m import a as $$x",
        "from m import $$x as a",
        "from m import $$y, $$x",
        "global $$x",
        "try: pass\nexcept E as $$x: pass",
    ],
)
def test_many_things_cannot_stand_where_one_name_must(text: str) -> None:
    with pytest.raises(PatternError, match=r"\$\$x stands where one name must"):
        Pattern.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "f($$x)",
        "[$$x]",
        "{$$x}",
        "($$x,)",
        "class A($$x): pass",
        "if a:\n    $$x",
        "a[$$x, 1]",
        "def f($$x): pass",
        "def f(a, b=1, $$x): pass",
        "def f(a: int = (1, 2), $$x, *args): pass",
        "async def f(a, *, k=1, $$x): pass",
        "lambda $$x: 1",
        "lambda a=1, $$x: 1",
        "from a import $$x",
        "from a import b, $$x",
        "import $$x",
        "with $$x: pass",
        "with a as b, $$x: pass",
        "@$$x\ndef f(): pass",
        "@a\n@$$x\nclass C: pass",
        "{$$x, 'a': 1}",
        "{'a': {1: 2}, $$x}",
        "f({'a': lambda: 1, $$x})",
    ],
)
def test_many_things_stand_wherever_python_has_a_list(text: str) -> None:
    assert Pattern.parse(text).names == {"x"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("def f($$x): g($$x)", "parameters and for arguments or elements"),
        ("from a import $$x\n$$x", "statements and for imported names"),
        ("f($$x)\nif a:\n    $$x", "statements and for arguments or elements"),
        ("with $$x: f($$x)", "context managers and for arguments or elements"),
        ("f({$$x, 'a': 1}, $$x)", "arguments or elements and for items of a dictionary"),
    ],
)
def test_one_name_stands_for_one_kind_of_thing(text: str, kinds: str) -> None:
    with pytest.raises(PatternError, match=rf"\$\$x stands for {kinds}"):
        Pattern.parse(text)


def test_a_dictionary_and_parameters_are_shown_as_they_were_written() -> None:
    for text in ("{$$x, 'a': 1}", "lambda a=1, $$x: 1"):
        assert decode(ast.unparse(Pattern.parse(text).nodes[0])) == text


def test_one_name_cannot_be_of_both_kinds() -> None:
    with pytest.raises(PatternError, match=r"both \$x and \$\$x"):
        Pattern.parse("f($x, $$x)")
