"""Matching: every patch gets an outcome, every file is read once, all failures are collected."""

from __future__ import annotations

import ast

import pytest

from tests.transforms.trees import (
    NAME,
    RELEASE,
    MemoryTree,
    applied,
    one,
    outcome_on,
    patch,
)
from transforms.edits import AddMember, AddModule, InsertAfter, InsertBefore, Replace
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.syntax import source as source_module


def _replace(find: str, replacement: str, inside: str = "m", **rest: str) -> Replace:
    return Replace(inside=inside, find=find, replace=replacement, **rest)  # type: ignore[arg-type]


_GOOD = _replace("a", "b")
_DONE = _replace("x", "y")
_DRIFTED = _replace("nowhere", "z")
_GONE = _replace("a", "b", inside="m.f")
_CODE = "a\ny\n"


@pytest.mark.parametrize(
    ("edits", "status"),
    [
        ([_GOOD], Status.APPLIED),
        ([_DONE], Status.OBSOLETE),
        ([_DRIFTED], Status.DRIFTED),
        ([_GONE], Status.MISSING),
        ([_GOOD, _GOOD], Status.CONFLICT),
        ([_GOOD, _DONE], Status.DRIFTED),
        ([_DONE, _DONE], Status.OBSOLETE),
        ([_DONE, _DRIFTED], Status.DRIFTED),
        ([_GOOD, _DRIFTED], Status.DRIFTED),
        ([_GOOD, _GONE], Status.MISSING),
        ([_DRIFTED, _GONE, _DONE], Status.MISSING),
        ([_GOOD, _GOOD, _GONE, _DRIFTED], Status.CONFLICT),
    ],
)
def test_a_patch_has_the_worst_outcome_of_its_edits(edits: list[Replace], status: Status) -> None:
    assert outcome_on(one(_CODE), *edits).status is status


def test_every_problem_is_told_with_the_number_of_its_edit() -> None:
    earlier = _replace("a", "b", versions="<0.33")
    outcome = outcome_on(one(_CODE), _GOOD, earlier, _DONE, _DRIFTED, _GONE)
    assert [(number, problem.status) for number, problem in outcome.problems] == [
        (3, Status.OBSOLETE),
        (4, Status.DRIFTED),
        (5, Status.MISSING),
    ]
    assert outcome.edits == 5
    assert len(outcome.sites) == 1


def test_a_release_outside_the_bounds_excludes_a_patch_unread() -> None:
    tree = one(_CODE)
    patches = {NAME: patch(_GOOD, versions=">=0.34")}
    (outcome,) = match_patches(patches, tree, RELEASE)
    assert (outcome.status, outcome.sites, outcome.problems) == (Status.EXCLUDED, (), ())
    assert tree.reads == []


def test_a_patch_of_which_no_edit_is_for_the_release_is_drift() -> None:
    outcome = outcome_on(one(_CODE), _replace("a", "b", versions="<0.33"))
    assert outcome.status is Status.DRIFTED
    ((number, problem),) = outcome.problems
    assert number == 0
    assert "none of its edits is for it" in problem.reason


def test_outcomes_are_ordered_by_name() -> None:
    patches = {
        name: patch(_GOOD, versions=versions) for name, versions in (("b/a", "<1"), ("a/b", "<0"))
    }
    outcomes = match_patches(patches, one(_CODE), RELEASE)
    assert [(item.patch, item.status) for item in outcomes] == [
        ("a/b", Status.EXCLUDED),
        ("b/a", Status.APPLIED),
    ]


def test_each_file_is_read_and_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def parse(code: bytes | str) -> ast.Module:
        if isinstance(code, bytes):
            parsed.append(code)
        return ast.parse(code)

    monkeypatch.setattr(source_module, "parse", parse)
    tree = MemoryTree.of({"m.py": "a\nb\n", "n.py": "a", "o.py": "a"})
    patches = {
        "p/a": patch(_replace("a", "x"), _replace("a", "x", inside="n")),
        "p/b": patch(_replace("b", "x"), InsertAfter(inside="m", anchor="b", code="c")),
        "p/c": patch(AddModule(path="q.py")),
    }
    assert all(item.status is Status.APPLIED for item in match_patches(patches, tree, RELEASE))
    assert sorted(tree.reads) == ["m.py", "n.py"]
    assert sorted(parsed) == [b"a", b"a\nb\n"]


def test_an_edit_that_two_patches_have_is_matched_once_and_written_once() -> None:
    replaced, inserted = _replace("a", "b"), InsertBefore(inside="m", anchor="y", code="new")
    tree = one(_CODE)
    patches = {name: patch(replaced, inserted) for name in ("p/a", "q/a")}
    first, second = match_patches(patches, tree, RELEASE)
    assert all(one is other for one, other in zip(first.sites, second.sites, strict=True))
    assert applied(tree, patches)["m.py"] == b"b\nnew\ny\n"


def test_equal_edits_of_two_patches_are_a_conflict() -> None:
    patches = {"p/a": patch(_replace("a", "b")), "q/a": patch(_replace("a", "b"))}
    outcomes = match_patches(patches, one(_CODE), RELEASE)
    assert {outcome.status for outcome in outcomes} == {Status.CONFLICT}


def test_all_patches_are_matched_on_the_pristine_tree() -> None:
    """What one writes is nothing that another finds."""
    patches = {
        "p/a": patch(_replace("f(a)", "f(b, b)")),
        "p/b": patch(_replace("f(b)", "f(b, b, b)")),
        "p/c": patch(InsertAfter(inside="m", anchor="f(b)", code="f(a, a)")),
    }
    assert applied(one("f(a)\nf(b)\n"), patches)["m.py"] == b"f(b, b)\nf(b, b, b)\nf(a, a)\n"


def test_two_patches_on_one_node_are_a_conflict_that_names_both_and_the_lines() -> None:
    code = "def f():\n    if a:\n        b()\n"
    patches = {
        "p/wide": patch(_replace("if a:\n    b()", "c()")),
        "q/narrow": patch(InsertBefore(inside="m", anchor="b()", code="d()")),
        "q/other": patch(InsertBefore(inside="m", anchor="def f(): $$x", code="import e")),
    }
    wide, narrow, other = match_patches(patches, one(code), RELEASE)
    assert [wide.status, narrow.status, other.status] == [
        Status.CONFLICT,
        Status.CONFLICT,
        Status.APPLIED,
    ]
    ((_, problem),) = wide.problems
    assert problem.reason == "touches the same code as q/narrow"
    assert problem.notes == ("p/wide line 2", "q/narrow line 3")
    assert problem.path == "m.py"


def test_an_insertion_behind_the_end_of_a_replaced_block_is_a_conflict() -> None:
    """Their bytes do not touch, but the insertion would land in another block."""
    patches = {
        "p/guard": patch(_replace("if a:\n    b()", "if a:\n    b()\nelse:\n    c()")),
        "p/after": patch(InsertAfter(inside="m", anchor="b()", code="d()")),
    }
    outcomes = match_patches(patches, one("if a:\n    b()\nc()\n"), RELEASE)
    assert [item.status for item in outcomes] == [Status.CONFLICT] * 2


def test_an_edit_inside_of_a_block_whose_header_is_replaced_is_none() -> None:
    patches = {
        "p/class": patch(_replace("class A:\n    $$body", "class A(B):\n    $$body")),
        "p/inner": patch(_replace("x = 1", "x = 2", inside="m.A")),
        "p/member": patch(AddMember(inside="m.A", after="f", code="def g(self): pass")),
    }
    code = "class A:\n    x = 1\n    def f(self): pass  # why\n"
    assert applied(one(code), patches)["m.py"].decode() == (
        "class A(B):\n    x = 2\n    def f(self): pass  # why\n\n    def g(self): pass\n"
    )


def test_an_insertion_behind_a_replaced_statement_is_none() -> None:
    patches = {
        "p/a": patch(InsertAfter(inside="m.f", anchor="b()", code="d()")),
        "p/b": patch(_replace("b()", "if c:\n    b(1)\nelse:\n    b(2)")),
        "p/c": patch(AddMember(inside="m.A", after="f", code="def g(self): pass")),
        "p/d": patch(_replace("def f(self): pass", "def f(self): return 1")),
    }
    code = "def f():\n    b()\nclass A:\n    def f(self): pass\n"
    assert applied(one(code), patches)["m.py"].decode() == (
        "def f():\n    if c:\n        b(1)\n    else:\n        b(2)\n    d()\n"
        "class A:\n    def f(self): return 1\n\n    def g(self): pass\n"
    )


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [(b"a = (\n", "does not parse", 1), (b"a\n\xff\n", "not UTF-8", 2)],
)
def test_a_file_that_cannot_be_parsed_is_drift_for_all_of_its_patches(
    data: bytes, reason: str, line: int
) -> None:
    tree = MemoryTree.of({"m.py": data, "n.py": "a"})
    patches = {
        "p/a": patch(_GOOD),
        "p/b": patch(_GONE),
        "p/c": patch(_replace("a", "b", inside="n")),
    }
    first, second, third = match_patches(patches, tree, RELEASE)
    assert third.status is Status.APPLIED
    for outcome in (first, second):
        assert outcome.status is Status.DRIFTED
        ((_, problem),) = outcome.problems
        assert problem.reason.startswith(reason)
        assert (problem.path, problem.line) == ("m.py", line)


def test_code_that_nests_too_deeply_to_compare_is_drift() -> None:
    deep = " + ".join(["a"] * 900)
    outcome = outcome_on(one(f"x = ({deep}) == ({deep})\n"), _replace("$x == $x", "True"))
    ((_, problem),) = outcome.problems
    assert (problem.status, problem.path) == (Status.DRIFTED, "m.py")
    assert problem.reason == "the code is nested too deeply"
