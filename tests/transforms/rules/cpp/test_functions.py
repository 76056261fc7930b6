"""Which side a piece of code runs on: what its function says, and nothing that is guessed."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.functions import Side, side_of


def side(code: str, path: str = "csrc/kernels.cu") -> Side:
    """Give the side of the name `here` in a piece of code."""
    tokens = Code(code.encode())
    (index,) = tokens.places["here"]
    return side_of(tokens, index, path)


@pytest.mark.parametrize(
    "code",
    [
        "__global__ void f() { here(); }",
        "__global__ void __launch_bounds__(256) f(int n) { if (n) { here(); } }",
        "template <int N = 4, class T = A<B<int>>> __device__ inline T f(T x = T{}) { here(); }",
        "struct S { __device__ S(int a) : a(a) { here(); } int a; };",
        "class S { public: __device__ int f() const { return here; } };",
        "namespace n { extern int a[] = {1}; static __device__ void f() { while (1) here(); } }",
        "__device__ void f() { auto g = [=](int x) { return here; }; g(1); }",
        "__device__ void f() { run([&](int x) { here(); }); }",
        "__device__ void f() { run([&] { switch (1) { case 1: { here(); } } }); }",
        "#define DINLINE static __device__ inline\nDINLINE int f() { return here; }",
    ],
)
def test_what_its_function_says_is_for_the_device(code: str) -> None:
    assert side(code) is Side.DEVICE


@pytest.mark.parametrize(
    "code",
    [
        "void f() { here(); }",
        "static inline int f() { return here; }",
        "namespace n { void f() { DISPATCH(1, [&] { k<<<1, 1>>>(here); }); } }",
        "__global__ void k(); void f() { here(); }",
        "__device__ void g() {}\nint f() { return here; }",
        "struct S f() { here(); }",
        "[[nodiscard]] int f() { return here; }",
    ],
)
def test_what_says_nothing_is_for_the_host(code: str) -> None:
    assert side(code) is Side.HOST


@pytest.mark.parametrize(
    "code",
    [
        "int a = here;",
        "struct S { int a = here; };",
        "struct alignas(16) S { int a = here; };",
        "class S : T<sizeof(int)> { int a = here; };",
        "#define M here\n",
        "__device__ void f() {\n#define M here\n}",
        "__host__ __device__ void f() { here(); }",
        "TORCH_API void f() { here(); }",
        "__somebodys_inline__ void f() { here(); }",
        "TEST(a, b) { INLINE void f() { here(); } }",
    ],
)
def test_what_cannot_be_told_is_not_guessed(code: str) -> None:
    assert side(code) is Side.UNKNOWN


def test_a_file_that_nvcc_does_not_read_is_for_the_host() -> None:
    assert side("int a = here;", "csrc/bindings.cpp") is Side.HOST
