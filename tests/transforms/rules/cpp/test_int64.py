"""glibc's names for the integers of 64 bits become the standard's."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.int64 import RULE

TESTER = RuleTester(RULE)
HEAD = "#include <cstdint>\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("__int64_t x;", "int64_t x;"),
        ("const __uint64_t* p;", "const uint64_t* p;"),
        ("::__int64_t x;", "::int64_t x;"),
        ("auto p = reinterpret_cast<__int64_t*>(q);", "auto p = reinterpret_cast<int64_t*>(q);"),
        ("#define WORD __int64_t\n", "#define WORD int64_t\n"),
        ("typedef __int64_t word;", "typedef int64_t word;"),
        ("__int64_t /* __int64_t */ x;", "int64_t /* __int64_t */ x;"),
    ],
)
def test_the_standards_name_takes_the_place(before: str, after: str) -> None:
    TESTER.assert_changes(HEAD + before, HEAD + after)


def test_a_file_that_uses_the_standards_name_has_it_from_a_header() -> None:
    TESTER.assert_changes(
        "#include <torch/all.h>\nint64_t n;\n__int64_t x;\n",
        "#include <torch/all.h>\nint64_t n;\nint64_t x;\n",
    )


def test_leaves_comments_strings_and_longer_names_alone() -> None:
    TESTER.assert_untouched(
        """
        // __int64_t
        const char* name = "__int64_t";
        int my__int64_t, __int64_t_;
        int64_t x;
        """
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("__int64_t x;", "nothing shows that int64_t is declared"),
        ("#include <stdint.hpp>\n__uint64_t x;", "nothing shows that uint64_t is declared"),
        ("#pragma cstdint\n__int64_t x;", "nothing shows that int64_t is declared"),
        (HEAD + "typedef long long __int64_t;", "says itself what __int64_t is"),
        (HEAD + "using __int64_t = long long;", "says itself what __int64_t is"),
        (HEAD + "#define __int64_t long long\n", "says itself what __int64_t is"),
        (HEAD + "#ifdef __int64_t\n#endif\n", "says itself what __int64_t is"),
        (HEAD + "mine::__int64_t x;", "says itself what __int64_t is"),
    ],
)
def test_refuses_where_the_name_may_be_another_type(code: str, why: str) -> None:
    assert why in TESTER.assert_refused(code).reason


def test_a_refusal_names_the_lines() -> None:
    problem = TESTER.assert_refused("\n__int64_t x;\nint y;\n__int64_t z;\n")
    assert (problem.line, problem.closest) == (2, "__int64_t x;")
    assert problem.notes[0].startswith("csrc/kernels.cu:4: ")
