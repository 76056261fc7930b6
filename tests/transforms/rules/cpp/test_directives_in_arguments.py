"""Directives leave the arguments of macros: each branch has a call of its own."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.directives_in_arguments import RULE

tester = RuleTester(RULE)


def test_a_branch_that_is_not_there_has_a_call_too() -> None:
    tester.assert_changes(
        """
        void f() {
          DISPATCH(x, {
            one();
        #ifndef USE_ROCM  // CUDA only
            two();
        #endif
          })
        }
        """,
        """
        void f() {
        #ifndef USE_ROCM  // CUDA only
          DISPATCH(x, {
            one();
            two();
          })
        #else
          DISPATCH(x, {
            one();
          })
        #endif
        }
        """,
    )


def test_each_of_several_branches_has_a_call() -> None:
    tester.assert_changes(
        """
        CHECK(a,
        #if A > 1
              b,
        #elif defined(B)
              c,
        #else
              d,
        #endif
              e);
        """,
        """
        #if A > 1
        CHECK(a,
              b,
              e);
        #elif defined(B)
        CHECK(a,
              c,
              e);
        #else
        CHECK(a,
              d,
              e);
        #endif
        """,
    )


def test_the_outermost_call_is_copied() -> None:
    tester.assert_changes(
        """
        OUTER(a, [&] {
          INNER(b, [&] {
        #ifdef A
            f(a);
        #endif
        }); }); // behind
        """,
        """
        #ifdef A
        OUTER(a, [&] {
          INNER(b, [&] {
            f(a);
        }); }); // behind
        #else
        OUTER(a, [&] {
          INNER(b, [&] {
        }); }); // behind
        #endif
        """,
    )


def test_what_stands_on_the_calls_lines_goes_with_it() -> None:
    tester.assert_changes(
        """
        int x = MAX(1,
        #ifdef A
                    2
        #else
                    3
        #endif
                    ) + 4;
        """,
        """
        #ifdef A
        int x = MAX(1,
                    2
                    ) + 4;
        #else
        int x = MAX(1,
                    3
                    ) + 4;
        #endif
        """,
    )


def test_the_files_line_ends_are_used() -> None:
    tester.assert_changes(
        "CALL(\r\n#ifdef A\r\nx\r\n#endif\r\n)\r\n",
        "#ifdef A\r\nCALL(\r\nx\r\n)\r\n#else\r\nCALL(\r\n)\r\n#endif\r\n",
    )


def test_a_macro_of_the_same_file_may_have_any_name() -> None:
    tester.assert_changes(
        "#define twice(x) x x\ntwice(\n#ifdef A\na\n#endif\n)\n",
        "#define twice(x) x x\n#ifdef A\ntwice(\na\n)\n#else\ntwice(\n)\n#endif\n",
    )


@pytest.mark.parametrize(
    "code",
    [
        "function(a,\n#ifdef A\nb,\n#endif\nc);\n",
        "void function(int a\n#ifdef A\n, int b\n#endif\n) {}\n",
        'asm volatile("a"\n#ifdef A\n"b"\n#endif\n);\n',
        "#ifdef A\nM(a);\n#else\nM(b);\n#endif\n",
        "#define CALL(x) \\\n  x\nM(1)\n#ifdef A\nM(2)\n#endif\n",
        "// CALL(\n#ifdef A\n// )\n#endif\n",
        "#define CONSTANT (1)\nint x CONSTANT;\n#undef CONSTANT\n",
    ],
)
def test_directives_elsewhere_are_left_alone(code: str) -> None:
    tester.assert_untouched(code)


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("#define A 1\n", "#define stands in the arguments of CALL"),
        ("#pragma unroll\n", "#pragma stands in the arguments of CALL"),
        ("#include <a.h>\n", "#include stands in the arguments of CALL"),
        ("#ifdef A\na\n#endif\n#ifdef A\nb\n#endif\n", "or several of them"),
        ("#ifdef A\na\n#ifdef B\nb\n#endif\n#endif\n", "conditions in conditions"),
    ],
)
def test_what_cannot_be_lifted_out_is_refused(inside: str, why: str) -> None:
    assert why in tester.assert_refused(f"CALL(\n{inside})\n").reason


def test_a_comment_on_the_first_line_that_began_before_is_refused() -> None:
    problem = tester.assert_refused("/* one\ntwo */ CALL(\n#ifdef A\na\n#endif\n)\n")
    assert "a comment" in problem.reason


def test_a_call_that_ends_in_a_branch_is_refused() -> None:
    tester.assert_refused("CALL(a\n#ifdef A\n, b)\n#else\n)\n#endif\n;\n")
