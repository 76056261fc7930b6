"""What two replays mean, function by function, and what is counted of it."""

from __future__ import annotations

import pytest

from build_hooks.triton.report import Count, State, Verdict
from tests.build_hooks.triton.reports import report_of

VERDICTS = {
    "holds": Verdict.COMPILES,
    "gained": Verdict.GAINED,
    "stops": Verdict.STOPS,
    "launch": Verdict.STOPS,
    "lost": Verdict.LOST,
    "unlaunched": Verdict.LOST,
    "helper": Verdict.GAINED,
    "unrecorded": Verdict.UNRECORDED,
}


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_each_function_has_its_verdict(name: str, verdict: Verdict) -> None:
    by_name = {one.found.qualname: one for one in report_of().functions}
    assert by_name[name].verdict is verdict


def test_the_figures_count_before_and_after() -> None:
    assert report_of().counts == {
        "kernels": Count(6, 4, 4),
        "launched": Count(6, 3, 2),
        "functions": Count(8, 4, 5),
        "cache_keys": Count(8, 7, 6),
    }


def test_what_only_the_patched_tree_has_is_no_function_of_the_release() -> None:
    assert "added" not in {one.found.qualname for one in report_of().functions}


def test_a_function_without_configurations_is_known_by_the_kernel_around_it() -> None:
    helper = next(one for one in report_of().functions if one.found.qualname == "helper")
    assert (helper.before.state, helper.after.state) == (State.UNRECORDED, State.THROUGH)
    assert helper.after.through == "ops/a.py::gained"
    assert not helper.is_kernel


def test_what_stops_most_comes_first() -> None:
    grouped = {
        stop.feature: [one.found.qualname for one in functions]
        for stop, functions in report_of().features.items()
    }
    first, second = grouped
    assert grouped[first] == ["launch", "lost", "unlaunched"]
    assert first == "tl.gather"
    assert grouped[second] == ["stops"]


def test_a_report_is_good_as_long_as_nothing_is_lost() -> None:
    assert not report_of().is_good
    assert not report_of("lost").is_good
    assert report_of("lost", "unlaunched").is_good
    assert [one.found.qualname for one in report_of().lost] == ["lost", "unlaunched"]
