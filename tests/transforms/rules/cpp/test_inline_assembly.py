"""Assembly of the device is written as C++ has it; assembly of the host is never touched."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.engine.syntax.source import Source
from transforms.rules.cpp.inline_assembly import RULE

tester = RuleTester(RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("__asm__ __volatile__", "asm volatile"),
        ("__asm__ volatile", "asm volatile"),
        ("asm __volatile__", "asm volatile"),
        ("__asm __volatile", "asm volatile"),
        ("__asm__", "asm"),
        ("__asm__  /* PTX */ __volatile__", "asm  /* PTX */ volatile"),
    ],
)
def test_each_of_gccs_spellings_becomes_a_keyword(before: str, after: str) -> None:
    tester.assert_changes(
        f'__device__ void f() {{ {before}("nop;"); }}\n',
        f'__device__ void f() {{ {after}("nop;"); }}\n',
    )


def test_a_lambda_of_a_kernel_is_device_code() -> None:
    tester.assert_changes(
        """
        template <int N = 4>
        __global__ void kernel() {
          auto wait = [&](int n) { __asm__ __volatile__("nop;"); };
          for (int i = 0; i < N; ++i) wait(i);
        }
        """,
        """
        template <int N = 4>
        __global__ void kernel() {
          auto wait = [&](int n) { asm volatile("nop;"); };
          for (int i = 0; i < N; ++i) wait(i);
        }
        """,
    )


@pytest.mark.parametrize("side", ["__device__", "static"])
def test_what_is_written_as_cpp_is_left_alone(side: str) -> None:
    code = f'{side} void f() {{ asm volatile("nop;"); asm("nop;"); }}  // __asm__\n'
    tester.assert_untouched(code)
    assert not RULE.match(Source("csrc/a.cu", code.encode())).sites


@pytest.mark.parametrize(
    "condition", ["#ifdef __aarch64__", "#if defined(__x86_64__)", "#ifdef USE_ROCM"]
)
def test_what_msvc_never_compiles_is_left_alone(condition: str) -> None:
    tester.assert_untouched(
        f"""
        void wait() {{
        {condition}
          __asm__ __volatile__("yield");
        #endif
        }}
        """,
        path="csrc/wait.cpp",
    )


def test_the_other_branch_is_compiled() -> None:
    problem = tester.assert_refused(
        """
        void wait() {
        #ifdef __aarch64__
          yield();
        #else
          __asm__ __volatile__("pause");
        #endif
        }
        """,
        path="csrc/wait.cpp",
    )
    assert problem.line == 6


def test_assembly_of_the_host_is_refused() -> None:
    problem = tester.assert_refused('static void wait() { __asm__ __volatile__("pause"); }\n')
    assert "host" in problem.reason


@pytest.mark.parametrize(
    "code",
    [
        '#define WAIT __asm__ __volatile__("nop;")\n',
        'INLINE void wait() { __asm__ __volatile__("nop;"); }\n',
        '__host__ __device__ void wait() { __asm__ __volatile__("nop;"); }\n',
        'long f(int n) __asm("llvm.f");\n',
    ],
)
def test_what_may_be_of_either_side_is_refused(code: str) -> None:
    assert "nothing shows" in tester.assert_refused(code).reason


def test_a_macro_of_the_same_file_is_looked_up() -> None:
    tester.assert_changes(
        '#define INLINE __device__ __forceinline__\nINLINE void f() { __asm__("nop;"); }\n',
        '#define INLINE __device__ __forceinline__\nINLINE void f() { asm("nop;"); }\n',
    )
