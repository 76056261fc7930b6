"""What edits share: counting, and what is said where a number is wrong."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.edit import (
    check_declaration,
    count_problem,
    finds_itself,
    outside_of,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.syntax.scope import Scope


@pytest.mark.parametrize(
    ("matched", "already", "status"),
    [
        (2, 0, None),
        (2, 2, None),
        (0, 2, Status.OBSOLETE),
        (0, 1, Status.DRIFTED),
        (0, 0, Status.DRIFTED),
        (1, 1, Status.DRIFTED),
        (3, 0, Status.DRIFTED),
    ],
)
def test_only_the_exact_number_will_do(matched: int, already: int, status: Status | None) -> None:
    problem = count_problem(
        matched=matched,
        expected=2,
        already=already,
        pattern=Pattern.parse("a"),
        scope=Scope("m.py", ("f",)),
        node=source_of("x\n").module,
        source=source_of("x\n"),
    )
    assert (problem.status if problem else None) is status
    if problem:
        assert (problem.path, problem.scope, problem.looked_for) == ("m.py", "f", "a")


def _counted(pattern: str, code: str, expected: int = 1) -> Problem:
    source, wanted = source_of(code), Pattern.parse(pattern)
    problem = count_problem(
        matched=len(wanted.matches(source.module)),
        expected=expected,
        already=0,
        pattern=wanted,
        scope=Scope("m.py", ()),
        node=source.module,
        source=source,
    )
    assert problem is not None
    return problem


def test_too_many_matches_are_listed_by_their_lines() -> None:
    problem = _counted("f($x)", "f(1)\nf(2)\n\nf(3)\n")
    assert problem.notes == ("it matches at lines 1, 2, 4",)
    assert problem.next_step == "say more in the pattern, narrow `inside`, or write count=3"


def test_eight_of_very_many_matches_are_listed() -> None:
    (note,) = _counted("f($x)", "f(1)\n" * 11).notes
    assert note == "it matches at lines 1, 2, 3, 4, 5, 6, 7, 8 and 3 more"


def test_too_few_matches_are_listed_by_their_lines() -> None:
    problem = _counted("f($x)", "f(1)\ng(2)\n", 2)
    assert problem.notes == ("it matches at lines 1",)
    assert problem.next_step == "see which of the 2 is gone or different, or write count=1"


def test_no_match_is_explained_by_the_closest_code() -> None:
    problem = _counted('f("cuda", $x)', 'g()\nf("cpu", 1)\n')
    assert (problem.closest, problem.line) == ('f("cpu", 1)', 2)
    assert problem.notes == ('differs in: "cuda" -> "cpu"',)
    assert problem.next_step == "compare it with line 2, and write an edit for that code"


def test_no_match_and_nothing_close_says_so() -> None:
    problem = _counted("torch.cuda.synchronize()", "g()\n")
    assert (problem.closest, problem.line, problem.notes) == ("", 0, ())
    assert problem.next_step == "write an edit for what does the same now"


@pytest.mark.parametrize(
    ("find", "replacement", "itself"),
    [
        ("$c.is_cuda()", "$c.is_cuda() or $c.is_musa()", True),
        ("$c.is_cuda()", "$c.is_musa()", False),
        ("a()", "if x:\n    a()", True),
        ("a()\nb()", "a()\nc()\nb()", False),
        ("a()\nb()", "if x:\n    a()\n    b()", True),
    ],
)
def test_a_replacement_may_hold_what_is_looked_for(
    find: str, replacement: str, *, itself: bool
) -> None:
    statements = "\n" in replacement
    patterns = (Pattern.parse(text, statements=statements) for text in (find, replacement))
    assert finds_itself(*patterns) is itself


def test_matches_inside_of_what_was_written_are_left_out() -> None:
    scope = source_of("a.x or a.y\na.x\n").module
    found = outside_of(
        Pattern.parse("a.x").matches(scope), Pattern.parse("a.x or a.y").matches(scope)
    )
    assert [match.nodes[0].lineno for match in found] == [2]  # type: ignore[attr-defined]


@pytest.mark.parametrize("inside", ["", ".", "a.", "a b", "a-b", "a/b.py", "a.1"])
def test_a_scope_is_a_dotted_path(inside: str) -> None:
    with pytest.raises(ValueError, match="`inside`"):
        check_declaration(inside=inside)


def test_any_name_may_be_a_part_of_a_path() -> None:
    check_declaration(inside="vllm.wörd._private.__init__", count=1)
