"""docs/ucm.md: every patch is named, every proof exists, and states are as they are declared."""

from __future__ import annotations

import pytest

from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform
from docs.ucm_table import (
    FUNCTIONS,
    GUIDE,
    PAGE,
    PLATFORMS,
    SHOWN,
    STATES,
    Outcome,
    Outcomes,
    page,
    read_items,
)
from tests.named_proofs import assert_exists
from transforms.engine.patch import admits

SEED_SECTIONS = 8
FOUND, ITEMS = read_items("guide"), [*read_items("guide"), *read_items("function")]
PATCHES = {
    f"{platform}/{stem}": patch
    for platform in PLATFORMS
    for stem, patch in load_platform(platform).patches.items()
}
RELEASES = read_lock().releases("vllm", "sdist")


def _declared() -> Outcomes:
    """Give what the declarations say: that is what becomes of patches that hold everywhere."""
    return {
        name: {
            release: Outcome(
                outcome="applied" if admits(patch.versions, release) else "excluded", places=7
            )
            for release in RELEASES
        }
        for name, patch in PATCHES.items()
    }


def test_every_patch_does_what_some_function_of_ucm_did() -> None:
    assert {name for item in read_items("function") for name in item.patches} == PATCHES.keys()


def test_only_patches_that_exist_are_named() -> None:
    assert {name for item in ITEMS for name in item.patches} <= PATCHES.keys()


def test_all_sections_of_the_guide_are_there() -> None:
    text = " ".join(dict.fromkeys(item.group for item in FOUND))
    assert all(f"{number}. " in text for number in range(1, SEED_SECTIONS + 1))


def test_every_item_says_what_does_it() -> None:
    assert [item.says for item in ITEMS if not (item.patches or item.here)] == []


@pytest.mark.parametrize("proof", sorted({one for item in ITEMS for one in item.proofs}))
def test_every_test_that_is_named_exists(proof: str) -> None:
    assert_exists(proof)


def test_what_a_patch_does_has_a_proof() -> None:
    assert [item.says for item in ITEMS if item.patches and not item.proofs] == []


def test_the_page_says_of_each_patch_on_which_releases_it_is() -> None:
    # The numbers of places are outcomes, which take all releases: a session compares them.
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    made = page(PAGE.read_text(encoding="utf-8"), _declared()).splitlines()
    assert len(lines) == len(made)
    states = {line.split("|")[1].strip(" `"): line for line in lines if line.startswith("| `ucm")}
    for line in made:
        if line.startswith("| `ucm"):
            name = line.split("|")[1].strip(" `")
            assert states[name].split("|")[-2] == line.split("|")[-2]


def test_outcomes_of_all_kinds_are_written() -> None:
    name = "ucm/points"
    outcomes = _declared()
    outcomes[name]["0.11.0"] = Outcome(outcome="drifted", places=0)
    (line,) = [
        line
        for line in page(PAGE.read_text(encoding="utf-8"), outcomes).splitlines()
        if line.startswith(f"| `{name}` | 7")
    ]
    assert line.startswith(f"| `{name}` | 7 | drifted | 7 |")
    assert line.endswith(", else drifted |")


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    text = "\n".join(["before", *GUIDE, "between", *FUNCTIONS, "and", *STATES, "after"])
    made = page(text, _declared())
    assert made.startswith(f"before\n{GUIDE[0]}\n\n### 1. Why")
    assert f"\n\n{GUIDE[1]}\nbetween\n{FUNCTIONS[0]}\n\n### Attention" in made
    assert made.endswith(f"\n\n{STATES[1]}\nafter")
    assert page(made, _declared()) == made


def test_the_releases_that_are_shown_are_in_the_lock() -> None:
    assert set(SHOWN) <= set(RELEASES)
