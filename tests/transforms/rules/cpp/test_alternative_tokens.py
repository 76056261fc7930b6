"""Words that are operators become the operators that they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.engine.cpp.tokens import INSIGNIFICANT, lex
from transforms.rules.cpp.alternative_tokens import OPERATORS, RULE

TESTER = RuleTester(RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a and b", "a && b"),
        ("a and_eq b", "a &= b"),
        ("a bitand b", "a & b"),
        ("a bitor b", "a | b"),
        ("a or b", "a || b"),
        ("a or_eq b", "a |= b"),
        ("a xor b", "a ^ b"),
        ("a xor_eq b", "a ^= b"),
        ("a not_eq b", "a != b"),
        ("compl a", "~a"),
        ("not a", "!a"),
        ("not(a)", "!(a)"),
        ("not  \t(a)", "!(a)"),
        ("not\n    a", "!\n    a"),
        ("not /* or */ a", "! /* or */ a"),
        ("not not a", "!!a"),
        ("(a)and(b)", "(a)&&(b)"),
        ("bool operator and(X);", "bool operator &&(X);"),
        ("a or // or\n  b", "a || // or\n  b"),
    ],
)
def test_each_word_is_its_operator(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a bitand&b", "a & &b"),
        ("(a)bitand&b", "(a)& &b"),
        ("&and b", "& && b"),
        ("a=not=b", "a=! =b"),
        ("a bitor|b", "a | |b"),
        ("a-compl b", "a-~b"),
        ("a<compl b", "a<~b"),
    ],
)
def test_operators_do_not_run_together(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


def test_acts_in_conditions_and_bodies_of_macros() -> None:
    TESTER.assert_changes(
        """
        #if defined(A) or not \\
            defined(B)
        #define both(a, b) ((a) and (b))
        #endif
        """,
        """
        #if defined(A) || ! \\
            defined(B)
        #define both(a, b) ((a) && (b))
        #endif
        """,
    )


def test_leaves_names_of_headers_messages_comments_and_strings_alone() -> None:
    TESTER.assert_untouched(
        """
        #include <x/and.h>
        #include "x/or.h"
        #error this and not that
        #pragma message this or that
        // and or not
        /* and
           or */
        const char* s = "and or" R"(not
        xor)";
        asm("and.b32 %0, %1, %2;" : "=r"(a));
        int band, and_, nor;
        """
    )


def test_leaves_c_alone_where_they_are_names() -> None:
    TESTER.assert_untouched("int and = 1;\n", path="csrc/x.c")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("#define and &&\n", "a macro has the name `and`"),
        ("#ifdef not\n#endif\n", "a macro has the name `not`"),
        ("#define m(a) a##or\n", "pastes `or`"),
        ("#define m(a) or ## a\n", "pastes `or`"),
        ("#define m(and) #and\n", "pastes `and`"),
    ],
)
def test_refuses_what_macros_make_of_the_words(code: str, why: str) -> None:
    problem = TESTER.apply(code)[1]
    assert problem is not None
    assert why in problem.reason


_PIECES = st.sampled_from(
    [*OPERATORS, "a", "b1", "(", ")", "&", "|", "=", "!", "<", ">", "~", "-", "^", "1", '"or"']
)
_GAPS = st.sampled_from([" ", "  ", "\n", "/* and */", " \\\n", "\t"])


@given(st.lists(st.tuples(_PIECES, _GAPS), max_size=12), st.booleans())
def test_only_the_words_change_and_nothing_runs_together(
    pieces: list[tuple[str, str]],
    tight: bool,  # noqa: FBT001
) -> None:
    before = "".join(
        text + ("" if tight and not text[-1].isalnum() else gap) for text, gap in pieces
    )
    after, problem = TESTER.apply(before)
    assert problem is None
    expected = [OPERATORS.get(text, text) for text in _significant(before)]
    assert _significant(after) == expected


def _significant(text: str) -> list[str]:
    return [each.text for each in lex(text.encode()) if each.kind not in INSIGNIFICANT]
