"""Old Triton's `jit` refuses options that it does not know: give them only where it knows them.

`do_not_specialize_on_alignment` came with Triton 3.2. It is a hint: a kernel is not compiled again
for a pointer or an integer that 16 does or does not divide. Without it the kernel computes the
same, in more variants. Where Triton has the option it gets it, so that new Tritons compile what
upstream's code would have them compile.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit(do_not_specialize=["n"], do_not_specialize_on_alignment=["n"])
    def kernel(p, n):
        tl.store(p, n)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit(do_not_specialize=["n"], **wheelwright_triton.jit_options(do_not_specialize_on_alignment=["n"]))
    def kernel(p, n):
        tl.store(p, n)
"""  # noqa: E501 - what is written for upstream's code has upstream's layout

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.refusal import Refusal
from transforms.rules.triton.functions import origins
from transforms.rules.triton.host_code import host_nodes
from transforms.rules.triton.options import found_options, guarded_keyword
from transforms.rules.triton.runtime import MODULE, PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.names import Scope

_GUARD = "jit_options"
_JIT = frozenset({"triton.jit", "triton.runtime.jit.jit", "vllm.triton_utils.jit"})
_PARTIAL = frozenset({"functools.partial"})
# Gluon has a compiler of its own, which takes the option wherever there is Gluon.
_OTHERS = frozenset({"vllm.triton_utils.gluon.jit", f"{PACKAGE}.{MODULE}.{_GUARD}"})


@dataclass(frozen=True, slots=True)
class DecoratorOptions:
    """The rule; see the module.

    Attributes:
        options: the options of `triton.jit` that the line lacks.
    """

    options: frozenset[str]
    name: str = "decorator_options"
    needles: tuple[bytes, ...] = (b"triton",)
    why: str = (
        "Modules with such kernels, mamba's `causal_conv1d` among them, cannot be imported: "
        "\"TypeError: jit() got an unexpected keyword argument 'do_not_specialize_on_alignment'\"."
    )
    upstream: str = "none in vLLM: the option came with Triton 3.2.0"
    drop_when: str = "the platform's `triton.jit` has the options, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the options that old Triton refuses when a module is imported."""
        return found_options(self.name, self.options, source, _found)


def _found(options: frozenset[str], source: Source) -> Iterator[Site | Refusal]:
    for each in source.once(host_nodes):
        node = each.node
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in options:
                    yield from _option(node, keyword, each.scope, source)
        elif isinstance(node, ast.Constant) and node.value in options:
            reason = "an option that is not written in a call of triton.jit cannot be followed"
            yield Refusal(node, "", reason)


def _option(
    call: ast.Call, keyword: ast.keyword, scope: Scope, source: Source
) -> Iterator[Site | Refusal]:
    called = origins(call.func, scope)
    if called & _PARTIAL and call.args:
        called = origins(call.args[0], scope)
    if called & _JIT:
        yield from guarded_keyword(call, keyword, _GUARD, source)
    elif not called or any(each.startswith("vllm.") for each in called - _OTHERS):
        reason = f"one file cannot show whether {ast.unparse(call.func)} hands it to triton.jit"
        yield Refusal(keyword, "", reason)
