"""Patches by what their end can be told by: what may go comes first."""

from __future__ import annotations

import pytest

from build_hooks.listing import Listed, ended_at, grouped, grouped_lines
from transforms.edits import Patch, Replace
from transforms.engine.outcome import Status

EDITS = [Replace(inside="m", find="a", replace="b")]
RELEASES = ("0.9.2", "0.10.0", "0.27.0", "0.33.0")


@pytest.mark.parametrize(
    ("versions", "ended"),
    [
        ("", ""),
        (">=0.10", ""),
        ("<0.27", "0.27.0"),
        ("<0.20", "0.27.0"),
        (">=0.9,<0.10", "0.10.0"),
        ("!=0.27.0", ""),
        ("!=0.33.0", "0.33.0"),
        ("<0.9", "0.9.2"),
    ],
)
def test_a_patch_ended_where_no_later_release_is_admitted(versions: str, ended: str) -> None:
    assert ended_at(versions, RELEASES) == ended


def listed(name: str, drop_when: str, *, ended: str = "", outcome: Status | None = None) -> Listed:
    patch = Patch(
        why="w", upstream="none: a test", drop_when=drop_when, versions=">=0.9", edits=EDITS
    )
    return Listed(name=name, patch=patch, ended=ended, outcome=outcome)


def test_patches_are_grouped_by_what_can_be_looked_up_and_then_by_condition() -> None:
    items = [
        listed("p/unsaid", "not said by plug-in 1.0: a.b"),
        listed("p/vague", "vLLM supports it"),
        listed("p/code", "Thing.method is gone"),
        listed("p/change", "PR #12345 is merged"),
        listed("p/other", "Thing.method is gone"),
        listed("p/release", "no release before 0.27 is built"),
        listed("p/older", "Thing.method is gone", ended="0.27.0"),
        listed("p/there", "Thing.method is gone", ended="0.27.0", outcome=Status.OBSOLETE),
    ]
    names = [
        (head, condition, [item.name for item in there])
        for head, conditions in grouped(items)
        for condition, there in conditions.items()
    ]
    assert names == [
        ("upstream has what they write", "Thing.method is gone", ["p/there"]),
        ("for older releases only", "Thing.method is gone", ["p/older"]),
        ("the condition names a release", "no release before 0.27 is built", ["p/release"]),
        ("the condition names a change", "PR #12345 is merged", ["p/change"]),
        ("the condition names code", "Thing.method is gone", ["p/code", "p/other"]),
        ("the condition names no release, change or code", "vLLM supports it", ["p/vague"]),
        ("nobody has said when", "not said by plug-in 1.0: a.b", ["p/unsaid"]),
    ]


def test_text_says_where_a_patch_ends_and_where_it_stands() -> None:
    items = [
        listed("p/older", "a", ended="0.27.0", outcome=Status.EXCLUDED),
        listed("p/later", "b", outcome=Status.EXCLUDED),
        listed("p/holds", "b", outcome=Status.APPLIED),
    ]
    assert list(grouped_lines(items, "0.33.0")) == [
        "for older releases only: 1",
        "  drop it when: a",
        "      p/older  (>=0.9; not for 0.27.0 and later): excluded on 0.33.0",
        "          upstream: none: a test",
        "the condition names no release, change or code: 2",
        "  drop it when: b",
        "      p/later  (>=0.9): excluded on 0.33.0",
        "          upstream: none: a test",
        "      p/holds  (>=0.9): applied on 0.33.0",
        "          upstream: none: a test",
    ]
