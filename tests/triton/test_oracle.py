"""The parts of the oracle that need no Triton."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from build_hooks.triton.comparison import Comparison
from build_hooks.triton.kernels import kernel_modules
from build_hooks.triton.replay import Attempt, Replay
from build_hooks.triton.runner.census import JitFunction, jit_functions
from tests.triton.naive import drop_all_annotations
from tests.triton.replay import meets_seed_error

KERNELS = dedent(
    """
    import triton as tr
    from vllm.triton_utils import tl, triton

    @triton.autotune(configs=[])
    @triton.jit(do_not_specialize=["n"])
    def first(p, n: tl.int64):
        a: tl.constexpr = (
            4
        )
        b: tl.int32 = a  # why
        c: tl.int32

    class Second:
        @staticmethod
        @tr.jit
        def kernel(p): ...

        @staticmethod
        @tr.jit
        def kernel(p): ...

    def host():
        x: int = 1

    @cute.jit
    def other(p):
        y: int = 1
    """
)


def census(source: str) -> list[JitFunction]:
    return jit_functions(source, "a.py", kernel_modules()["triton"])


def test_census_finds_what_triton_compiles_and_nothing_else() -> None:
    found = [(one.qualname, one.annotated) for one in census(KERNELS)]
    assert found == [("first", 3), ("Second.kernel", 0), ("Second.kernel#2", 0)]


def test_names_survive_shifted_lines() -> None:
    shifted = census("# a notice\n" + KERNELS)
    assert [one.ident for one in shifted] == [one.ident for one in census(KERNELS)]
    assert shifted[0].line == census(KERNELS)[0].line + 1


def test_first_line_is_that_of_the_first_decorator() -> None:
    first = census(KERNELS)[0]
    assert first.line - first.first_line == 2


def test_naive_transform_drops_every_annotation_of_a_kernel() -> None:
    expected = KERNELS
    for before, after in (
        ("a: tl.constexpr = (", "a = ("),
        ("b: tl.int32 = a", "b = a"),
        ("c: tl.int32\n", "pass\n"),
    ):
        expected = expected.replace(before, after)
    assert drop_all_annotations(KERNELS) == expected


GOOD = Attempt("a.py::k", 0, raw_ir="r", ttir="t", reached=("a.py::k",))
BAD = Attempt("a.py::k", 0, error=("ValueError: x",))


def replay_of(*attempts: Attempt, **cache_keys: str | None) -> Replay:
    return Replay("3.1.0", 1, attempts, cache_keys, parameters={}, notes=(), seconds=0.0)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (GOOD, GOOD, "identical"),
        (GOOD, replace(GOOD, ttir="u"), "changed"),
        (GOOD, replace(GOOD, raw_ir="s"), "changed"),
        (GOOD, BAD, "broken"),
        (BAD, GOOD, "gained"),
        (BAD, BAD, ""),
    ],
)
def test_comparison_tells_what_became_of_a_kernel(
    before: Attempt, after: Attempt, verdict: str
) -> None:
    comparison = Comparison(replay_of(before), replay_of(after))
    verdicts = ("identical", "changed", "broken", "gained")
    assert [one for one in verdicts if getattr(comparison, one)] == [verdict] * bool(verdict)


def test_comparison_names_lost_cache_keys() -> None:
    before = replay_of(same=None, lost=None, gone=None, never="x")
    after = replay_of(same=None, lost="no such name", never="x")
    lost = Comparison(before, after).lost_cache_keys
    assert lost == {"lost": "no such name", "gone": "not loaded"}


def test_comparison_refuses_replays_of_different_configurations() -> None:
    with pytest.raises(ValueError, match="same configurations"):
        Comparison(replay_of(GOOD), replay_of(replace(GOOD, number=1)))


def test_seed_error_is_found_among_the_causes() -> None:
    error = ("CompilationError: at 1:2", "E: 'AnnAssign' object has no attribute 'targets'")
    assert meets_seed_error(replace(BAD, error=error))
    assert not meets_seed_error(BAD)
