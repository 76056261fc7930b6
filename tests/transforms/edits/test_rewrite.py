"""A function on LibCST's nodes: what it changes is written, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import libcst as cst
import pytest

from tests.transforms.trees import (
    NAME,
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import Rewrite
from transforms.engine.edit import NeedsPackages
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError


def without_numbers(call: cst.Call) -> cst.Call:
    kept = [item for item in call.args if item.keyword or not isinstance(item.value, cst.Integer)]
    return call if len(kept) == len(call.args) else call.with_changes(args=kept)


def calls(inside: str = "m.f", done: str = "g(key=3)", count: int = 1) -> Rewrite[cst.Call]:
    return Rewrite(inside=inside, node=cst.Call, function=without_numbers, done=done, count=count)


def test_the_example_of_the_docstring_is_true() -> None:
    import transforms.edits.rewrite as module  # noqa: PLC0415

    before, after = (
        dedent(part.split("\n\n`", 1)[0]) for part in (module.__doc__ or "").split("::\n")[1:]
    )
    assert_changes(calls(), before.strip("\n") + "\n", after.strip("\n") + "\n")


def test_only_the_scope_is_changed_and_only_where_the_function_does() -> None:
    before = """
        x = g(1, key=3)
        class A:
            \"\"\"é\"\"\"
            def f(self):
                '''
          not indented é'''
                # g(1, key=3)
                if (g( 2,key = 3 )):  # é
                    return  f( self )
            y = g(1, key=3)
    """
    after = before.replace("g( 2,key = 3 )", "g( key = 3 )")
    assert_changes(calls("m.A.f"), before, after)


def test_line_ends_tabs_and_a_byte_order_mark_stay() -> None:
    before = "\ufeffclass A:\r\n\tdef f(self):\r\n\t\treturn (g(1, key=3))\r\n"
    after = before.replace("1, ", "")
    assert_changes(calls("m.A.f"), before.encode(), after.encode())
    assert_changes(calls("m"), before.encode(), after.encode())


def test_nodes_inside_of_a_changed_one_are_not_asked() -> None:
    def emptied(call: cst.Call) -> cst.Call:
        return call.with_changes(args=[]) if call.args else call

    edit = Rewrite(inside="m", node=cst.Call, function=emptied, done="g()")
    assert_changes(edit, "g(g(1))\n", "g()\n")


def test_the_same_node_may_be_given_for_many() -> None:
    new = cst.Name("new")

    def renamed(name: cst.Name) -> cst.Name:
        return new if name.value == "old" else name

    edit = Rewrite(inside="m", node=cst.Name, function=renamed, done="new", count=3)
    assert_changes(edit, "old = f(old)\n(old)\n", "new = f(new)\nnew\n")


def test_a_statement_is_indented_where_it_goes() -> None:
    new = cst.parse_statement("if b:\n    c\n")

    def replaced(line: cst.SimpleStatementLine) -> cst.BaseStatement:
        return new if isinstance(line.body[0], cst.Pass) else line

    edit = Rewrite(
        inside="m",
        node=cst.SimpleStatementLine,
        function=replaced,  # type: ignore[arg-type]
        done="if b:\n    c",
        count=2,
    )
    before = "if a:\n    pass\npass\n"
    assert_changes(edit, before, "if a:\n    if b:\n        c\nif b:\n    c\n")


def test_comments_and_lines_of_a_statement_are_changed_with_it() -> None:
    def commented(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
        if line.leading_lines or not isinstance(line.body[0], cst.Return):
            return line
        above = cst.EmptyLine(comment=cst.Comment("# done"))
        return line.with_changes(leading_lines=[above])

    edit = Rewrite(inside="m.f", node=cst.SimpleStatementLine, function=commented, done="return 1")
    before = "def f():\n    x = 1\n    return 1\n"
    after = applied(one(before), {NAME: patch(edit)})["m.py"].decode()
    assert after == "def f():\n    x = 1\n    # done\n    return 1\n"


def test_an_equal_node_is_no_site() -> None:
    edit = Rewrite(inside="m", node=cst.Name, function=lambda name: name.deep_clone(), done="x")
    assert outcome_of(edit, "x = y\n").sites == ()


def test_another_number_of_changed_nodes_is_a_drift_with_their_lines() -> None:
    problem = assert_untouched_count(calls("m"), "g(1, x)\n\ng(2, x)\n")
    assert problem == (
        "its function changes 2 nodes, expected 1",
        ("it changes those at lines 1, 3",),
    )
    assert assert_untouched(calls("m"), "x\n").reason == "its function changes 0 nodes, expected 1"
    assert assert_untouched(calls("m"), "x\n").looked_for == "Call that without_numbers changes"


def assert_untouched_count(edit: Rewrite[cst.Call], before: str) -> tuple[str, tuple[str, ...]]:
    """Assert that an edit with too many sites is not applied, and give the reason and notes."""
    outcome = outcome_of(edit, before)
    ((_, problem),) = outcome.problems
    assert outcome.status is Status.DRIFTED
    return problem.reason, problem.notes


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda _: None, "TypeError: it gives NoneType, which is no node"),
        (lambda name: name.no_such, "AttributeError: "),
        (lambda _: cst.Pass(), "what it writes does not parse"),
    ],
)
def test_a_function_that_fails_is_a_drift_that_says_how(function: object, why: str) -> None:
    edit = Rewrite(inside="m", node=cst.Name, function=function, done="x")  # type: ignore[arg-type]
    assert why in assert_untouched(edit, "a = 1\n").reason


def test_nodes_that_need_parentheses_and_have_none_are_a_drift() -> None:
    def widened(name: cst.Name) -> cst.BaseExpression:
        if name.value != "a":
            return name
        return cst.BooleanOperation(cst.Name("b"), cst.Or(), cst.Name("c"))

    edit = Rewrite(inside="m", node=cst.Name, function=widened, done="b or c")  # type: ignore[arg-type]
    assert_changes(edit, "x = a\n", "x = b or c\n")
    problem = assert_untouched(edit, "x = a and d\n")
    assert problem.reason == (
        "what it writes does not parse to the nodes that widened gives: does one need parentheses?"
    )


def test_code_that_libcst_cannot_read_is_a_drift() -> None:
    assert "LibCST cannot read it" in assert_untouched(calls("m"), "(q): int = 3\n").reason


def test_a_wrong_declaration_is_refused() -> None:
    with pytest.raises(PatternError):
        calls(done="x =")
    with pytest.raises(ValueError, match="count"):
        calls(count=0)


def test_it_says_that_a_build_needs_libcst() -> None:
    edit = calls()
    assert isinstance(edit, NeedsPackages)
    assert edit.requires == ("libcst>=1.8",)


def test_nothing_else_imports_libcst_and_without_it_the_message_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['libcst'] = None\n"
        "from transforms.edits import Rewrite\n"
        "from tests.transforms.trees import problem_of\n"
        "edit = Rewrite(inside='m', node=int, function=int, done='x')\n"
        "print(problem_of(edit, 'x = 1\\n').reason)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "this edit needs LibCST; install it: pip install 'libcst>=1.8'\n"
