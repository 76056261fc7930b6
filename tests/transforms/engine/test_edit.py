"""What edits share: counting, and the closest code."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.edit import (
    check_declaration,
    closest_to,
    count_problem,
    finds_itself,
    outside_of,
)
from transforms.engine.outcome import Status
from transforms.engine.pattern import Pattern
from transforms.engine.scope import Scope

_CODE = """
    @decorated
    def run(self, device):
        if self.device_config.device_type == "cuda":
            return start(device)
        for item in self.items:
            item.stop()
        raise RuntimeError("x")
"""


@pytest.mark.parametrize(
    ("pattern", "closest", "line"),
    [
        ('$d.type == "cuda"', 'self.device_config.device_type == "cuda"', 3),
        ("begin(device)", "start(device)", 4),
        ("for item in items:\n    item.stop()", "for item in self.items:", 5),
        ("def run(device): pass", "def run(self, device):", 2),
        ("raise ValueError('x')", 'raise RuntimeError("x")', 7),
        ("completely.different[1:2]", "", 0),
    ],
)
def test_the_closest_code_is_of_the_kind_that_is_looked_for(
    pattern: str, closest: str, line: int
) -> None:
    source = source_of(_CODE)
    assert closest_to(Pattern.parse(pattern), source.module, source) == (closest, line)


def test_the_whole_scope_is_not_its_own_closest_code() -> None:
    source = source_of("def run(self): pass\n")
    (function,) = source.module.body
    assert closest_to(Pattern.parse("def run(): pass"), function, source) == ("", 0)


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
