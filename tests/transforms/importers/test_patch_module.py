"""Captured edits become a module that reads like one that was written by hand."""

from __future__ import annotations

import ast
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from transforms.edits import AddModule, InsertAfter, Patch, Replace, ReplaceText
from transforms.engine.patterns.pattern import blank_lines_around
from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from transforms.engine.edit import Edit

LONG = (
    "startup fails on every device that is not named cuda, as no one asks current_platform.is_musa"
)


def loaded(text: str) -> Patch:
    names: dict[str, Patch] = {}
    exec(compile(text, "patch.py", "exec"), names)  # noqa: S102 - ours
    return names["PATCH"]


def written(*edits: Edit, why: str = "w") -> str:
    return patch_module(
        edits, docstring="Do it.", versions=">=0.10", why=why, upstream="u", drop_when="d"
    )


def test_a_module_reads_like_one_by_hand() -> None:
    text = patch_module(
        [
            Replace(inside="m.f", find='a == "x"', replace='a in ("x", "y")', count=2),
            InsertAfter(
                inside="m.f",
                anchor="a = $value",
                code="\n\nif a:\n    go()\n",
                other_side="",
            ),
            ReplaceText(path="m.py", find="# one\n", replace="# two\n"),
            AddModule(path="n.py", data=b"x = 1\n"),
        ],
        docstring="Let it start.",
        versions=">=0.10",
        why=LONG,
    )
    assert text == dedent(
        '''\
        """Let it start."""

        from transforms.edits import AddModule, InsertAfter, Patch, Replace, ReplaceText

        PATCH = Patch(
            why=(
                "startup fails on every device that is not named cuda, as no one asks "
                "current_platform.is_musa"
            ),
            upstream="",  # a link to the change upstream, or why there is none
            drop_when="",  # a condition that somebody, or the tool, can check
            versions=">=0.10",
            edits=[
                Replace(
                    inside="m.f",
                    find='a == "x"',
                    replace='a in ("x", "y")',
                    count=2,
                ),
                InsertAfter(
                    inside="m.f",
                    anchor="a = $value",
                    code="""

                        if a:
                            go()
                    """,
                    other_side="",
                ),
                ReplaceText(
                    path="m.py",
                    find="# one\\n",
                    replace="# two\\n",
                ),
                AddModule(
                    path="n.py",
                ),
            ],
        )
        '''
    )


def test_what_the_author_has_to_say_is_an_error_that_names_it() -> None:
    edit = Replace(inside="m.f", find="a.b", replace="a.c")
    text = patch_module([edit], docstring="Do it.", versions="")
    with pytest.raises(ValueError, match="'why', 'upstream', 'drop_when'"):
        loaded(text)


@pytest.mark.parametrize(
    "code",
    [
        "go()",
        "\n\ngo()\n\n\n",
        'text = """\nflush left\n  not\n"""',
        "text = '''\none'''\nother = \"\"\"two\n\"\"\"",
        'pattern = r"\\d\\n"',
        "a = 'it''s' + \"x\"",
        f"call({', '.join(f'argument_{number}' for number in range(12))})",
        "x = 'wörter \U0001f600 \u200b'",
        "if a:\n\n    # comment\n    go()",
    ],
)
def test_any_code_is_read_as_it_was(code: str) -> None:
    edit = InsertAfter(inside="m.f", anchor="a = $value", code=code)
    (read,) = loaded(written(edit)).edits
    assert isinstance(read, InsertAfter)
    assert shown(read) == shown(edit)
    assert blank_lines_around(read.code) == blank_lines_around(edit.code)


def shown(edit: InsertAfter) -> list[str]:
    return [ast.dump(node) for node in edit._template.pattern.nodes]


@pytest.mark.parametrize(
    "text",
    [
        "# one\n",
        "# one\n# two\n" * 9,
        "    'quotes' \"both\" \\ back\n\ttab",
        "x" * 150,
        "é\u2028\x00",
    ],
)
def test_exact_text_is_exact(text: str) -> None:
    edit = ReplaceText(path="m.py", find=text, replace="new")
    assert loaded(written(edit)).edits == [edit]
