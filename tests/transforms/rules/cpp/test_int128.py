"""Integers of 128 bits that only carry 16 bytes become CUDA's `int4`."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.int128 import RULE

TESTER = RuleTester(RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("__int128_t* p;", "int4* p;"),
        ("const __uint128_t* __restrict__ p;", "const int4* __restrict__ p;"),
        ("__int128_t const* p;", "int4 const* p;"),
        ("unsigned __int128* p;", "int4* p;"),
        ("f((__int128*)p);", "f((int4*)p);"),
        ("extern __shared__ __int128_t s[];", "extern __shared__ int4 s[];"),
        ("n = sizeof(__int128_t);", "n = sizeof(int4);"),
        ("void f(__int128_t* to, const __int128_t* from);", "void f(int4* to, const int4* from);"),
        ("__int128_t* p; f(&p[3], p + 1, x * p2);", "int4* p; f(&p[3], p + 1, x * p2);"),
    ],
)
def test_a_word_in_memory_is_an_int4(before: str, after: str) -> None:
    TESTER.assert_changes(before, after)


def test_copies_from_memory_to_memory_stay() -> None:
    TESTER.assert_changes(
        """
        void f(__int128_t* to, const __int128_t* from) {
          auto next = from + 1;
          *to = *from;
          to[1] = from[1];
          to[2] = *next;
        }
        """,
        """
        void f(int4* to, const int4* from) {
          auto next = from + 1;
          *to = *from;
          to[1] = from[1];
          to[2] = *next;
        }
        """,
    )


@pytest.mark.parametrize(
    "code",
    [
        "__int128_t x = 3;",
        "__int128_t f();",
        "__int128_t& f(__int128_t*);",
        "std::vector<__int128_t> x;",
        "__int128_t s[4];",
        "x = (__int128_t)y * z;",
    ],
)
def test_refuses_values(code: str) -> None:
    assert "it is a value here" in (TESTER.apply(code)[1] or pytest.fail(code)).reason


@pytest.mark.parametrize(
    "use",
    [
        "x = *p + 1;",
        "*p += 1;",
        "*p = 0;",
        "x = p[0];",
        "return *p;",
        "f(*p);",
        "if (p[1]) f();",
        "auto q = p + 1; x = *q;",
        "auto* q = p; f(q[2]);",
        "*p = *p + 1;",
        "*to = *p;",
    ],
)
def test_refuses_numbers(use: str) -> None:
    problem = TESTER.apply(f"__int128_t* p; {use}")[1]
    assert problem is not None
    assert "used as a number here" in problem.reason


@pytest.mark.parametrize(
    ("code", "path", "why"),
    [
        ("__int128_t* p;", "csrc/x.cpp", "need not be compiled as CUDA"),
        ("struct int4 {}; __int128_t* p;", "csrc/x.cu", "has its own int4"),
        ("using __int128_t = X;", "csrc/x.cu", "says itself what __int128_t is"),
    ],
)
def test_refuses_where_int4_is_not_cudas(code: str, path: str, why: str) -> None:
    problem = TESTER.apply(code, path=path)[1]
    assert problem is not None
    assert why in problem.reason


def test_leaves_comments_and_other_names_alone() -> None:
    TESTER.assert_untouched(
        """
        // __int128_t* p
        constexpr int n = sizeof(uint128_t);
        const char* s = "__int128_t";
        """
    )
