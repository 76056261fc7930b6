"""Where metavariables may stand: everywhere else they are refused when a patch is declared."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.metavariables import PatternError, decode, encode, many_name, one_name
from transforms.engine.pattern import Pattern


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
    "text",
    [
        "$x.$name",
        "self$x",
        "$x$y",
        "def $f(): pass",
        "def f($x): pass",
        "class $C: pass",
        "f($key=1)",
        "import $x",
        "import a.$x",
        "from $m import a",
        "from m import a as $x",
        "global $x",
        "lambda $x: 1",
        "try: pass\nexcept E as $x: pass",
        "match a:\n    case $x: pass",
    ],
)
def test_a_metavariable_cannot_be_a_name(text: str) -> None:
    with pytest.raises(PatternError, match="stands where only a name can"):
        Pattern.parse(text)


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
        "if $$x: pass",
    ],
)
def test_many_things_cannot_stand_where_one_must(text: str) -> None:
    with pytest.raises(PatternError, match=r"\$\$[xy] stands where one expression must"):
        Pattern.parse(text)


@pytest.mark.parametrize(
    "text",
    ["f($$x)", "[$$x]", "{$$x}", "($$x,)", "class A($$x): pass", "if a:\n    $$x", "a[$$x, 1]"],
)
def test_many_things_stand_as_arguments_elements_and_statements(text: str) -> None:
    assert Pattern.parse(text).names == {"x"}


def test_one_name_cannot_be_of_both_kinds() -> None:
    with pytest.raises(PatternError, match=r"both \$x and \$\$x"):
        Pattern.parse("f($x, $$x)")
