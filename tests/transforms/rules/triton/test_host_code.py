"""The code around kernels: all of it, with what names stand for there, and nothing of kernels."""

from __future__ import annotations

import ast
from textwrap import dedent

from transforms.engine.syntax.source import Source
from transforms.rules.triton.host_code import HostNode, host_nodes

CODE = """
    import triton
    from m import deco as d

    @d(decorator)
    @triton.jit
    def kernel(p: annotation, n=default, *, k=keyword_default):
        inside_kernel

    class Holder(base, metaclass=meta):
        from m import inner as d
        in_class

        @staticmethod
        @triton.jit
        def kernel(p):
            inside_kernel

        def method(self):
            in_method
            d

    def host():
        from m import other as d
        d
        f"{in_text}"
        lambda: in_lambda
    """


def _named(name: str) -> list[HostNode]:
    source = Source("vllm/m.py", dedent(CODE).encode())
    return [
        each
        for each in host_nodes(source)
        if isinstance(each.node, ast.Name) and each.node.id == name
    ]


def test_gives_what_python_runs() -> None:
    for name in ("decorator", "default", "keyword_default", "base", "meta"):
        assert len(_named(name)) == 1, name
    for name in ("in_class", "in_method", "in_lambda"):
        assert len(_named(name)) == 1, name


def test_gives_nothing_that_triton_compiles() -> None:
    assert _named("inside_kernel") == []
    assert _named("annotation") == []


def test_leaves_out_what_has_other_positions_on_other_pythons() -> None:
    assert _named("in_text") == []


def test_names_stand_for_what_they_do_there() -> None:
    decorating, in_method, in_host = _named("d")
    origins = [
        sorted(each.scope.origins(each.node))
        for each in (decorating, in_method, in_host)
        if isinstance(each.node, ast.expr)
    ]
    # A method does not see the names of its class.
    assert origins == [["m:deco"], ["m:deco"], ["m:other"]]


def test_says_in_which_statement_of_the_module_a_node_stands() -> None:
    tops = [getattr(each.top, "name", "") for each in _named("d")]
    assert tops == ["kernel", "Holder", "host"]
