"""The tables of a plugin's mutations: by outcome, by form, and what is left with its place."""

from __future__ import annotations

from build_hooks.platforms import load_platform
from docs.ascend_mutations import OUTCOMES, PLATFORM, replaced_by, tables
from transforms.importers.monkeypatch.mutation import Place
from transforms.importers.monkeypatch.table import Row


def row(line: int, outcome: str, what: str, *, form: str = "constant", target: str = "m:x") -> Row:
    place = Place(file="plug_in/patch/a_b.py", line=line)
    return Row(place=place, target=target, spelled="x", form=form, outcome=outcome, what=what)


ROWS = (
    row(9, "cannot", "it is <done> in a_loop over `a_list`"),
    row(8, "compiled", "Replace", form="wrap the original"),
    row(3, "needs nothing", "`HAS_IT` is False | here"),
    row(4, "needs nothing", "`HAS_IT` is False | here", target="m:n"),
    row(5, "needs a hint", "say what", form="wrap the original", target="m:f"),
    row(2, "cannot", "it is torch's", target="torch.f"),
)
MADE = tables(ROWS, {"m:f": ["one", "two"], "m:gone": ["one"], "m:n": ["three"]})


def test_each_outcome_is_counted_and_what_is_good_summed_up() -> None:
    lines = MADE.splitlines()
    assert "| compiled | 1 | 16.7% | an edit of vLLM does it |" in lines
    assert "| all | 6 | | 50.0% are compiled, or need nothing |" in lines


def test_each_form_is_counted_by_outcome_the_most_frequent_first() -> None:
    lines = MADE.splitlines()
    at = lines.index("| form | mutations | compiled | needs nothing | needs a hint | cannot |")
    assert lines[at + 2 : at + 4] == [
        "| constant | 4 |  | 2 |  | 2 |",
        "| wrap the original | 2 | 1 |  | 1 |  |",
    ]


def test_equal_reasons_are_counted_and_no_table_is_broken_by_one() -> None:
    assert "| `HAS_IT` is False \\| here | 2 |" in MADE


def test_what_is_left_has_file_line_and_reason_in_order() -> None:
    _, _, left = MADE.partition("### What cannot be compiled\n\n")
    assert left.splitlines() == [
        "- `patch/a_b.py:2`, `torch.f`, constant: it is torch's",
        "- `patch/a_b.py:9`, `m:x`, constant: it is &lt;done> in a\\_loop over `a_list`",
    ]


def test_what_a_patch_of_the_platform_does_is_told() -> None:
    assert "| `one` | `m:f` |\n| `two` | `m:f` |\n" in MADE
    assert (
        "- `patch/a_b.py:5`, `m:f`, wrap the original: say what "
        "(with `platform=ascend`: `ascend/one`, `ascend/two`)\n" in MADE
    )
    assert "m:gone" not in MADE
    assert "three" not in MADE


def test_the_patches_that_replace_are_the_platforms() -> None:
    stems = {stem for found in replaced_by().values() for stem in found}
    assert stems
    assert stems <= load_platform(PLATFORM).patches.keys()
    assert set(OUTCOMES) == {"compiled", "needs nothing", "needs a hint", "cannot"}
