"""Replace: counting, messages and declarations."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    assert_untouched,
    one,
    outcome_of,
    outcome_on,
    problem_of,
)
from transforms.edits import Replace
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError


@pytest.mark.parametrize(("count", "sites"), [(1, 2), (3, 2)])
def test_another_number_of_sites_is_drift(count: int, sites: int) -> None:
    problem = problem_of(
        Replace(inside="m", find="old()", replace="new()", count=count), "old()\nold()\n"
    )
    assert problem.status is Status.DRIFTED
    assert problem.reason == f"matched {sites} sites, expected {count}"


def test_what_upstream_has_done_itself_is_obsolete() -> None:
    edit = Replace(inside="m.f", find="old()", replace="new()")
    problem = assert_untouched(edit, "def f(): new()\n", Status.OBSOLETE)
    assert problem.reason == "what it would write is already there"
    assert_untouched(edit, "def f(): new(); new()\n")


def test_the_closest_code_is_shown() -> None:
    edit = Replace(inside="m.A.f", find='$device.type == "cuda"', replace="True")
    problem = problem_of(
        edit,
        """
        class A:
            def f(self):
                self.other()
                if self.device_config.device_type == "cuda":
                    self.run()
        """,
    )
    assert problem.looked_for == '$device.type == "cuda"'
    assert problem.closest == 'self.device_config.device_type == "cuda"'
    assert (problem.path, problem.scope, problem.line) == ("m.py", "A.f", 4)


def test_two_matches_inside_each_other_are_a_conflict_of_the_patch_with_itself() -> None:
    outcome = outcome_of(
        Replace(inside="m", find="f($x)", replace="g($x)", count=2), "y = f(f(a))\n"
    )
    assert outcome.status is Status.CONFLICT
    ((_, problem),) = outcome.problems
    assert problem.reason == "two of its own sites touch the same code"
    assert problem.notes == ("musa/patch line 1", "musa/patch line 1")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"find": ""}, "must not be empty"),
        ({"find": "if"}, "not Python"),
        ({"replace": "f("}, "not Python"),
        ({"replace": ""}, "must not be empty"),
        ({"replace": "$y"}, r"\$y is used in '\$y' but never bound \(bound: \$x\)"),
        ({"replace": "$x.a"}, "cannot be told from"),
        ({"find": "f($x, $y)", "replace": "f($y, $x)"}, "cannot be told from"),
        ({"find": "f($x)\ng()", "replace": "f( $x)\ng()"}, "cannot be told from"),
        ({"inside": ""}, "`inside` must not be empty"),
        ({"inside": "vllm/m.py"}, "`inside` must be a dotted path"),
        ({"inside": "m..f"}, "`inside` must be a dotted path"),
        ({"count": 0}, "`count` must be at least 1, not 0"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m", "find": "$x.a", "replace": "$x.b"}
    with pytest.raises(ValueError, match=message):
        Replace(**{**good, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["inside", "find", "replace"])
def test_a_field_that_is_left_out_is_a_type_error(missing: str) -> None:
    good = {"inside": "m", "find": "$x.a", "replace": "$x.b"}
    with pytest.raises(TypeError, match=missing):
        Replace(**{name: value for name, value in good.items() if name != missing})  # type: ignore[arg-type]


def test_a_wrong_pattern_is_a_pattern_error() -> None:
    with pytest.raises(PatternError):
        Replace(inside="m", find="", replace="x")


def test_a_file_that_does_not_parse_is_drift_with_its_line() -> None:
    edit = Replace(inside="m", find="old", replace="new")
    problem = assert_untouched(edit, "x = 1\ny = (\n")
    assert problem.reason.startswith("does not parse:")
    assert (problem.path, problem.line) == ("m.py", 2)
    assert "not UTF-8" in assert_untouched(edit, b"old = '\xff'\n").reason


def test_a_scope_that_is_gone_is_missing() -> None:
    edit = Replace(inside="m.A.f", find="old", replace="new")
    assert outcome_on(one("old = 1\n"), edit).status is Status.MISSING
