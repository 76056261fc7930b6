"""Each place where a kernel binds a name is found, and those that decide its type are told."""

from __future__ import annotations

import ast
from textwrap import dedent

from transforms.engine.syntax.source import Source
from transforms.rules.triton.bindings import Bindings, OfLoop
from transforms.rules.triton.functions import triton_functions


def bindings(body: str, *, tensors: frozenset[str] = frozenset()) -> Bindings:
    head = (
        "from vllm.triton_utils import tl, triton\n"
        "X: tl.constexpr = 3\n"
        "Y = tl.constexpr(4)\n"
        "@triton.jit\n"
        "def kernel(p, C: tl.constexpr, *rest, D: 'tl.constexpr' = 1, **more):\n"
    )
    source = Source("vllm/ops/kernels.py", (head + indented(body)).encode())
    (function,) = source.once(triton_functions)
    return Bindings(function, tensors)


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in dedent(body).strip().split("\n"))


def written(found: Bindings, name: str) -> list[str]:
    return [
        ast.unparse(each.value) if isinstance(each.value, ast.expr) else str(each.value)
        for each in found.of(name)
    ]


def test_finds_every_way_to_bind_a_name() -> None:
    found = bindings(
        """
        a = 1
        b, (c, *d) = p, (C, 2)
        e = f = 3
        g: tl.constexpr = 4
        h: tl.int32 = 5
        a += p
        for i, j in range(3):
            if (k := i) > 0:
                pass
        for m in tl.static_range(3):
            pass
        """
    )
    names = {name: written(found, name) for name in "abcdefghijkm"}
    assert names == {
        "a": ["1", "a + p"],
        "b": ["p"],
        "c": ["None"],
        "d": ["None"],
        "e": ["3"],
        "f": ["3"],
        "g": ["4"],
        "h": ["5"],
        "i": [str(OfLoop.COUNTED)],
        "j": [str(OfLoop.COUNTED)],
        "k": ["i"],
        "m": [str(OfLoop.UNROLLED)],
    }
    assert [each.constant for name in "gh" for each in found.of(name)] == [True, False]
    assert found.of("unknown") == []


def test_knows_constexpr_parameters() -> None:
    found = bindings("pass", tensors=frozenset({"D"}))
    constant = {
        name: each.constant for name in ("p", "C", "D", "rest", "more") for each in found.of(name)
    }
    assert constant == {"p": False, "C": True, "D": False, "rest": False, "more": False}


def test_what_a_loop_binds_decides_nothing_about_a_name_that_lives_before_it() -> None:
    found = bindings(
        """
        a = 1
        p = 2
        for i in range(3):
            a = 4
            p = 5
            b = 6
            b = 7
            while i:
                a = 8
                b = 9
        for j in tl.static_range(3):
            a = 10
        """
    )
    deciding = {
        name: [each.value.value for each in found.deciding(name) if each.line]  # type: ignore[union-attr]
        for name in "abp"
    }
    assert deciding == {"a": [1, 10], "b": [6, 7], "p": [2]}


def test_finds_what_the_module_binds() -> None:
    found = bindings("pass")
    assert [ast.unparse(each) for each in found.of_module("X")] == ["X: tl.constexpr = 3"]
    assert [ast.unparse(each) for each in found.of_module("Y")] == ["Y = tl.constexpr(4)"]
    assert list(found.of_module("p")) == []
