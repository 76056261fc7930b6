"""Outcomes as people read them: all of a failure, one line of a success, a verdict that agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build_hooks.report import failure_report, outcome_json, outcome_lines, verdict
from transforms.edits import Patch, Replace
from transforms.engine.outcome import Outcome, Problem, Status
from transforms.engine.site import Site

PATCH = Patch(
    why="a test",
    upstream="none: a test",
    drop_when="the test goes",
    versions=">=0.9,<1",
    edits=[Replace(inside="m.f", find="a", replace="b")],
)
NAME = "musa/thing"
_LEAVE_OUT = "or leave 0.33.0 out of `versions` (>=0.9,<1)"


def outcome(status: Status, *problems: Problem, sites: int = 0) -> Outcome:
    places = tuple(
        Site(path=f"vllm/{number}.py", start=0, end=1, replacement=b"", line=number + 1)
        for number in range(sites)
    )
    numbered = tuple(enumerate(problems, start=1))
    return Outcome(patch=NAME, status=status, sites=places, problems=numbered, edits=2)


def test_a_good_outcome_is_one_line() -> None:
    assert outcome_lines(outcome(Status.APPLIED, sites=3), PATCH, "0.33.0") == [
        "musa/thing: applied on 0.33.0: 3 sites in vllm/0.py, vllm/1.py and 1 more"
    ]
    assert outcome_lines(outcome(Status.EXCLUDED), PATCH, "0.33.0") == [
        "musa/thing: excluded on 0.33.0: it is for >=0.9,<1"
    ]


def test_drift_shows_what_was_looked_for_and_what_is_closest() -> None:
    problem = Problem(
        status=Status.DRIFTED,
        reason="matched 0 sites, expected 1",
        path="vllm/a.py",
        scope="A.f",
        looked_for="first\nsecond",
        closest="frist",
        line=7,
    )
    assert outcome_lines(outcome(Status.DRIFTED, problem), PATCH, "0.33.0") == [
        "musa/thing: drifted on 0.33.0: edit 1 of 2 matched 0 sites, expected 1",
        "  vllm/a.py  in A.f",
        "    looked for   first",
        "                 second",
        "    closest      frist    line 7",
        "  drop it when: the test goes",
        f"  next: write an edit for what does the same now, {_LEAVE_OUT}",
    ]


def test_a_problem_says_its_own_next_step() -> None:
    problem = Problem(
        status=Status.DRIFTED,
        reason="matched 3 sites, expected 1",
        path="vllm/a.py",
        looked_for="a",
        notes=("it matches at lines 1, 4, 9",),
        next_step="narrow `inside`",
    )
    assert outcome_lines(outcome(Status.DRIFTED, problem), PATCH, "0.33.0") == [
        "musa/thing: drifted on 0.33.0: edit 1 of 2 matched 3 sites, expected 1",
        "  vllm/a.py",
        "    looked for   a",
        "    it matches at lines 1, 4, 9",
        "  drop it when: the test goes",
        "  next: narrow `inside`, or leave 0.33.0 out of `versions` (>=0.9,<1)",
    ]


def test_a_conflict_names_both_and_says_how_to_go_on() -> None:
    problem = Problem(
        status=Status.CONFLICT,
        reason="touches the same code as musa/other",
        path="vllm/a.py",
        line=4,
        notes=("musa/thing line 4", "musa/other line 3"),
    )
    bad = Outcome(patch=NAME, status=Status.CONFLICT, problems=((0, problem),), edits=1)
    assert outcome_lines(bad, PATCH, "0.33.0") == [
        "musa/thing: conflict on 0.33.0: touches the same code as musa/other",
        "  vllm/a.py",
        "    at line 4",
        "    musa/thing line 4",
        "    musa/other line 3",
        "  drop it when: the test goes",
        "  next: skip one of them (setting `skip`), or merge them into one patch",
    ]


def test_several_edits_have_a_next_step_each_with_their_own_versions() -> None:
    edits = [
        Replace(inside="m.f", find="a", replace="b", versions="<0.5"),
        Replace(inside="m.f", find="c", replace="d"),
        Replace(inside="m.f", find="e", replace="f"),
    ]
    gone = Problem(status=Status.MISSING, reason="no 'f' in the module", next_step="look at 'g'")
    done = Problem(status=Status.OBSOLETE, reason="what it would write is already there")
    bad = outcome(Status.MISSING, gone, done, done)
    lines = outcome_lines(bad, replace(PATCH, edits=edits), "0.33.0")
    assert lines[-2:] == [
        "  next: edit 1: look at 'g', or leave 0.33.0 out of `versions` (<0.5)",
        "  next: edit 2, 3: upstream has it; end `versions` (>=0.9,<1) before 0.33.0",
    ]


def test_an_obsolete_patch_says_how_to_bound_it() -> None:
    problem = Problem(status=Status.OBSOLETE, reason="what it would write is already there")
    lines = outcome_lines(outcome(Status.OBSOLETE, problem), PATCH, "0.33.0")
    assert lines[-1] == "  next: upstream has it; end `versions` (>=0.9,<1) before 0.33.0"


@pytest.mark.parametrize("status", Status)
def test_the_verdict_agrees_with_the_outcome(status: Status) -> None:
    text = verdict([outcome(Status.APPLIED), outcome(status)])
    assert text.startswith("PASS: " if status.is_good else "FAIL: ")
    assert verdict([outcome(status)], 2).endswith("2 checks failed after applying")
    assert verdict([outcome(status)], 2).startswith("FAIL: ")


def test_the_report_holds_failures_only_and_the_verdict() -> None:
    problem = Problem(status=Status.MISSING, reason="no such module", notes=("it moved",))
    bad = outcome(Status.MISSING, problem)
    other = Outcome(patch="musa/good", status=Status.APPLIED)
    text = failure_report([other, bad], {NAME: PATCH, "musa/good": PATCH}, "0.33.0")
    assert text.splitlines() == [
        "musa/thing: missing on 0.33.0: edit 1 of 2: no such module",
        "    it moved",
        "  drop it when: the test goes",
        f"  next: write an edit for what does the same now, {_LEAVE_OUT}",
        "FAIL: 1 applied, 1 missing",
    ]


def test_json_has_every_field_of_a_problem() -> None:
    problem = Problem(status=Status.DRIFTED, reason="r", path="p", line=3, notes=("n",))
    document = outcome_json(outcome(Status.DRIFTED, problem, sites=1))
    assert document["sites"] == [{"path": "vllm/0.py", "line": 1}]
    problems = document["problems"]
    assert isinstance(problems, list)
    (found,) = problems
    assert set(found) == {
        "edit",
        *(name.replace("status", "outcome") for name in problem.__slots__),
    }
