"""What the environment switches off: patches, platforms, patterns, aliases, and what needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from transforms.common.switches.runtime.vllm.wheelwright_switches.choosing import (
    Choice,
    Names,
    chosen,
    needed_by,
    read_names,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = Names(
    patches={
        "musa/triton_a": [],
        "musa/triton_b": ["musa/triton_a"],
        "musa/worker": [],
        "ucm/output": [],
        "ucm/scheduler": ["ucm/output"],
    },
    fixed={"ucm/native": "it changes csrc/x.cu, which is not imported"},
    adding=["musa/runtime"],
    aliases={"UCM_DISABLE_PATCHES": ["ucm/*"], "UCM_DISABLE_SCHEDULER_PATCH": ["ucm/scheduler"]},
    verbose=["UCM_PATCH_VERBOSE"],
)


def choose(disable: str = "", **environment: str) -> Choice:
    return chosen(NAMES, {"VLLM_WHEELWRIGHT_DISABLE": disable, **environment})


def test_nothing_is_off_where_nobody_says_so() -> None:
    made = chosen(NAMES, {})
    assert made == Choice((), {}, tuple(NAMES.patches), NAMES.fixed, (), verbose=False)
    assert choose(" , ") == made


@pytest.mark.parametrize(
    ("word", "off"),
    [
        ("musa/worker", ["musa/worker"]),
        ("musa", ["musa/triton_a", "musa/triton_b", "musa/worker"]),
        ("musa/triton_*", ["musa/triton_a", "musa/triton_b"]),
        (" musa/worker ,ucm/scheduler", ["musa/worker", "ucm/scheduler"]),
        # It makes no sense without the other.
        ("ucm/output", ["ucm/output", "ucm/scheduler"]),
    ],
)
def test_words_are_patches_platforms_and_patterns(word: str, off: list[str]) -> None:
    made = choose(word)
    assert list(made.off) == off
    assert made.warnings == ()
    assert set(made.on) == set(NAMES.patches) - set(off)


def test_all_names_what_stays() -> None:
    made = choose("all")
    assert made.off == tuple(NAMES.patches)
    (warning,) = made.warnings
    assert warning == "VLLM_WHEELWRIGHT_DISABLE: all leaves on what has no switch: ucm/native"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("musa/wroker", "no patch 'musa/wroker', so nothing is off by it (did you mean 'musa/wor"),
        ("zzz", "no patch 'zzz', so nothing is off by it (there are those of musa, ucm)"),
        ("ucm/native", "ucm/native has no switch: it changes csrc/x.cu"),
        ("musa/runtime", "'musa/runtime' only adds files"),
    ],
)
def test_what_cannot_be_done_is_said(word: str, said: str) -> None:
    made = choose(word)
    assert made.off == ()
    (warning,) = made.warnings
    assert said in warning


def test_a_platform_with_a_patch_that_has_no_switch_is_off_but_for_that() -> None:
    made = choose("ucm")
    assert made.off == ("ucm/output", "ucm/scheduler")
    assert "ucm/native has no switch" in made.warnings[0]


@pytest.mark.parametrize(
    ("value", "is_off"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_the_platforms_own_variables_count(value: str, *, is_off: bool) -> None:
    made = choose(UCM_DISABLE_SCHEDULER_PATCH=value)
    assert made.off == (("ucm/scheduler",) if is_off else ())
    assert choose(UCM_DISABLE_PATCHES=value).off == (
        ("ucm/output", "ucm/scheduler") if is_off else ()
    )
    assert choose(UCM_PATCH_VERBOSE=value).verbose is is_off
    assert choose(VLLM_WHEELWRIGHT_VERBOSE=value).verbose is is_off


def test_every_patch_that_is_off_says_by_what() -> None:
    made = choose("ucm/output,musa/work*", UCM_DISABLE_SCHEDULER_PATCH="1")
    assert made.because == {
        "ucm/output": "VLLM_WHEELWRIGHT_DISABLE=ucm/output",
        "musa/worker": "VLLM_WHEELWRIGHT_DISABLE=musa/work*",
        "ucm/scheduler": "UCM_DISABLE_SCHEDULER_PATCH",
    }
    assert choose("ucm/output").because["ucm/scheduler"] == "ucm/output, which it needs"
    assert list(made.lines()) == [
        "off    musa/worker (by VLLM_WHEELWRIGHT_DISABLE=musa/work*)",
        "off    ucm/output (by VLLM_WHEELWRIGHT_DISABLE=ucm/output)",
        "off    ucm/scheduler (by UCM_DISABLE_SCHEDULER_PATCH)",
        "on     musa/triton_a",
        "on     musa/triton_b",
        "fixed  ucm/native (it changes csrc/x.cu, which is not imported)",
    ]


def test_needs_are_followed_to_their_end_and_around() -> None:
    needs = {"a": ["b"], "b": ["c"], "c": ["b"], "d": []}
    assert needed_by("a", needs) == {"b", "c"}
    assert needed_by("b", needs) == {"c"}
    assert needed_by("d", needs) == set()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}'])
def test_a_file_that_the_build_has_not_filled_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "names.json").write_text(text, encoding="utf-8")
    with pytest.raises(ImportError, match=r"names\.json"):
        read_names(tmp_path)
