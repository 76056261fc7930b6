"""Which functions Triton compiles: told by where a name comes from."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from transforms.engine.syntax.source import Source
from transforms.rules.triton.functions import Meaning, meaning, triton_functions

PATH = "vllm/v1/attention/ops/kernels.py"


def names(code: str, path: str = PATH) -> list[str]:
    return [each.name for each in triton_functions(Source(path, dedent(code).encode()))]


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("import triton", "triton.jit"),
        ("import triton", "triton.jit()"),
        ("import triton", "triton.jit(do_not_specialize=['n'])"),
        ("import triton", "triton.runtime.jit.jit"),
        ("import triton", "(triton.jit)"),
        ("import triton as t", "t.jit"),
        ("import triton.language as tl, triton", "triton.jit"),
        ("import triton.language", "triton.jit"),
        ("import triton.runtime.jit as runtime", "runtime.jit"),
        ("from triton import jit", "jit"),
        ("from triton import jit as j", "j"),
        ("from triton import jit as j", "j(noinline=True)"),
        ("from triton import *", "jit"),
        ("from triton.runtime.jit import jit", "jit"),
        ("from triton.runtime import jit as runtime", "runtime.jit"),
        ("import triton\njit = triton.jit", "jit"),
        ("import triton\njit: object = triton.jit", "jit"),
        ("import triton\na, jit = 1, triton.jit", "jit"),
        ("import triton\nt = triton\nkernel = t.jit\nj = kernel", "j"),
        ("import triton\nj = triton.jit(noinline=True)", "j"),
        ("import triton, functools\nj = functools.partial(triton.jit, noinline=True)", "j"),
        ("import triton\nfrom functools import partial\nj = partial(triton.jit, debug=1)", "j"),
        ("import triton\nj = triton.jit if triton else None", "j"),
        ("from vllm.triton_utils import triton", "triton.jit"),
        ("from vllm.triton_utils import tl, triton as tr", "tr.jit"),
        ("from vllm.triton_utils import jit", "jit"),
        ("from vllm.triton_utils import *", "triton.jit"),
        ("import vllm.triton_utils", "vllm.triton_utils.triton.jit"),
        ("import vllm.triton_utils as u", "u.triton.jit"),
        ("from vllm import triton_utils", "triton_utils.triton.jit"),
        ("from vllm.v1.attention.ops.common import triton", "triton.jit"),
        ("from ....triton_utils import triton", "triton.jit"),
        ("from .... import triton_utils as u", "u.triton.jit"),
        ("from .common import triton", "triton.jit"),
        ("try:\n    import triton\nexcept ImportError:\n    triton = None", "triton.jit"),
        ("if True:\n    import triton\nelse:\n    triton = Placeholder()", "triton.jit"),
        ("with suppress(ImportError):\n    import triton", "triton.jit"),
    ],
)
def test_knows_every_spelling_of_jit(imports: str, decorator: str) -> None:
    assert names(f"{imports}\n\n@{decorator}\ndef kernel(p): ...\n") == ["kernel"]


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from cutlass import cute", "cute.jit"),
        ("import cutlass.cute as cute", "cute.experimental.jit"),
        ("from triton.experimental import gluon", "gluon.jit"),
        ("from vllm.triton_utils import gluon", "gluon.jit"),
        ("import triton.experimental.gluon as triton", "triton.jit"),
        ("import flydsl.compiler as flyc", "flyc.jit"),
        ("import numba", "numba.jit"),
        ("from numba import jit", "jit(nopython=True)"),
        ("import torch", "torch.jit.script"),
        ("import jax", "jax.jit"),
        ("import tilelang", "tilelang.jit(target='cuda')"),
        ("import triton", "triton.autotune([], [])"),
        ("import triton", "triton.runtime.jit"),
        ("import triton", "jit"),
        ("", "triton.jit"),
        ("import triton_kernels as triton", "triton.jit"),
        ("from mine import triton", "triton.jit"),
        ("from vllm.kernels.triton import jit", "jit"),
        ("import vllm.kernels.triton as triton", "triton.jit"),
        ("from . import jit", "jit"),
        ("import triton\ndef jit(f): return f", "jit"),
        ("import triton\njit = jit", "jit"),
    ],
)
def test_leaves_other_compilers_alone(imports: str, decorator: str) -> None:
    assert names(f"# triton\n{imports}\n\n@{decorator}\ndef kernel(p): ...\n") == []


def test_finds_jit_in_any_stack_of_decorators() -> None:
    code = """
        import triton
        @triton.autotune(configs=[], key=["n"])
        @triton.heuristics({"B": lambda a: 4})
        @triton.jit
        def one(p): ...

        @triton.jit
        @guard
        def two(p): ...

        @guard(
            3
        )
        @triton.jit(
            do_not_specialize=["n"]
        )
        def three(p): ...
    """
    assert names(code) == ["one", "two", "three"]


def test_finds_methods_and_nested_functions() -> None:
    code = """
        from vllm.triton_utils import triton

        class Ops:
            @staticmethod
            @triton.jit
            def run(p): ...

            class Inner:
                @triton.jit
                def deep(p): ...

        def make():
            def make_more():
                @triton.jit
                def kernel(p): ...
            if make:
                @triton.jit
                def other(p): ...

        async def later():
            @triton.jit
            def third(p): ...

        try:
            pass
        finally:
            @triton.jit
            def last(p): ...
    """
    assert names(code) == [
        *("Ops.run", "Ops.Inner.deep", "make.make_more.kernel", "make.other", "later.third", "last")
    ]


def test_finds_functions_that_are_compiled_by_a_call() -> None:
    code = """
        import triton

        def one(p): ...
        def two(p): ...
        def three(p): ...
        def four(p): ...
        def five(p): ...
        def host(p): ...

        kernel = triton.jit(one)
        tuned = triton.autotune(configs=[], key=[])(triton.jit(two))
        special = triton.jit(do_not_specialize=["p"])(three)
        direct = triton.JITFunction(four)
        other = lower(host)

        def launch():
            def six(p): ...
            triton.jit(five)[(1,)](triton.jit(six))
    """
    found = ["one", "two", "three", "four", "five", "launch.six"]
    assert names(code) == found


def test_a_name_of_an_inner_scope_hides_the_import() -> None:
    code = """
        import triton

        def by_parameter(triton):
            @triton.jit
            def kernel(p): ...

        def by_assignment():
            triton = fake()
            @triton.jit
            def kernel(p): ...

        def by_loop():
            for triton in fakes:
                @triton.jit
                def kernel(p): ...

        def by_with():
            with fake() as (triton, _):
                @triton.jit
                def kernel(p): ...

        def by_except():
            try:
                pass
            except Error as triton:
                @triton.jit
                def kernel(p): ...

        def by_match(x):
            match x:
                case {"a": [triton, *_]}:
                    @triton.jit
                    def kernel(p): ...

        def by_def():
            def triton(): ...
            @triton.jit
            def kernel(p): ...

        def by_class():
            class triton: ...
            @triton.jit
            def kernel(p): ...

        def by_annotation():
            triton: object
            @triton.jit
            def kernel(p): ...

        class ByClassBody:
            triton = fake()
            @triton.jit
            def kernel(p): ...
    """
    assert names(code) == []


def test_follows_imports_of_the_scope_around() -> None:
    code = """
        def make():
            import triton
            def inner():
                @triton.jit
                def kernel(p): ...

        @triton.jit
        def not_imported(p): ...
    """
    assert names(code) == ["make.inner.kernel"]


def test_a_class_body_is_not_seen_from_its_methods() -> None:
    code = """
        class Ops:
            import triton
            @triton.jit
            def seen(p): ...
            def method(self):
                @triton.jit
                def unseen(p): ...
    """
    assert names(code) == ["Ops.seen"]


def test_follows_global_and_nonlocal() -> None:
    code = """
        import triton

        def around():
            triton = fake()
            def to_module():
                global triton
                @triton.jit
                def kernel(p): ...
            def to_function():
                nonlocal triton
                @triton.jit
                def hidden(p): ...

        def load():
            global triton
            import triton
            @triton.jit
            def kernel(p): ...
    """
    assert names(code) == ["around.to_module.kernel", "load.kernel"]


def test_a_function_inside_a_compiled_one_is_not_a_kernel() -> None:
    code = """
        import triton
        @triton.jit
        def kernel(p):
            @triton.jit
            def inner(p): ...
    """
    assert names(code) == ["kernel"]


def test_needs_no_parsing_where_no_decorator_names_jit() -> None:
    source = Source(PATH, b"# jit\nimport triton\nthis is (no Python\n")
    assert triton_functions(source) == []


def test_resolves_relative_imports_from_the_files_place() -> None:
    code = "from ..triton_utils import triton\n@triton.jit\ndef kernel(p): ...\n"
    assert names(code, "vllm/ops/kernels.py") == ["kernel"]
    assert names(code, "vllm/ops/__init__.py") == ["kernel"]
    assert names(code, "other/ops/kernels.py") == []
    assert names("from . import triton\n@triton.jit\ndef kernel(p): ...\n", "mine/ops.py") == []
    assert names(code, "kernels.py") == []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("tl.constexpr", Meaning.CONSTEXPR),
        ("triton.language.constexpr", Meaning.CONSTEXPR),
        ("triton.language.core.constexpr", Meaning.CONSTEXPR),
        ("ce", Meaning.CONSTEXPR),
        ("CE", Meaning.CONSTEXPR),
        ("tl.constexpr if x else ce", Meaning.CONSTEXPR),
        ("tl.int32", Meaning.TYPE),
        ("tl.constexpr_type", Meaning.TYPE),
        ("'tl.constexpr'", Meaning.TYPE),
        ("'tl.int32'", Meaning.TYPE),
        ("int", Meaning.TYPE),
        ("constexpr", Meaning.TYPE),
        ("torch.Tensor", Meaning.TYPE),
        ("Local", Meaning.TYPE),
        ("tl.pointer_type(tl.uint8)", Meaning.TYPE),
        ("int | None", Meaning.TYPE),
        ("tl.constexpr if x else None", Meaning.UNSURE),
        ("tl.constexpr | None", Meaning.UNSURE),
        ("list['tl.constexpr']", Meaning.UNSURE),
        ("shared.CE", Meaning.UNSURE),
        ("computed", Meaning.UNSURE),
        ("hidden", Meaning.UNSURE),
    ],
)
def test_knows_what_an_annotation_is_to_triton(annotation: str, expected: Meaning) -> None:
    code = f"""
        import torch
        from triton.language import constexpr as ce
        from vllm.ops import shared
        from vllm.triton_utils import tl, triton
        CE = tl.constexpr
        computed = pick()
        hidden = tl.constexpr
        class Local: ...

        @triton.jit
        def kernel(p, hidden):
            x: {annotation} = 4
    """
    (function,) = triton_functions(Source(PATH, dedent(code).encode()))
    (statement,) = function.node.body
    assert isinstance(statement, ast.AnnAssign)
    assert meaning(statement.annotation, function.body) is expected
