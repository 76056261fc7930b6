"""Guard: statements stand behind a condition, with their comments, one level deeper."""

from __future__ import annotations

import pytest

from tests.transforms.trees import applied, assert_changes, assert_untouched, one, patch
from transforms.edits import Guard
from transforms.engine.outcome import Status


def _edit(find: str = "a()", condition: str = "c", orelse: str = "", count: int = 1) -> Guard:
    return Guard(inside="m", find=find, condition=condition, orelse=orelse, count=count)


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ("a()", "a()  # why\nb()\n", "if c:\n    a()  # why\nb()\n"),
        ("a()", "# above\na()", "# above\nif c:\n    a()"),
        ("x = $y", "x = f(\n    1,\n)\n", "if c:\n    x = f(\n        1,\n    )\n"),
        ("import a", "import a\n", "if c:\n    import a\n"),
        ("from a import b", "try:\n  from a import b\nfinally: pass\n", None),
        ("return $x", "def f():\n\treturn 1\n", "def f():\n\tif c:\n\t\treturn 1\n"),
        ("a()\nb()", "a()\n# between\n\nb()\n", "if c:\n    a()\n    # between\n\n    b()\n"),
        ("a()\nb()", "a(); b()\n", "if c:\n    a(); b()\n"),
        ("a('''$$x''')", "a('''$$x''')\n", "if c:\n    a('''$$x''')\n"),
        ("x = $y", "x = '''\n1\n  2'''\n", "if c:\n    x = '''\n1\n  2'''\n"),
        ("x = $y", "x = f'''\n{a}\n'''\n", "if c:\n    x = f'''\n{a}\n'''\n"),
        ("x = $y", "x = 1 + \\\n  2\n", "if c:\n    x = 1 + \\\n      2\n"),
        ("for x in y: $$b", "for x in y:\n  b\n  # end\n  d\n", None),
        ("if x:", "if x: b\nelse: d\n", "if c:\n    if x: b\n    else: d\n"),
    ],
)
def test_the_statements_keep_their_text(find: str, before: str, after: str | None) -> None:
    special = {
        "from a import b": "try:\n  if c:\n    from a import b\nfinally: pass\n",
        "for x in y: $$b": "if c:\n  for x in y:\n    b\n    # end\n    d\n",
    }
    assert_changes(_edit(find), before, after or special[find])


def test_a_compound_statement_is_guarded_as_a_whole() -> None:
    assert_changes(
        _edit("@d\ndef f(x): $$body"),
        """
        # About f.
        @d  # why
        def f(x):
            '''Say.

            More.
            '''

            # first
            a()
            return x

        b()
        """,
        """
        # About f.
        if c:
            @d  # why
            def f(x):
                '''Say.

            More.
            '''

                # first
                a()
                return x

        b()
        """,
    )


def test_a_file_keeps_its_line_ends_and_its_indentation() -> None:
    assert_changes(
        _edit("a()\nb()", orelse="d()"),
        b"def f():\r\n  a()\r\n  # \xc3\xa9\r\n  b()  # why\r\n",
        b"def f():\r\n  if c:\r\n    a()\r\n    # \xc3\xa9\r\n    b()  # why\r\n"
        b"  else:\r\n    d()\r\n",
    )


def test_an_else_takes_what_the_statements_bind() -> None:
    assert_changes(
        _edit("$x = run($$a)", "$x is None", "if d:\n    $x = '''\n1'''\n    go($$a)"),
        "self.x = run(1,  k=2)\n",
        "if self.x is None:\n    self.x = run(1,  k=2)\nelse:\n    if d:\n"
        "        self.x = '''\n1'''\n        go(1,  k=2)\n",
    )


def test_the_else_may_hold_the_same_statement() -> None:
    assert_changes(_edit(orelse="b()\na()"), "a()\n", "if c:\n    a()\nelse:\n    b()\n    a()\n")


@pytest.mark.parametrize("condition", ["(x := f())", "a if b else d", "not a", "f(\n  1\n)"])
def test_any_condition_can_stand_there(condition: str) -> None:
    assert_changes(_edit(condition=condition), "a()\n", f"if {condition}:\n    a()\n")


@pytest.mark.parametrize("value", [False, True])
def test_the_one_or_the_other_runs(value: bool) -> None:  # noqa: FBT001 - pytest's
    edit = _edit("log.append($x)\nlog.append($y)", "c", "log.append(($x, $y))")
    after = applied(one("log.append(1)\nlog.append(2)\nlog.append(3)\n"), {"p/p": patch(edit)})
    there: dict[str, object] = {"log": [], "c": value}
    exec(after["m.py"], there)  # noqa: S102 - it is our own code
    assert there["log"] == ([1, 2, 3] if value else [(1, 2), 3])


def test_a_nested_function_is_searched_and_each_site_is_guarded() -> None:
    assert_changes(
        _edit(count=2),
        "def f():\n    a()\n    def g():\n        a()\n",
        "def f():\n    if c:\n        a()\n    def g():\n        if c:\n            a()\n",
    )


@pytest.mark.parametrize(
    "there",
    [
        "if c:\n    a()\n",
        "if (c):\n    b()\n    a()  # why\n    d()\n",
        "if x: pass\nelif c:\n    a()\n",
        "if c: a()\n",
        "if c:\n    a()\nelse:\n    other()\n",
    ],
)
def test_what_stands_behind_the_condition_is_obsolete(there: str) -> None:
    assert_untouched(_edit(), there, Status.OBSOLETE)


def test_another_else_is_drift() -> None:
    there = "if c:\n    a()\nelse:\n    other()\n"
    assert_untouched(_edit(orelse="b()"), there)
    assert_untouched(_edit(orelse="other()"), there, Status.OBSOLETE)


def test_another_condition_is_not_this_one() -> None:
    assert_changes(_edit(), "if d:\n    a()\n", "if d:\n    if c:\n        a()\n")
    assert_changes(
        _edit(),
        "if c:\n    b()\nelse:\n    a()\n",
        "if c:\n    b()\nelse:\n    if c:\n        a()\n",
    )


def test_what_is_not_there_is_drift_with_the_closest() -> None:
    problem = assert_untouched(_edit("self.a.start(1)"), "self.a.start(2)\n")
    assert (problem.reason, problem.closest) == ("matched 0 sites, expected 1", "self.a.start(2)")


@pytest.mark.parametrize("before", ["a(); b()\n", "if x: a()\n", "b(); a()\n"])
def test_a_line_that_is_shared_is_drift_with_a_reason(before: str) -> None:
    assert "shares its line" in assert_untouched(_edit(), before).reason


def test_an_elif_is_drift_with_a_reason() -> None:
    problem = assert_untouched(_edit("if y: $$b"), "if x:\n    a()\nelif y:\n    b()\n")
    assert "elif" in problem.reason


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"find": ""}, "must not be empty"),
        ({"find": "$$a"}, "would match any statements"),
        ({"condition": "x = 1"}, "`condition` must be an expression"),
        ({"condition": "a # why"}, "not Python"),
        ({"condition": "$q"}, "never bound"),
        ({"orelse": "$q"}, "never bound"),
        ({"orelse": "if"}, "not Python"),
        ({"count": 0}, "`count` must be at least 1"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Guard(**{"inside": "m", "find": "a()", "condition": "c", **fields})  # type: ignore[arg-type]
