"""The text of what was bound: flush left, with its comments, strings untouched."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.patterns.bound_text import EMPTY, decorators_forms, ends_with_comment, forms
from transforms.engine.patterns.pattern import Pattern


def _forms(pattern: str, code: str | bytes, name: str = "x") -> list[str]:
    source = source_of(code)
    (match,) = Pattern.parse(pattern).matches(source.module)
    return forms(match.bindings[name], source, source.span(match.nodes[0]).start)  # type: ignore[arg-type]


def test_an_expression_may_be_put_in_parentheses() -> None:
    code = "if c:\n    f((a or\n       b))\n"
    assert _forms("f($x)", code) == ["a or\n   b", "(a or\n   b)"]


def test_lines_of_a_string_are_not_moved() -> None:
    code = 'if y:\n    f(g(1,\n        """\n        a\n  b""",\n        2))\n'
    assert _forms("f($x)", code)[0] == 'g(1,\n    """\n        a\n  b""",\n    2)'


def test_line_ends_of_the_file_become_line_feeds() -> None:
    assert _forms("f($x)", b"f(g(1,\r\n    2))\r\n")[0] == "g(1,\n    2)"
    assert _forms("f($x)", b"f(g(1,\r    2))\r")[0] == "g(1,\n    2)"


def test_arguments_keep_the_comments_between_them() -> None:
    code = "f(\n    1,  # one\n    k=2,\n)\n"
    assert _forms("f($$x)", code) == ["1,  # one\nk=2", "1, k=2"]


def test_arguments_with_another_between_are_joined() -> None:
    assert _forms("f($$x, k=0)", "f(1, k=0, j=2)\n") == ["1, j=2"]


def test_arguments_in_parentheses_can_keep_them() -> None:
    code = "f((yield), *(a or b), **(c or d))\n"
    assert _forms("f($$x)", code) == ["(yield), *(a or b), **(c or d)"]


def test_nothing_leaves_no_comma_behind() -> None:
    assert _forms("f($$x)", "f()\n") == [EMPTY, "", "pass"]


def test_statements_are_flush_left_with_the_comment_behind_them() -> None:
    code = """
        def f():
            if a:
                b()  # why
                # because
                @d
                class C:
                    pass  # end

                # not theirs
    """
    assert _forms("if a:\n    $$x", code) == [
        "b()  # why\n# because\n@d\nclass C:\n    pass  # end"
    ]


def test_comments_above_statements_belong_to_them_inside_the_match() -> None:
    code = "# outside\nif a:  # header\n    # one\n\n      # two\n    b()\n"
    assert _forms("if a:\n    $$x", code) == ["# one\n\n  # two\nb()", "b()"]
    assert _forms("$$x\nb()", "# outside\na()\n# inside\nb()\n") == ["a()"]
    assert _forms("a()\n$$x", "# outside\na()\n# inside\nb()\n") == ["# inside\nb()", "b()"]


def test_statements_of_a_one_line_block_are_flush_left() -> None:
    assert _forms("if a:\n    $$x", "if a: b(); c()  # end\n") == ["b(); c()  # end"]


@pytest.mark.parametrize(
    ("code", "end"),
    [("a()  # b\n", 8), ("a()\n", 3), ("a()", 3), ("a();  # b\n", 3), ("a()\n# b\n", 3)],
)
def test_a_comment_belongs_to_the_statement_before_it(code: str, end: int) -> None:
    source = source_of(code)
    assert ends_with_comment(source.module.body[0], source) == end


@pytest.mark.parametrize(
    ("code", "forms_there"),
    [
        ("@a\n@(b or c)\ndef f(): pass\n", ["a\n@b or c", "a\n@(b or c)"]),
        ("@a(1,  # one\n  2)\ndef f(): pass\n", ["a(1,  # one\n  2)", "(a(1,  # one\n  2))"]),
        ("def f(): pass\n", [EMPTY]),
    ],
)
def test_decorators_stand_below_each_other(code: str, forms_there: list[str]) -> None:
    source = source_of(code)
    (match,) = Pattern.parse("@$$x\ndef f(): pass").matches(source.module)
    assert decorators_forms(match.bindings["x"], source) == forms_there


def test_a_name_without_a_position_is_written_as_it_is() -> None:
    assert _forms("$y.$x", "a.b\n") == ["b"]
    assert _forms("import $x", "import a.b\n") == ["a.b"]


def test_slices_are_elements_of_a_subscript_only() -> None:
    assert _forms("a[$$x, 0]", "a[1:2, b, 0]\n") == ["1:2, b", "1:2, b"]
