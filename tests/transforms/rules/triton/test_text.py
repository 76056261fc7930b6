"""No file whose Triton functions hold what a rule looks for goes unparsed."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.engine.syntax.source import Source
from transforms.rules.triton.functions import triton_functions
from transforms.rules.triton.text import kernels_may_hold, may_hold_annotations

HEAD = "from vllm.triton_utils import tl, triton\n"


def kernel(text: str, head: str = HEAD) -> bytes:
    return (head + dedent(text)).encode()


@pytest.mark.parametrize(
    "text",
    [
        """
        @triton.jit
        def f(p, BLOCK: tl.constexpr, N: tl.constexpr = 3):
            x: tl.constexpr = 1
            if p:
                y = p[:, None] + p[0]
            for i in range(N):  # note: this one
                pass

        def host(x: int = 3) -> None:
            y: int = 4
        """,
        """
        @triton.autotune(configs=[], key=["n"])
        @triton.jit(do_not_specialize=["n"])
        def f(
            p,
            N: tl.constexpr,
        ):
            pass

        class Host:
            x: int = 3
        """,
    ],
)
def test_kernels_that_annotate_constexpr_only_are_not_parsed(text: str) -> None:
    assert not may_hold_annotations(kernel(text))
    assert not may_hold_annotations(kernel(text, "import triton\nimport triton.language as tl\n"))


@pytest.mark.parametrize(
    "text",
    [
        "@triton.jit\ndef f(p):\n    x: tl.int32 = 0\n",
        "@triton.jit\ndef f(p):\n    x : tl.int32\n",
        "@triton.jit\ndef f(p, n: int = 0):\n    pass\n",
        "@triton.jit\ndef f(p, n: 'tl.constexpr' = 0):\n    pass\n",
        "@triton.jit\ndef f(p, n: tl.constexpr | None = None):\n    pass\n",
        "@triton.jit\ndef f(p):\n    x: tl.constexpr\n",
        "@triton.jit\ndef f(p):\n    x \\\n    : tl.int32 = 0\n",
        "@triton.jit\ndef f(p, n: tl.constexpr_type = 0):\n    pass\n",
        "@triton.jit\ndef f(\n    p, n:\n    int = 0):\n    pass\n",
        "@triton.jit\ndef f(p):\n    p[0]: tl.int32 = 0\n",
        "@triton.jit\ndef f(p):\n    (p): tl.int32 = 0\n",
        "@triton.jit\ndef f(p):\n    if p: x: tl.int32 = 0\n",
        # The string holds what looks like the next definition.
        '@triton.jit\ndef f(p):\n    """\ndef g():\n    """\n    x: tl.int32 = 0\n',
        "@triton.jit\ndef f(\np, q\n):\n    x: tl.int32 = 0\n",
        "@triton.jit\ndef f(p):\n    pass\n\nx = 1\n@triton.jit\ndef g(n: int = 0): pass\n",
        "class A:\n    @staticmethod\n    @triton.jit\n    def f(p, n: int = 0):\n        pass\n",
        # The word stands outside of a decorator: anything may be compiled.
        "jit = triton.jit\n",
    ],
)
def test_what_may_hold_an_annotation_is_parsed(text: str) -> None:
    assert may_hold_annotations(kernel(text))


@pytest.mark.parametrize(
    "head",
    [
        "import triton\n",
        "from other import tl, triton\n",
        HEAD + "tl = something\n",
        HEAD + "import other as tl\n",
        "import triton.language as tl\nfrom x import y as tl\n",
    ],
)
def test_constexpr_of_an_unknown_tl_is_parsed(head: str) -> None:
    text = "@triton.jit\ndef f(N: tl.constexpr):\n    pass\n"
    assert may_hold_annotations(kernel(text, head))
    assert not may_hold_annotations(kernel(text))


NOT = re.compile(rb"\bnot\b")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("def host(p):\n    return not p\n\n@triton.jit\ndef f(p):\n    pass\n", False),
        ("@triton.jit\ndef f(p):\n    pass  # not here\n", False),
        ("@triton.jit\ndef f(p):\n    # not here\n    pass\n", False),
        (
            '@triton.jit\ndef f(p):\n    """Do not "look" here."""\n    x = 1\n    """not"""\n',
            False,
        ),
        ('@triton.jit\ndef f(p):\n    """Do"""\n    x = not p\n    """so"""\n', True),
        # What stands between a kernel and the next definition counts as the kernel's.
        ("@triton.jit\ndef f(p):\n    pass\n\nhost = not 0\n", True),
    ],
)
def test_kernels_without_the_code_are_not_parsed(text: str, *, holds: bool) -> None:
    assert kernels_may_hold(Source("vllm/x.py", kernel(text)), NOT) is holds


# Lines of a kernel, or of what stands behind it, by which bytes are easily misled.
PIECES = st.sampled_from(
    [
        "    x = not p",
        "    # it's not here",
        '    # not """ here',
        '    """not here"""',
        '    """one\n    def f(): not\n    two"""',
        '    """one\ndef two():\n    three"""',
        "    s = '#'; y = not p",
        '    s = "#"; t = """a"""; y = not p',
        '    s = "it\'s"  # not',
        '    s = \'"""\'',
        "    '''one\n    two '''",
        "    if p:  # why\n        z = not x",
        "def host():\n    return not 1",
        "@triton.jit\ndef g(p):\n    pass",
        "    class A: pass",
    ]
)


@given(st.lists(PIECES, max_size=8))
def test_a_kernel_that_holds_the_code_is_always_parsed(pieces: list[str]) -> None:
    """Held against CPython's own parser; in what it refuses nobody finds anything."""
    data = kernel("@triton.jit\ndef f(p):\n    pass\n" + "\n".join(pieces) + "\n")
    try:
        functions = triton_functions(Source("vllm/x.py", data, ast.parse(data)))
    except SyntaxError:
        return
    if any(function.nodes(ast.Not) for function in functions):
        assert kernels_may_hold(Source("vllm/x.py", data), NOT)
