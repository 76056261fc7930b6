"""What the lowering of annotated assignments changes, and all that it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from tests.transforms.rules.triton.conftest import RuleTester


def test_makes_an_annotated_assignment_plain(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def find_seq_idx(ptr, target, num_seqs):
            left: tl.int32 = 0
            right = num_seqs
        """,
        """
        @triton.jit
        def find_seq_idx(ptr, target, num_seqs):
            left = 0
            right = num_seqs
        """,
    )


def test_leaves_constexpr_annotations_alone(annassign: RuleTester) -> None:
    annassign.assert_untouched(
        """
        from triton.language import constexpr as ce
        from triton.language import constexpr
        CE = tl.constexpr

        @triton.jit
        def kernel(p, n, B: tl.constexpr, C: tl.constexpr = 4, D: ce = 2):
            a: tl.constexpr = 4
            b: triton.language.constexpr = 4
            c: ce = 4
            d: constexpr = 4
            e: CE = 4
            f: (tl.constexpr) = 4
            g: tl.constexpr if n else ce = 4
        """
    )


def test_reaches_into_loops_and_branches(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def kernel(p, n):
            for i in range(n):
                if i > 3:
                    x: tl.int32 = i
                elif i:
                    x: int = 1
                else:
                    x: tl.float32 = 0.0
                while x:
                    y: tl.constexpr = 1
                    z: bool = True
        """,
        """
        @triton.jit
        def kernel(p, n):
            for i in range(n):
                if i > 3:
                    x = i
                elif i:
                    x = 1
                else:
                    x = 0.0
                while x:
                    y: tl.constexpr = 1
                    z = True
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: int = 3", "x = 3"),
        ("x:int=3", "x=3"),
        ("x : int = 3", "x = 3"),
        ("x: int= 3", "x= 3"),
        ("(x): int = 3", "(x) = 3"),
        ("( x ) : int = (3)", "( x ) = (3)"),
        ("p.x: int = 3", "p.x = 3"),
        ("p[x, 1:2]: int = 3", "p[x, 1:2] = 3"),
        ("x: (int) = 3", "x = 3"),
        ("x: ((int)) = 3", "x = 3"),
        ("x: tl.pointer_type(tl.uint8) = 3", "x = 3"),
        ("x: 'tl.int32' = 3", "x = 3"),
        ("x: 'tl.constexpr' = 3", "x = 3"),
        ("x: f'{n}' = 3", "x = 3"),
        ("x: (yield) = 3", "x = 3"),
        ("x: int = *n, 1", "x = *n, 1"),
        ("x: int = n, n", "x = n, n"),
        ("x: dict[str, 'a=b#c'] = {1: 2}", "x = {1: 2}"),
        ("x: tl.int32 = tl.load(p, mask=n)  # n: 1", "x = tl.load(p, mask=n)  # n: 1"),
        ("x: int = 3; y: int = 4", "x = 3; y = 4"),
        ("a = 1; x: int = 3;", "a = 1; x = 3;"),
        ("if n: x: int = 3", "if n: x = 3"),
        ("größe: int = 'ü'; y: int = 'ß'", "größe = 'ü'; y = 'ß'"),
        ("x: \\\n        int = 3", "x = 3"),
        ("x \\\n        : int = 3", "x \\\n = 3"),
        ("x: int \\\n        = 3", "x \\\n        = 3"),
        ("x: (\n        int\n    ) = 3", "x = 3"),
        ("x: int = (\n        3  # three\n    )", "x = (\n        3  # three\n    )"),
        ("x: int = '''\n: y = '''", "x = '''\n: y = '''"),
        ("(x  # the name\n    ): int = 3", "(x  # the name\n    ) = 3"),
    ],
)
def test_splices_every_layout(annassign: RuleTester, before: str, after: str) -> None:
    kernel = "@triton.jit\ndef kernel(p, n):\n    {}\n    tl.store(p, n)\n"
    annassign.assert_changes(kernel.format(before), kernel.format(after))


def test_moves_comments_inside_an_annotation_above_the_line(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def kernel(p, n):
            # before
            x: (  # 32 bits
                tl.int32  # are enough
            ) = 0  # start
            if n: y: (  # on a line with others
                tl.int32
            ) = 0
        """,
        """
        @triton.jit
        def kernel(p, n):
            # before
            # 32 bits
            # are enough
            x = 0  # start
            # on a line with others
            if n: y = 0
        """,
    )


def test_never_puts_a_comment_into_a_string_or_a_continued_line(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def kernel(p, n):
            s = '''
            '''; x: (  # one
                int
            ) = 0
            s = 1; \\
            y: (  # two
                int
            ) = 0
        """,
        """
        @triton.jit
        def kernel(p, n):
            # one
            s = '''
            '''; x = 0
            # two
            s = 1; \\
            y = 0
        """,
    )


def test_keeps_carriage_returns(annassign: RuleTester) -> None:
    head = "import triton\r\n@triton.jit\r\ndef k(p):\r\n"
    before = f"{head}    x: (  # why\r\n    int) = 0\r\n    y: int\r\n"
    assert annassign.apply(before) == (f"{head}    # why\r\n    x = 0\r\n", None)


def test_takes_out_a_bare_annotation(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def kernel(p, n):
            x: tl.int32
            x = 4
            y: tl.int32  # the row

            z: (  # the column
                tl.int32
            )
            tl.store(p, x);
            (w): int;
        """,
        """
        @triton.jit
        def kernel(p, n):
            x = 4
            # the row

            # the column
            tl.store(p, x);
        """,
    )


def test_leaves_pass_where_a_bare_annotation_stood_alone(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        @triton.jit
        def one(p):
            x: int

        @triton.jit
        def two(p):
            if p:
                x: int  # nothing else
                y: int
            elif p: x: int; y: int
            else:
                z: int; z: int;
        """,
        """
        @triton.jit
        def one(p):
            pass

        @triton.jit
        def two(p):
            if p:
                pass  # nothing else
            elif p: pass
            else:
                pass;
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1; x: int; b = 2", "a = 1; b = 2"),
        ("x: int; b = 2", "b = 2"),
        ("a = 1; x: int", "a = 1"),
        ("a = 1; x: int;", "a = 1;"),
        ("a = 1; x: int; y: int  # no more", "a = 1  # no more"),
        ("x: int; y: int; b = 2", "b = 2"),
        ("x: int; b = 2; y: int; c = 3; z: int", "b = 2; c = 3"),
        ("x: int; y: int = 2", "y = 2"),
        ("a = 1;\n    x: int\n    b = 2", "a = 1;\n    b = 2"),
        ("a = 1; \\\n    x: int", "a = 1"),
        ("x: int; \\\n    b = 2", "b = 2"),
        ("\\\n    x: int\n    b = 2", "\\\n    pass\n    b = 2"),
    ],
)
def test_takes_a_bare_annotation_off_a_shared_line(
    annassign: RuleTester, before: str, after: str
) -> None:
    kernel = "@triton.jit\ndef kernel(p, n):\n    {}\n    tl.store(p, n)\n"
    annassign.assert_changes(kernel.format(before), kernel.format(after))


def test_handles_a_file_without_a_last_line_end(annassign: RuleTester) -> None:
    head = "import triton\n@triton.jit\ndef k(p):\n    y = 0\n"
    assert annassign.apply(f"{head}    x: int = 0") == (f"{head}    x = 0", None)
    assert annassign.apply(f"{head}    x: int") == (head, None)


def test_leaves_other_functions_alone(annassign: RuleTester) -> None:
    annassign.assert_untouched(
        """
        from dataclasses import dataclass
        import cutlass.cute as cute
        import numba
        from triton.experimental import gluon
        from triton.experimental.gluon import language as gl

        LIMIT: int = 3
        BLOCK: tl.constexpr = 4
        later: int

        @dataclass
        class Settings:
            size: int = 3
            name: str

        @gluon.jit
        def gluon_kernel(p, n: gl.int32 = 3):
            x: gl.int32 = 0

        @cute.jit
        def cute_kernel(p, n: cute.Int32 = 3):
            x: cute.Int32 = 0
            y: cute.Int32

        @numba.jit(nopython=True)
        def on_cpu(a, n: int = 3):
            x: int = 0

        @triton.heuristics({})
        def not_compiled(a, n: int = 3):
            x: int = 0

        def launch(a, n: int = 3):
            grid: tuple[int, ...] = (1,)
            kernel[grid](a)

        @triton.jit
        def kernel(p):
            def host(a):
                y: int = 0
        """
    )


def test_leaves_the_function_around_a_kernel_alone(annassign: RuleTester) -> None:
    annassign.assert_changes(
        """
        def make(n: int = 3):
            block: int = 4

            @triton.jit
            def kernel(p):
                x: int = 0

            after: int
            return kernel
        """,
        """
        def make(n: int = 3):
            block: int = 4

            @triton.jit
            def kernel(p):
                x = 0

            after: int
            return kernel
        """,
    )


def test_refuses_a_bare_constexpr_annotation(annassign: RuleTester) -> None:
    problem = annassign.assert_refused(
        """
        @triton.jit
        def kernel(p, n):
            x: tl.constexpr
            x = 4
        """
    )
    assert problem.status is Status.DRIFTED
    assert problem.line == 7
    assert problem.scope == "kernel"
    assert problem.closest == "x: tl.constexpr"
    assert "no constexpr there" in problem.reason


@pytest.mark.parametrize(
    "statement",
    [
        "x: tl.constexpr if FLAG else tl.int32 = 4",
        "x: handed_on = 4",
        "x: unknown() .of = 4",
        "x: computed = 4",
        "x: tl.constexpr | None = 4",
        "x: handed_on",
    ],
)
def test_refuses_an_annotation_that_may_be_constexpr(annassign: RuleTester, statement: str) -> None:
    head = (
        "from vllm.triton_utils import tl, triton\nfrom vllm.ops import handed_on\n"
        "computed = handed_on()\n@triton.jit\ndef kernel(p):\n    "
    )
    assert "whether" in annassign.assert_refused(f"{statement}\n", head=head).reason


def test_names_every_refusal_of_a_file_and_keeps_its_sites(annassign: RuleTester) -> None:
    before = (
        "from vllm.triton_utils import tl, triton\n"
        "class K:\n    @staticmethod\n    @triton.jit\n    def run(p):\n"
        "        x: tl.constexpr\n        y: int = 0\n        z: tl.constexpr\n"
    )
    after, problem = annassign.apply(before)
    assert after == before.replace("y: int = 0", "y = 0")
    assert problem is not None
    assert (problem.scope, problem.line, len(problem.notes)) == ("K.run", 6, 1)
    assert problem.notes[0].startswith("vllm/v1/attention/ops/kernels.py:8 in K.run: ")
