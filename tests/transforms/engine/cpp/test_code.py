"""Brackets are paired, through branches of the preprocessor too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.cpp_files import code_of_text
from transforms.engine.cpp.code import Code

_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def _pairs(code: Code) -> set[tuple[int, int]]:
    """Give the pairs, opening ones first, as numbers among all brackets of the file."""
    brackets = [at for at, token in enumerate(code.tokens) if token.text in "()[]{}"]
    number = {at: index for index, at in enumerate(brackets)}
    return {
        (number[first], number[last])
        for first, last in code.partner.items()
        if code.tokens[first].text in _BRACKETS
    }


_balanced = st.recursive(
    st.just(""),
    lambda inner: st.lists(
        st.tuples(st.sampled_from("([{"), inner).map(lambda p: f"{p[0]}{p[1]}{_BRACKETS[p[0]]}")
    ).map("".join),
    max_leaves=20,
)


@given(_balanced)
def test_balanced_brackets_are_paired_as_a_stack_pairs_them(text: str) -> None:
    stack: list[int] = []
    pairs = set()
    for at, letter in enumerate(text):
        if letter in _BRACKETS:
            stack.append(at)
        else:
            pairs.add((stack.pop(), at))
    assert _pairs(Code(text.encode())) == pairs


@given(st.text("([{<>}])#if else\n", max_size=40))
def test_partners_are_mutual_and_in_order(text: str) -> None:
    code = Code(text.encode())
    for first, last in code.partner.items():
        if code.tokens[first].text in _BRACKETS:
            assert first < last
            assert code.tokens[last].text == _BRACKETS[code.tokens[first].text]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        # Each branch opens what is closed behind them.
        ("#if A\na {\n#else\nb {\n#endif\n}", {(0, 2), (1, 2)}),
        ("{\n#if A\n}\n#endif\n#if !A\n#endif", {(0, 1)}),
        ("#if A\n{\n#endif\nx\n#if A\n}\n#endif", {(0, 1)}),
        # Each branch closes what was opened before them; it belongs to the last one.
        ("f(\n#if A\na)\n#else\nb)\n#endif", {(0, 2)}),
        # The body of a macro is on its own.
        ("{\n#define OPEN {(\n}", {(0, 3)}),
        ("#define M(a) do { a } while (0)\n(", {(0, 1), (2, 3), (4, 5)}),
        # A brace ends what nothing has closed in it.
        ("{ ( }", {(0, 2)}),
        ("( { ) }", {(1, 3)}),
    ],
)
def test_brackets_are_paired_in_all_branches(text: str, pairs: set[tuple[int, int]]) -> None:
    assert _pairs(Code(text.encode())) == pairs


def test_a_macro_closes_nothing_outside_of_it() -> None:
    code = Code(b"f(\n#define CLOSE )\n)")
    assert code.partner == {1: 6, 6: 1}


def test_digraphs_are_brackets() -> None:
    code = Code(b"a<:1:> <% x; %>")
    assert {code.tokens[at].text for at in code.partner} == {"<:", ":>", "<%", "%>"}


def test_a_directive_has_a_name_and_a_span() -> None:
    code = code_of_text(
        """
        #  include <a.h>
        #
        x
        %:define F(a) \\
          a
        """
    )
    names = {number: code.directive_name(number) for number in code.directive_spans}
    assert names == {1: "include", 2: "", 3: "define"}
    assert code.text(*code.directive_spans[3]) == "%:define F(a) \\\n  a"


def test_a_unit_is_a_token_or_a_whole_group() -> None:
    code = Code(b"f(a, (b)) [")
    ends = {code.tokens[at].text: code.end_of_unit(at) for at in (0, 1, 8)}
    assert ends == {"f": 1, "(": 8, "[": 9}


def test_a_line_ends_behind_its_comments() -> None:
    data = b"a; // b\nc; d;\n#define X e; \\\n f"
    code = Code(data)
    assert code.end_of_line(1) is None
    assert code.end_of_line(2) == data.index(b"\nc")
    assert code.end_of_line(data.index(b"; d") + 1) is None
    assert code.end_of_line(data.index(b"; \\") + 1) == data.index(b"; \\") + 1
    assert code.end_of_line(len(data)) == len(data)
