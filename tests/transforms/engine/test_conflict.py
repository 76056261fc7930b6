"""What overlaps, and what only touches."""

from __future__ import annotations

from itertools import permutations

import pytest

from transforms.engine.conflict import overlaps
from transforms.engine.outcome import Status
from transforms.engine.site import NOT_BEHIND, Site


def _site(  # noqa: PLR0913 - each is a field of the site
    start: int,
    end: int,
    *,
    path: str = "a.py",
    adds: bool = False,
    behind: int = NOT_BEHIND,
    claim: tuple[int, ...] = (),
    shared: bool = False,
) -> Site:
    return Site(
        path=path,
        start=start,
        end=end,
        replacement=b"",
        line=start + 1,
        adds_file=adds,
        behind=behind,
        claim=claim,
        shared=shared,
    )


_CLASHES = {
    "the same bytes": (_site(2, 5), _site(2, 5)),
    "one inside the other": (_site(2, 9), _site(4, 5)),
    "one reaching into the other": (_site(2, 5), _site(4, 8)),
    "the same start": (_site(2, 5), _site(2, 3)),
    "an insertion inside": (_site(2, 5), _site(3, 3)),
    "one file added twice": (_site(0, 0, adds=True), _site(0, 0, adds=True)),
    "an insertion behind a statement inside": (_site(2, 9), _site(9, 9, behind=4)),
    "an insertion behind a statement inside, later": (_site(2, 9), _site(12, 12, behind=4)),
    "in the claim of the other": (_site(4, 5, claim=(2, 9)), _site(7, 8)),
    "an insertion in the claim of the other": (_site(4, 5, claim=(2, 9)), _site(8, 8)),
    "claims that overlap": (_site(2, 3, claim=(2, 6)), _site(7, 8, claim=(5, 8))),
    "bytes that only one would share": (_site(2, 5, shared=True), _site(2, 5)),
    "other bytes that could be shared": (_site(2, 5, shared=True), _site(2, 4, shared=True)),
    "two insertions with one claim": (_site(4, 4, claim=(2, 4)), _site(4, 4, claim=(2, 4))),
}
_NEIGHBOURS = {
    "one behind the other": (_site(2, 5), _site(5, 8)),
    "other files": (_site(2, 5), _site(2, 5, path="b.py")),
    "an insertion before": (_site(2, 5), _site(2, 2)),
    "an insertion behind": (_site(2, 5), _site(5, 5)),
    "insertions at one point": (_site(2, 2), _site(2, 2)),
    "an insertion behind what is replaced": (_site(2, 9), _site(9, 9, behind=2)),
    "an insertion around what is replaced": (_site(4, 9), _site(9, 9, behind=2)),
    "beside the claim of the other": (_site(4, 5, claim=(2, 9)), _site(9, 10)),
    "an insertion at the end of a claim": (_site(4, 5, claim=(2, 9)), _site(9, 9, behind=2)),
    "a removal and an insertion in front of it": (_site(4, 9), _site(4, 4)),
    "what both share": (_site(2, 5, shared=True), _site(2, 5, shared=True)),
    "two files added": (_site(0, 0, adds=True), _site(0, 0, adds=True, path="b.py")),
}


@pytest.mark.parametrize("sites", _CLASHES.values(), ids=_CLASHES)
def test_both_patches_are_told_of_each_other_and_the_lines(sites: tuple[Site, Site]) -> None:
    for (one, first), (other, second) in permutations(zip(("p/a", "p/b"), sites, strict=True)):
        found = overlaps([(one, first), (other, second)])
        assert set(found) == {"p/a", "p/b"}
        for name, there in (("p/a", "p/b"), ("p/b", "p/a")):
            (problem,) = found[name]
            assert problem.status is Status.CONFLICT
            assert problem.reason == f"touches the same code as {there}"
            mine = dict(zip(("p/a", "p/b"), sites, strict=True))
            assert (problem.path, problem.line) == ("a.py", mine[name].line)
            assert problem.notes == (
                f"{name} line {mine[name].line}",
                f"{there} line {mine[there].line}",
            )


@pytest.mark.parametrize("sites", _NEIGHBOURS.values(), ids=_NEIGHBOURS)
def test_neighbours_do_not_clash(sites: tuple[Site, Site]) -> None:
    for pair in permutations(zip(("p/a", "p/b"), sites, strict=True)):
        assert overlaps(pair) == {}


@pytest.mark.parametrize("sites", _CLASHES.values(), ids=_CLASHES)
def test_a_patch_that_overlaps_with_itself_is_told_so_once(sites: tuple[Site, Site]) -> None:
    found = overlaps([("p/a", site) for site in sites])
    (problem,) = found["p/a"]
    assert problem.reason == "two of its own sites touch the same code"


def test_a_long_site_clashes_with_all_that_it_reaches() -> None:
    sites = [("p/a", _site(0, 9)), ("p/b", _site(1, 2)), ("p/c", _site(3, 4)), ("p/d", _site(9, 9))]
    found = overlaps(sites)
    assert {name: len(problems) for name, problems in found.items()} == {
        "p/a": 2,
        "p/b": 1,
        "p/c": 1,
    }


def test_sites_inside_of_a_long_one_clash_with_each_other_too() -> None:
    sites = [("p/a", _site(0, 9)), ("p/b", _site(1, 5)), ("p/c", _site(3, 4))]
    found = overlaps(sites)
    reasons = {name: [problem.reason[-3:] for problem in found[name]] for name in found}
    assert reasons == {"p/a": ["p/b", "p/c"], "p/b": ["p/a", "p/c"], "p/c": ["p/a", "p/b"]}


def test_three_patches_that_add_one_file_are_told_of_all_others() -> None:
    found = overlaps((f"p/{name}", _site(0, 0, adds=True)) for name in "abc")
    assert {name: len(problems) for name, problems in found.items()} == {
        "p/a": 2,
        "p/b": 2,
        "p/c": 2,
    }
