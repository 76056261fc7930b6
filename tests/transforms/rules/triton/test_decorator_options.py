"""Options that old Triton's `jit` refuses: guarded where Triton gets them, refused if unsure."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.decorator_options import DecoratorOptions

OURS = "from vllm import wheelwright_triton\n"
HEAD = "from vllm.triton_utils import tl, triton\n\n\n"


@pytest.fixture(scope="module")
def options() -> RuleTester:
    return RuleTester(DecoratorOptions(frozenset({"do_not_specialize_on_alignment"})))


def _assert_changes(options: RuleTester, before: str, after: str) -> None:
    options.assert_changes(HEAD + before, OURS + HEAD + after, head="")


@pytest.mark.parametrize(
    ("decorator", "guarded"),
    [
        (
            "@triton.jit(do_not_specialize_on_alignment=['n'])",
            "@triton.jit(**wheelwright_triton.jit_options(do_not_specialize_on_alignment=['n']))",
        ),
        (
            (
                "@triton.autotune(configs=[], key=[])\n"
                "@triton.jit(do_not_specialize_on_alignment=('n'), debug=True)"
            ),
            (
                "@triton.autotune(configs=[], key=[])\n"
                "@triton.jit(**wheelwright_triton.jit_options("
                "do_not_specialize_on_alignment=('n')), debug=True)"
            ),
        ),
        (
            "@triton.jit(\n    # why\n    do_not_specialize_on_alignment=[\n        'n'\n    ],\n)",
            (
                "@triton.jit(\n    # why\n    **wheelwright_triton.jit_options("
                "do_not_specialize_on_alignment=[\n        'n'\n    ]),\n)"
            ),
        ),
    ],
)
def test_a_decorator_gives_the_option_to_a_triton_that_has_it(
    options: RuleTester, decorator: str, guarded: str
) -> None:
    body = "\ndef kernel(p, n):\n    pass\n"
    _assert_changes(options, decorator + body, guarded + body)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "kernel = triton.jit(f, do_not_specialize_on_alignment=['n'])\n",
            (
                "kernel = triton.jit(f, "
                "**wheelwright_triton.jit_options(do_not_specialize_on_alignment=['n']))\n"
            ),
        ),
        (
            (
                "import functools\n"
                "jit = functools.partial(triton.jit, do_not_specialize_on_alignment=['n'])\n"
            ),
            (
                "import functools\n"
                "jit = functools.partial(triton.jit, "
                "**wheelwright_triton.jit_options(do_not_specialize_on_alignment=['n']))\n"
            ),
        ),
        (
            (
                "class A:\n"
                "    @staticmethod\n"
                "    @triton.jit(do_not_specialize_on_alignment=['n'])\n"
                "    def kernel(p, n):\n        pass\n"
            ),
            (
                "class A:\n"
                "    @staticmethod\n"
                "    @triton.jit(**wheelwright_triton.jit_options("
                "do_not_specialize_on_alignment=['n']))\n"
                "    def kernel(p, n):\n        pass\n"
            ),
        ),
    ],
)
def test_a_call_gives_the_option_to_a_triton_that_has_it(
    options: RuleTester, before: str, after: str
) -> None:
    if before.startswith("import functools"):
        options.assert_changes(
            before.replace("functools\n", f"functools\n{HEAD}", 1),
            after.replace("functools\n", f"functools\n{OURS}{HEAD}", 1),
            head="",
        )
    else:
        _assert_changes(options, before, after)


@pytest.mark.parametrize(
    "before",
    [
        "@triton.jit(do_not_specialize=['n'])\ndef kernel(p, n):\n    pass\n",
        "@gluon.jit(do_not_specialize_on_alignment=['n'])\ndef kernel(p, n):\n    pass\n",
        "@cute.jit(do_not_specialize_on_alignment=['n'])\ndef kernel(p, n):\n    pass\n",
        "# do_not_specialize_on_alignment\n@triton.jit\ndef kernel(p, n):\n    pass\n",
    ],
)
def test_leaves_what_is_no_option_of_tritons_alone(options: RuleTester, before: str) -> None:
    options.assert_untouched(
        before,
        head="import cutlass.cute as cute\nfrom vllm.triton_utils import gluon, triton\n\n",
    )


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("options = {'do_not_specialize_on_alignment': ['n']}\n", "cannot be followed"),
        (
            (
                "def jit(**k):\n    return triton.jit(**k)\n\n"
                "@jit(do_not_specialize_on_alignment=['n'])\ndef kernel(p, n):\n    pass\n"
            ),
            "whether jit hands it to triton.jit",
        ),
        (
            (
                "from vllm.utils import jit\n"
                "@jit(do_not_specialize_on_alignment=['n'])\ndef kernel(p, n):\n    pass\n"
            ),
            "whether jit hands it to triton.jit",
        ),
        (
            "args = []\nkernel = triton.jit(do_not_specialize_on_alignment=['n'], *args)\n",
            "Python takes no `**`",
        ),
    ],
)
def test_refuses_an_option_that_it_cannot_follow(
    options: RuleTester, before: str, reason: str
) -> None:
    assert reason in options.assert_refused(before).reason


def test_does_not_read_a_file_without_such_an_option(options: RuleTester) -> None:
    assert options.apply("triton.jit is (no Python\n") == ("triton.jit is (no Python\n", None)
