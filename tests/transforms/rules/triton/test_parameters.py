"""Which annotations of parameters go, which stay, and which are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.transforms.rules.triton.conftest import RuleTester

LAUNCH = "\n\ndef launch(a):\n    kernel[(1,)](a)\n"


def test_drops_annotations_of_a_helper_that_returns_a_value(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def moe_mmk(
            a_ptr: tl.tensor,
            K: tl.int64,
            M=0,
            # Strides
            stride_am: tl.int64 = 0,
            stride_bn: tl.int64 = 0,  # of B
            USE_TD: tl.constexpr = False,
        ):
            return a_ptr
        """,
        """
        @triton.jit
        def moe_mmk(
            a_ptr: tl.tensor,
            K: tl.int64,
            M=0,
            # Strides
            stride_am=0,
            stride_bn=0,  # of B
            USE_TD: tl.constexpr = False,
        ):
            return a_ptr
        """,
    )


def test_drops_annotations_of_a_helper_that_only_kernels_call(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def put(p, n: tl.int64 = 1):
            tl.store(p, n)

        @triton.jit
        def kernel(p):
            put(p)
        """,
        """
        @triton.jit
        def put(p, n=1):
            tl.store(p, n)

        @triton.jit
        def kernel(p):
            put(p)
        """,
    )


@pytest.mark.parametrize(
    "host",
    [
        "def launch(a):\n    kernel[(1,)](a)\n",
        "def launch(a):\n    kernel.run(a, grid=(1,))\n",
        "__all__ = ['kernel']\n",
        "tuned = triton.autotune([], [])(kernel)\n",
        "class Ops:\n    run = kernel\n",
        "",  # nobody calls it here, so another module may launch it
    ],
)
def test_refuses_to_change_the_type_of_an_argument_of_a_launch(
    annassign: RuleTester, host: str
) -> None:
    called = "@triton.jit\ndef outer(p):\n    kernel(p)\n" if host else ""
    problem = annassign.assert_refused(
        f"@triton.jit\ndef kernel(p, n: tl.int64 = 1):\n    tl.store(p, n)\n{called}{host}"
    )
    assert problem.closest == "n: tl.int64"
    assert (problem.scope, problem.line) == ("kernel", 5)
    assert "another type" in problem.reason


@pytest.mark.parametrize("annotation", ["tl.int64", "'i64'", "bool", "tl.pointer_type(tl.uint8)"])
def test_refuses_what_triton_reads_as_a_type(annassign: RuleTester, annotation: str) -> None:
    kernel = f"@triton.jit\ndef kernel(p, n: {annotation} = 1):\n    return\n"
    annassign.assert_refused(kernel + LAUNCH)


def test_a_call_that_is_returned_is_no_value(annassign: RuleTester) -> None:
    annassign.assert_refused(
        "@triton.jit\ndef kernel(p, n: tl.int64 = 1):\n    return put(p, n)\n" + LAUNCH
    )


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        ("int | None", "None"),
        ("int | None", "0"),
        ("None | int", "0"),
        ("tl.int64 | None", "0"),
        ("int | float | None", "0"),
        ("typing.Optional[int]", "0"),
        ("typing.Union[int, None]", "0"),
        ("'int | None'", "None"),
        ("tl.int64", "None"),
        ("int", "0"),
        ("float", "0.0"),
        ("tl.tensor", "0"),
        ("torch.Tensor", "0"),
    ],
)
def test_drops_what_sets_no_type_even_where_it_is_launched(
    annassign: RuleTester, annotation: str, default: str
) -> None:
    head = "import typing\nimport torch\nfrom vllm.triton_utils import tl, triton\n"
    before = f"@triton.jit\ndef kernel(p, n: {annotation} = {default}):\n    return\n"
    after = f"@triton.jit\ndef kernel(p, n={default}):\n    return\n"
    annassign.assert_changes(before + LAUNCH, after + LAUNCH, head=head)


def test_drops_a_union_with_none_without_a_default_too(annassign: RuleTester) -> None:
    annassign.assert_changes(
        "@triton.jit\ndef kernel(n: int | None, m: (int | None), k: (None | int)):\n    return\n",
        "@triton.jit\ndef kernel(n, m, k):\n    return\n",
    )


def test_leaves_parameters_that_compile_alone(annassign: RuleTester) -> None:
    annassign.assert_untouched(
        """
        @triton.jit
        def kernel(
            p: torch.Tensor,
            n: tl.int64,
            m: int,
            q: "tl.constexpr",
            r: "int | None",
            B: tl.constexpr,
            k=3,
            C: tl.constexpr = 4,
            *args: int,
        ) -> None:
            pass

        def host(n: int = 3, m: int | None = None):
            pass
        """
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("n: int = 3", "n=3"),
        ("n:int=3", "n=3"),
        ("n : int = (3)", "n=(3)"),
        ("n: (int) = 3", "n=3"),
        ("n: int = 3, *, m: tl.int64 = 4", "n=3, *, m=4"),
        ("m, /, n: int = 3", "m, /, n=3"),
        ("größe: int = 'ü'", "größe='ü'"),
        ("\n    n: int = 3,  # how many\n", "\n    n=3,  # how many\n"),
        ("\n    n: int  # how many\n    = 3,\n", "\n    # how many\n    n=3,\n"),
        ("\n    n: int =  # how many\n    3,\n", "\n    n=  # how many\n    3,\n"),
        ("\n    n: (  # one\n    int  # two\n    ) = 3\n", "\n    # one\n    # two\n    n=3\n"),
        ("\n    n \\\n    : int \\\n    = 3\n", "\n    n=3\n"),
    ],
)
def test_writes_parameters_as_pep_8_has_them(
    annassign: RuleTester, before: str, after: str
) -> None:
    helper = "@triton.jit\ndef helper({}):\n    return n\n"
    annassign.assert_changes(helper.format(before), helper.format(after))


def test_takes_the_quotes_off_constexpr_with_a_default(annassign: RuleTester) -> None:
    annassign.assert_changes(
        "@triton.jit\ndef kernel(p, B: 'tl.constexpr' = 4):\n    return\n" + LAUNCH,
        "@triton.jit\ndef kernel(p, B: tl.constexpr = 4):\n    return\n" + LAUNCH,
    )


@pytest.mark.parametrize(
    "annotation",
    [
        "tl.constexpr if FLAG else None",
        "tl.constexpr_type",
        "handed_on",
        "'tl.' 'constexpr'",
        "'constexpr or so'",
        "'constexpr of'",
        "tl.constexpr | None",
    ],
)
def test_refuses_a_default_with_an_unclear_constexpr(
    annassign: RuleTester, annotation: str
) -> None:
    head = "from vllm.triton_utils import tl, triton\nfrom vllm.ops import handed_on\n"
    kernel = f"@triton.jit\ndef kernel(p, n: {annotation} = 1):\n    return p\n"
    assert "constexpr" in annassign.assert_refused(kernel, head=head).reason
