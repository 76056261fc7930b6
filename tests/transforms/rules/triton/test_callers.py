"""Parameters that a call of the same file gives a tensor are found by position and by name."""

from __future__ import annotations

import ast

from transforms.engine.syntax.source import Source
from transforms.rules.triton.callers import given_tensors
from transforms.rules.triton.functions import triton_functions

CODE = b"""
from vllm.triton_utils import tl, triton

@triton.jit
def called(a, B: tl.constexpr, C: tl.constexpr, D: tl.constexpr = 1, *, E: tl.constexpr = 2):
    pass

@triton.jit
def other(A: tl.constexpr, B: tl.constexpr, *C: tl.constexpr):
    pass

@triton.jit
def kernel(t, u):
    called(t, u, t)
    called(t, 1, C=u, D=t)
    called(t, *t, u, u)
    other(*u, t)
    called(t, 1, 1, E=t, **u)
    other(u, u)
    t.called(t, t, t, t)

def host(t):
    other(t)
"""


def test_finds_what_is_given_a_tensor() -> None:
    functions = triton_functions(Source("vllm/ops/kernels.py", CODE))
    found = given_tensors(
        functions, lambda _caller, node: isinstance(node, ast.Name) and node.id == "t"
    )
    by_name = {each.name: found.get(id(each.node)) for each in functions}
    assert by_name == {"called": {"C", "D", "E"}, "other": None, "kernel": None}
