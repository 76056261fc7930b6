"""What an expression of a kernel holds is told where one file shows it, and nowhere else."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from transforms.engine.syntax.source import Source
from transforms.rules.triton.functions import triton_functions
from transforms.rules.triton.values import Kind, Value, values

PATH = "vllm/ops/kernels.py"
KERNEL = """
    import triton.language.core as core
    from triton.language import load
    from vllm.triton_utils import tl, triton
    from vllm.other import there
    G = tl.constexpr(4)
    H: tl.constexpr = 5
    P = 6

    @triton.jit
    def kernel(p, n, *rest, C: tl.constexpr, D: "tl.constexpr" = 3):
        x = tl.load(p)
        u = x.to(tl.uint32)
        f = x.to(tl.float32)
        flag = x > 0
        one = 1
        half = 0.5
        yes = True
        none = None
        kept = C
        K: tl.constexpr = C * 2
        T = tl.float16
        left, right = u, f
        (again, *many) = x, n
        same = n if C else u
        for i in range(n):
            u += i
            inner = i
        for j in tl.static_range(4):
            pass
        if (named := x + 1) > 0:
            pass
        y = {}
"""


def held(expression: str) -> Value:
    source = Source(PATH, dedent(KERNEL).format(expression).encode())
    (function,) = source.once(triton_functions)
    statement = function.node.body[-1]
    assert isinstance(statement, ast.Assign)
    return source.once(values)[id(function.node)].of(statement.value)


@pytest.mark.parametrize(
    ("expression", "element"),
    [
        ("x", ""),
        ("u", "uint32"),
        ("f", "float32"),
        ("flag", "int1"),
        ("one", "int32"),
        ("half", "float32"),
        ("yes", "int1"),
        ("left", "uint32"),
        ("right", "float32"),
        ("named", ""),
        ("i", ""),
        ("inner", ""),
        ("x + n", ""),
        ("n * u", ""),
        ("u + 1", "uint32"),
        ("u + C", "uint32"),
        ("C - u", "uint32"),
        ("u + 0.5", "float"),
        ("u / 2", "float"),
        ("u * f", "float"),
        ("u << x.to(tl.uint8)", "uint32"),
        ("u + x.to(tl.int32)", "uint32"),
        ("u + x.to(tl.int64)", "int64"),
        ("flag & (u > 2)", "int1"),
        ("flag & True", "int1"),
        ("flag + flag", ""),
        ("flag + 1", ""),
        ("~flag", "int1"),
        ("-u", "uint32"),
        ("not flag", "int1"),
        ("not u", "int1"),
        ("u > n", "int1"),
        ("n == x", "int1"),
        ("flag and u > 2", "int1"),
        ("u[:, None]", "uint32"),
        ("u.T", "uint32"),
        ("n.to(tl.int8)", "int8"),
        ("n.to(n)", ""),
        ("n.to(tl.uint8, bitcast=True)", "uint8"),
        ("u if n else u + 1", "uint32"),
        ("f if n else f * 2.0", "float"),
        ("u if n else f", ""),
        ("load(p)", ""),
        ("core.arange(0, C)", "int32"),
        ("tl.program_id(0)", "int32"),
        ("tl.zeros((), dtype=tl.uint16)", "uint16"),
        ("tl.zeros((4,), tl.int8)", "int8"),
        ("tl.zeros((4,), n)", ""),
        ("tl.full((), 3, tl.uint64)", "uint64"),
        ("tl.cast(n, tl.bfloat16)", "bfloat16"),
        ("tl.where(flag, u, 0)", "uint32"),
        ("tl.where(flag, x, 0)", ""),
        ("tl.where(flag, 1, 0)", "int32"),
        ("tl.where(flag, u, f)", "float"),
        ("tl.minimum(u, 3)", "uint32"),
        ("tl.sum(flag)", "uint32"),
        ("tl.max(x.to(tl.int8), axis=0)", "int32"),
        ("tl.cumsum(f)", "float32"),
        ("tl.exp(n)", "float"),
        ("tl.reshape(u, (4,))", "uint32"),
    ],
)
def test_knows_tensors_and_their_elements(expression: str, element: str) -> None:
    assert held(expression) == Value(Kind.TENSOR, element)


@pytest.mark.parametrize(
    "expression",
    [
        *("C", "D", "K", "G", "H", "j", "3", "'text'", "None", "C + 1", "C // D", "not C", "-C"),
        *("C > 2", "C and D", "p is None", "n is not None", "j == 2", "tl.constexpr(n)"),
        *("C if n else D", "C == tl.float32"),
    ],
)
def test_knows_constexpr(expression: str) -> None:
    assert held(expression).kind is Kind.CONSTEXPR


@pytest.mark.parametrize(
    "expression",
    [
        *("x.dtype", "p.dtype.element_ty", "tl.float32", "T", "x.type.scalar"),
        *("x.dtype.is_fp8()", "T.is_int()", "x.dtype == tl.float32", "tl.int8 != C"),
        *("isinstance(n, tl.tensor)", "hasattr(n, 'dtype')", "not x.dtype.is_fp8()"),
    ],
)
def test_knows_plain_python(expression: str) -> None:
    assert held(expression).kind is Kind.PLAIN


@pytest.mark.parametrize(
    "expression",
    [
        *("p", "n", "rest", "P", "there", "none", "kept", "again", "many", "same"),
        *("n + 1", "n > 2", "n == C", "not n", "n and x", "C and x", "n[0]", "C[0]", "n.shape"),
        *("there(x)", "n.is_fp8()", "x.sum()", "(x, n)", "[x]", "x if n else C", "0 < x < 3"),
        *("tl.cdiv(C, 2)", "tl.load", "lambda: x", "n.dtype.name"),
    ],
)
def test_says_so_where_one_file_does_not_show_it(expression: str) -> None:
    assert held(expression).kind is Kind.UNKNOWN


def test_an_assignment_behind_another_counts_as_much() -> None:
    source = Source(
        PATH,
        b"from vllm.triton_utils import tl, triton\n"
        b"@triton.jit\n"
        b"def kernel(p, n):\n"
        b"    x = tl.load(p).to(tl.uint32)\n"
        b"    z = x + 1\n"
        b"    x = x * z * 0.5\n"
        b"    a = b\n"
        b"    b = a\n",
    )
    (function,) = source.once(triton_functions)
    known = source.once(values)[id(function.node)]
    assert known.of(ast.Name("x")) == Value(Kind.TENSOR, "")
    assert known.of(ast.Name("z")) == Value(Kind.TENSOR, "")
    assert known.of(ast.Name("a")).kind is Kind.UNKNOWN
    assert known.of(ast.Name("b")).kind is Kind.UNKNOWN


def test_a_tensor_that_is_given_for_a_constexpr_is_a_tensor() -> None:
    source = Source(
        PATH,
        b"from vllm.triton_utils import tl, triton\n"
        b"@triton.jit\n"
        b"def merge(x, IS_LAST: tl.constexpr, IS_FIRST: tl.constexpr):\n"
        b"    pass\n"
        b"@triton.jit\n"
        b"def kernel(p, n, C: tl.constexpr):\n"
        b"    for i in range(n):\n"
        b"        merge(p, i == n - 1, IS_FIRST=C)\n",
    )
    merge, _ = source.once(triton_functions)
    known = source.once(values)[id(merge.node)]
    assert known.of(ast.Name("IS_LAST")).kind is Kind.UNKNOWN
    assert known.of(ast.Name("IS_FIRST")).kind is Kind.CONSTEXPR
