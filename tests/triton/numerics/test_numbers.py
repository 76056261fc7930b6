"""Kernels of the built wheel compute what torch does, on Triton's interpreter, old and new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.triton.numerics.damage import IN_KERNELS, IN_STAND_INS
from tests.triton.numerics.names import CASES
from tests.triton.numerics.numbers import NEW
from tests.triton.release import OLD

if TYPE_CHECKING:
    from tests.triton.numerics.numbers import Numbers

pytestmark = pytest.mark.triton


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("tree", "triton"), [("stock", NEW), ("built", NEW), ("built", OLD)], ids=lambda word: word
)
def test_kernels_compute_what_torch_does(
    numbers: Numbers, tree: str, triton: str, case: str
) -> None:
    result = numbers[tree, triton][case]
    assert not result.raised
    assert result.error <= result.tolerance


@pytest.mark.parametrize("case", CASES)
def test_built_kernels_compute_the_same_bits_as_stock_ones(numbers: Numbers, case: str) -> None:
    stock, built = (numbers[tree, NEW][case] for tree in ("stock", "built"))
    assert stock.digest == built.digest != ""


@pytest.mark.parametrize("case", CASES)
def test_torch_has_several_answers_to_compare_with(numbers: Numbers, case: str) -> None:
    assert numbers["stock", NEW][case].distinct >= 5


@pytest.mark.parametrize("name", IN_KERNELS)
def test_mistakes_in_kernels_are_seen(numbers: Numbers, name: str) -> None:
    run = numbers["stock, damaged", NEW]
    assert not [case for case in IN_KERNELS[name].cases if run[case].agrees]


@pytest.mark.parametrize("name", IN_STAND_INS)
def test_mistakes_in_stand_ins_are_seen_by_the_triton_that_needs_them(
    numbers: Numbers, name: str
) -> None:
    run = numbers["built, damaged", OLD]
    assert not [case for case in IN_STAND_INS[name].cases if run[case].agrees]


@pytest.mark.parametrize(("tree", "triton"), [("stock", NEW), ("built", OLD)])
def test_what_no_mistake_touches_stays_as_it_is(numbers: Numbers, tree: str, triton: str) -> None:
    whole, damaged = numbers[tree, triton], numbers[f"{tree}, damaged", triton]
    untouched = ["masking.min_p", "drawing.temperature", "float8.block_scaled_product"]
    assert [whole[case].digest for case in untouched] == [
        damaged[case].digest for case in untouched
    ]
