"""Triton before 3.2 makes no pointer type of a type that is handed to a kernel's helper.

What a call hands over is a constexpr to the helper, a type too, and old Triton's `tl.pointer_type`
takes types only: `TypeError: element_ty is a constexpr.` `wheelwright_triton.pointer_type` is
Triton's own from 3.2 on; before, it takes the type out of the constexpr first. It is called where
the element type is a parameter of the function; elsewhere it is a type already.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def load_pointer(pointers, element):
        return tl.load(pointers).to(tl.pointer_type(element))

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def load_pointer(pointers, element):
        return tl.load(pointers).to(wheelwright_triton.pointer_type(element))
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.rules.triton.functions import language_name
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.runtime import callee_site, with_runtime_import

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

_NAME = "pointer_type"
_CODE = re.compile(rb"(?<!\w)pointer_type(?!\w)")


@dataclass(frozen=True, slots=True)
class _PointerTypes:
    """The rule; see the module."""

    name: str = "pointer_types"
    needles: tuple[bytes, ...] = (*NEEDLES, _NAME.encode())
    why: str = (
        "The kernels of the block table, which model runner V2 launches for every step, fail at "
        "their first launch: TypeError('element_ty is a constexpr.')."
    )
    upstream: str = "none in vLLM: Triton 3.2.0 takes the type out of the constexpr"
    drop_when: str = "the platform's tl.pointer_type takes a constexpr, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the pointer types of a file whose element type is a parameter."""
        return with_runtime_import(found_in_functions(self.name, source, _sites, _CODE), source)


RULE = _PointerTypes()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    given = function.node.args
    parameters = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    for call in function.nodes(ast.Call):
        if language_name(call.func, function.body) != _NAME:
            continue
        named = [each.value for each in call.keywords if each.arg == "element_ty"]
        element = next(iter([*call.args, *named]), None)
        if isinstance(element, ast.Name) and element.id in parameters:
            yield callee_site(call.func, _NAME, source)
