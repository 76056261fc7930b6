"""A patch of something huge is as long as the change, not as what was changed."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.test_capture import captured
from transforms.edits import ExtendLiteral, Replace, ReplaceText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.edit import Edit

FEW_LINES = 12


def entries(*extra: str, above: str = "") -> str:
    """Give a dictionary of 240 lines, with more of them at one comment."""
    lines = ["environment = {"]
    for number in range(60):
        lines.append(f"    # What {number} is for.")
        lines += [*extra, above] if number == 40 and above else extra if number == 40 else []
        lines += [f'    "VLLM_{number}": lambda: os.environ.get(', f"        {number!r}", "    ),"]
    return "\n".join([*lines, "}", ""])


ACME = '    "ACME": lambda: 1,'


def longest(edits: Sequence[Edit]) -> int:
    """Count the lines of the longest text that an edit says."""
    texts = [getattr(edit, item.name) for edit in edits for item in fields(edit) if item.init]  # type: ignore[arg-type]
    return max(text.count("\n") + 1 for text in texts if isinstance(text, str))


def test_an_entry_below_a_comment_of_a_huge_dictionary_is_a_few_lines_of_text() -> None:
    (edit,) = captured(entries(), entries(ACME))
    assert edit == ReplaceText(
        path="m.py",
        find='    # What 40 is for.\n    "VLLM_40": lambda: os.environ.get(\n',
        replace=f'    # What 40 is for.\n{ACME}\n    "VLLM_40": lambda: os.environ.get(\n',
    )


def test_an_entry_between_others_names_the_keys_beside_it() -> None:
    old = "    # What 40 is for.\n"
    (edit,) = captured(entries(), entries().replace(old, f"{ACME}\n{old}"))
    kept = '"VLLM_39": $value0_39', '"VLLM_40": $value2_0'
    assert edit == Replace(
        inside="m",
        find=f"{{$$kept0, {kept[0]}, {kept[1]}, $$kept2}}",
        replace=f'{{$$kept0, {kept[0]}, "ACME": lambda: 1, {kept[1]}, $$kept2}}',
    )


def test_an_entry_behind_the_others_extends_the_dictionary() -> None:
    (edit,) = captured(entries(), entries().removesuffix("}\n") + f"{ACME}\n}}\n")
    assert edit == ExtendLiteral(inside="m", name="environment", add='"ACME": lambda: 1')


def test_an_entry_that_is_gone_is_told_by_the_keys_beside_it() -> None:
    before = 'x = {\n    "a": 1,\n    "b": 2,\n    "c": 3,\n    "d": 4,\n    "e": 5,\n}\n'
    (edit,) = captured(before, before.replace('    "c": 3,\n', ""))
    assert edit == Replace(
        inside="m",
        find='{$$kept0, "b": $value0_1, "c": 3, "d": $value2_0, $$kept2}',
        replace='{$$kept0, "b": $value0_1, "d": $value2_0, $$kept2}',
    )


def test_a_key_may_hold_what_looks_like_a_metavariable() -> None:
    before = 'x = {"$a": 1, "b$": 2, "$$c": 3, **rest, "e": 5, "f": 6}\n'
    (edit,) = captured(before, before.replace("**rest", '**rest, "new": 7'))
    assert isinstance(edit, Replace)
    assert edit.find == '{$$kept0, **rest, "e": $value2_0, $$kept2}'


def lines_of(first: str, line: str, last: str) -> str:
    return "\n".join([first, *(line.format(number) for number in range(24)), last, ""])


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        pytest.param(
            lines_of("x = [", "    ('name', {}),", "]"),
            "    ('name', 12),\n",
            "    ('name', 12),\n    # New.\n    more,\n",
            id="a list",
        ),
        pytest.param(
            lines_of("x = run(", "    name_{},", ")"),
            "    name_12,\n",
            "    name_12,\n    more,\n",
            id="a call",
        ),
        pytest.param(
            lines_of(
                "def f(x):\n    if x:\n        y = 0",
                "    elif x == {0}:\n        y = call(x, {0})",
                "    return y",
            ),
            "    elif x == 12:\n",
            "    elif x == 'new':\n        y = other(x)\n    elif x == 12:\n",
            id="a chain of conditions",
        ),
        pytest.param(
            lines_of("def f(x):\n    return {", '        "{0}": call({0}, x),', "    }"),
            '        "12": call(12, x),\n',
            '        "12": call(12, x + 1),\n        # New.\n',
            id="a value and a comment",
        ),
    ],
)
def test_nothing_is_said_that_is_far_longer_than_the_change(
    before: str, old: str, new: str
) -> None:
    assert before.count(old) == 1
    assert longest(captured(before, before.replace(old, new))) <= FEW_LINES


def test_text_that_is_inserted_names_the_lines_on_both_sides() -> None:
    before = lines_of("x = run(", "    name_{},", ")")
    (edit,) = captured(before, before.replace("    name_12,\n", "    name_12,\n    more,\n"))
    assert isinstance(edit, ReplaceText)
    assert edit.find == "    name_12,\n    name_13,\n"


def test_what_is_nowhere_unique_is_still_captured_as_a_whole() -> None:
    call = "    same,\n" * 40
    before = f"x = run(\n{call})\n"
    (edit,) = captured(before, before.replace(call, call + "    same,\n"))
    assert longest([edit]) > FEW_LINES
