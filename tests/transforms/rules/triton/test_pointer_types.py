"""A pointer type whose element type is a parameter is made by a function that takes a constexpr."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.pointer_types import RULE

TESTER = RuleTester(RULE)
KERNEL = """
@triton.jit
def load(pointers, element{}):
    return tl.load(pointers).to({}, bitcast=True)
"""
IMPORTS = "from vllm.triton_utils import tl, triton\n"
WITH_MODULE = "from vllm import wheelwright_triton\n" + IMPORTS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tl.pointer_type(element)", "wheelwright_triton.pointer_type(element)"),
        ("tl.pointer_type(element, 1)", "wheelwright_triton.pointer_type(element, 1)"),
        (
            "tl.pointer_type(element_ty=element)",
            "wheelwright_triton.pointer_type(element_ty=element)",
        ),
        (
            "triton.language.pointer_type(element)",
            "wheelwright_triton.pointer_type(element)",
        ),
    ],
)
@pytest.mark.parametrize("annotation", ["", ": tl.constexpr", "=tl.int32"])
def test_a_parameter_may_be_a_constexpr(before: str, after: str, annotation: str) -> None:
    TESTER.assert_changes(
        IMPORTS + KERNEL.format(annotation, before),
        WITH_MODULE + KERNEL.format(annotation, after),
        head="",
    )


@pytest.mark.parametrize(
    "made",
    [
        "tl.pointer_type(tl.int32)",
        "tl.pointer_type(pointers.dtype.element_ty)",
        "other.pointer_type(element)",
        "tl.block_type(element, [1])",
    ],
)
def test_what_is_a_type_already_stays(made: str) -> None:
    TESTER.assert_untouched(KERNEL.format("", made))


def test_host_code_stays() -> None:
    TESTER.assert_untouched(
        """
        @triton.jit
        def kernel(p):
            tl.store(p, 1)

        def host(element):
            return tl.pointer_type(element)
        """
    )
