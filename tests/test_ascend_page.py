"""docs/ascend.md: every patch has its code, every statement of the guide a proof that exists."""

from __future__ import annotations

import pytest

from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform
from docs.ascend_table import (
    GUIDE,
    PLATFORM,
    PROVING,
    RELEASES,
    Code,
    page,
    read_code,
    read_statements,
    state,
)
from tests.named_proofs import assert_exists
from transforms.edits import Patch, Replace
from transforms.engine.patch import admits

STATEMENTS, CODE = read_statements(), read_code()
PATCHES = load_platform(PLATFORM).patches
PROOFS_OF = {
    **{item.says: item.proofs for item in STATEMENTS},
    **{item.target: item.proofs for item in CODE},
}


def test_every_patch_of_the_platform_is_in_the_proving_set() -> None:
    assert {item.patch for item in CODE} == PATCHES.keys()


def test_the_guide_is_there_from_its_principles_to_its_limitations() -> None:
    groups = dict.fromkeys(item.group for item in STATEMENTS)
    assert list(groups) == ["Principles", "How it works", "How to write a patch", "Limitations"]
    numbered = {
        group: [item.says[0] for item in STATEMENTS if item.group == group and item.says[1] == "."]
        for group in groups
    }
    assert numbered == {
        "Principles": list("123"),
        "How it works": [],
        "How to write a patch": list("01234567"),
        "Limitations": list("12"),
    }


def test_every_statement_and_all_code_has_a_proof() -> None:
    assert len(PROOFS_OF) == len(STATEMENTS) + len(CODE)
    assert [said for said, proofs in PROOFS_OF.items() if not proofs] == []


@pytest.mark.parametrize("proof", sorted({one for proofs in PROOFS_OF.values() for one in proofs}))
def test_every_test_that_is_named_exists(proof: str) -> None:
    assert_exists(proof)


def test_a_patch_that_ends_says_why_and_no_other_does() -> None:
    newest = RELEASES[-1]
    for item in CODE:
        assert bool(item.end) is not admits(PATCHES[item.patch].versions, newest), item.patch


def test_the_releases_that_are_shown_are_in_the_lock() -> None:
    assert set(RELEASES) <= set(read_lock().releases("vllm", "sdist"))


def test_a_state_names_the_first_release_that_a_patch_is_not_for() -> None:
    edits = [Replace(inside="m", find="a", replace="b")]
    patch = Patch(why="w", upstream="u", drop_when="d", versions=">=0.20,<0.27", edits=edits)
    item = Code(target="t", patch="p", plugin="x", proofs=(), end="upstream has it")
    known = ("0.19.0", "0.23.0", "0.26.0", "0.27.1", "0.33.0")
    assert state(item, patch, "0.26.0", known) == "applied"
    assert state(item, patch, "0.33.0", known) == "excluded from 0.27.1 on: upstream has it"


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = "\n".join(["before", *PROVING, "between", *GUIDE, "after"])
    made = page(text)
    assert made.startswith(f"before\n{PROVING[0]}\n\n| code of vLLM |")
    assert f"\n\n{PROVING[1]}\nbetween\n{GUIDE[0]}\n\n### Principles\n" in made
    assert made.endswith(f"\n\n{GUIDE[1]}\nafter")
    assert page(made) == made
