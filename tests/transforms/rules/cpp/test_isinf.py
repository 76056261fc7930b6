"""Device code asks CUDA whether a number is infinite, host code its own library."""

from __future__ import annotations

import pytest

from tests.transforms.rules.cpp.conftest import RuleTester
from transforms.rules.cpp.isinf import RULE

tester = RuleTester(RULE)


@pytest.mark.parametrize("name", ["isinf", "isnan", "isfinite"])
@pytest.mark.parametrize("attribute", ["__global__", "__device__", "__device__ __forceinline__"])
def test_device_code_is_changed(name: str, attribute: str) -> None:
    tester.assert_changes(
        f"{attribute} void f(float* x) {{ if (std::{name}(*x)) *x = 0; }}\n",
        f"{attribute} void f(float* x) {{ if ({name}(*x)) *x = 0; }}\n",
    )


def test_a_method_of_a_class_is_changed() -> None:
    tester.assert_changes(
        """
        namespace vllm {
        struct State {
          float max;
         public:
          __device__ bool empty() const { return std :: isinf(max); }
        };
        }
        """,
        """
        namespace vllm {
        struct State {
          float max;
         public:
          __device__ bool empty() const { return isinf(max); }
        };
        }
        """,
    )


def test_the_global_namespace_is_kept() -> None:
    tester.assert_changes(
        "__device__ bool f(float x) { return ::std::isinf(x); }\n",
        "__device__ bool f(float x) { return ::isinf(x); }\n",
    )


@pytest.mark.parametrize(
    "code",
    [
        "bool f(float x) { return std::isinf(x); }\n",
        "static bool f(float x) { auto g = [&] { return std::isinf(x); }; return g(); }\n",
        'void f(double x) { STD_TORCH_CHECK(std::isfinite(x) && x > 0, "bad"); }\n',
        "__device__ bool f(float x) { return cuda::std::isinf(x); }\n",
        "__device__ bool f(float x) { return isinf(x); }  // not std::isinf\n",
        "__device__ bool f(float x) { return mine::isinf(x); }\n",
    ],
)
def test_what_msvc_compiles_is_left_alone(code: str) -> None:
    tester.assert_untouched(code)


def test_a_file_of_the_host_has_no_device_code() -> None:
    tester.assert_untouched("#define BAD(x) std::isinf(x)\n", path="csrc/bindings.cpp")


@pytest.mark.parametrize(
    "code",
    [
        "#define BAD(x) std::isinf(x)\n",
        "using std::isinf;\n",
        "HOST_DEVICE bool f(float x) { return std::isinf(x); }\n",
        "__host__ __device__ bool f(float x) { return std::isinf(x); }\n",
        "__my_inline__ bool f(float x) { return std::isinf(x); }\n",
        "__device__ void f() { check(std::isinf<float>); }\n",
    ],
)
def test_what_cannot_be_told_is_refused(code: str) -> None:
    tester.assert_refused(code)


def test_all_refusals_are_named() -> None:
    problem = tester.assert_refused(
        "#define A(x) std::isinf(x)\n#define B(x) std::isnan(x)\nint x;\n"
    )
    assert (problem.line, problem.closest) == (1, "#define A(x) std::isinf(x)")
    assert len(problem.notes) == 1
