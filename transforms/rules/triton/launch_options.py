"""Old Triton refuses launch options that it does not know: give them only where it knows them.

`launch_pdl` lets a kernel start before the one before it has ended (CUDA's programmatic dependent
launch), and `gdc_wait` in the kernel waits for that. On a Triton without it the option has to go,
and the wait has nothing to wait for; on one that has it, both stay.
`enable_reflect_ftz=False` asks for denormals in functions such as `tanh`, which Triton 3.1 always
flushes to zero.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, n):
        tl.store(p, n)

    def launch(p, n, early):
        kernel[(1,)](p, n, num_warps=1, launch_pdl=early)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, n):
        tl.store(p, n)

    def launch(p, n, early):
        kernel[(1,)](p, n, num_warps=1, **wheelwright_triton.launch_options(launch_pdl=early))

A kernel that has a parameter of that name needs it, and every Triton takes it then: such launches
stay as they are. Where a file does not define the kernel, the parameters are read when it is
launched.

Before::

    from vllm.triton_kernels import kernel

    def launch(p, n):
        kernel[(1,)](p, n, launch_pdl=True)

After::

    from vllm import wheelwright_triton
    from vllm.triton_kernels import kernel

    def launch(p, n):
        kernel[(1,)](p, n, **wheelwright_triton.launch_options(kernel, launch_pdl=True))

Options are also gathered in a dict. One that only some launches have can be no kernel's parameter;
else the kernels that the function or class around it launches decide.

Before::

    from vllm.triton_utils import tl, triton

    def launch(kernel, p, n, early):
        options = {"launch_pdl": True} if early else {}
        kernel[(1,)](p, n, **options)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    def launch(kernel, p, n, early):
        options = wheelwright_triton.launch_options(launch_pdl=True) if early else {}
        kernel[(1,)](p, n, **options)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from transforms.rules.refusal import Refusal
from transforms.rules.triton.launches import Launches
from transforms.rules.triton.options import found_options, guarded_item, guarded_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.host_code import HostNode

_GUARD = "launch_options"
_DICT = frozenset({"builtins.dict"})
_UNCLEAR = "one file cannot show whether the kernels that get this dict take it as a parameter"


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """The rule; see the module.

    Attributes:
        options: the options of a launch that the line lacks.
    """

    options: frozenset[str]
    name: str = "launch_options"
    needles: tuple[bytes, ...] = (b"triton",)
    why: str = (
        "A kernel that is launched with `launch_pdl`, be it False, fails: \"KeyError: 'Keyword "
        "argument launch_pdl was specified but unrecognised'\"."
    )
    upstream: str = "none in vLLM: the option came with later releases of Triton"
    drop_when: str = "the platform's Triton has the options, for the platform's own GPUs, too"

    def match(self, source: Source) -> Found:
        """Find the launches that may hand such an option to old Triton."""
        return found_options(self.name, self.options, source, _found)


def _found(options: frozenset[str], source: Source) -> Iterator[Site | Refusal]:
    launches = Launches(source)
    kept: set[int] = set()
    for each in launches.nodes:
        node = each.node
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in options:
                    yield from _keyword(node, keyword, each, launches)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and _text(key) in options:
                    yield from _item(node, key, value, each, launches)
        elif isinstance(node, ast.If):
            kept |= _changed_where_given(node, options)
        elif _is_stored(node, options) and id(node) not in kept:
            reason = "an option that is stored into a dict by its key: write it in the dict"
            yield Refusal(node, "", reason)


def _keyword(
    call: ast.Call, keyword: ast.keyword, at: HostNode, launches: Launches
) -> Iterator[Site | Refusal]:
    """Judge a keyword of a call; of one that launches nothing it is a function's parameter."""
    option, source = str(keyword.arg), launches.source
    kernel = launches.kernel_of(call, at.scope)
    if kernel is None:
        if not launches.origins(call.func, at.scope).isdisjoint(_DICT):
            judged = launches.gathered(option, at)
            if judged is True:
                yield from guarded_keyword(call, keyword, _GUARD, source)
            elif judged is None:
                yield Refusal(keyword, "", _UNCLEAR)
        return
    takes = launches.takes(option, kernel, at.scope)
    if takes is False:
        yield from guarded_keyword(call, keyword, _GUARD, source)
    elif takes is None and _is_dotted(kernel):
        asked = ast.unparse(kernel)
        yield from guarded_keyword(call, keyword, _GUARD, source, before=asked)
    elif takes is None:
        yield Refusal(keyword, "", "the kernel is no name: to ask it would evaluate it twice")


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _item(
    node: ast.Dict, key: ast.expr, value: ast.expr, at: HostNode, launches: Launches
) -> Iterator[Site | Refusal]:
    option = _text(key)
    judged = launches.gathered(option, at)
    if judged is True or (judged is None and launches.only_sometimes(node, option, at)):
        yield from guarded_item(node, key, value, option, _GUARD, launches.source)
    elif judged is None:
        yield Refusal(key, "", _UNCLEAR)


def _changed_where_given(statement: ast.If, options: frozenset[str]) -> set[int]:
    """Give the stores into a dict that stand where the key is there already."""
    asked = {
        (_text(test.left), ast.unparse(test.comparators[0]))
        for test in ast.walk(statement.test)
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In)
    }
    return {
        id(node)
        for inner in statement.body
        for node in ast.walk(inner)
        if _is_stored(node, options) and (_text(node.slice), ast.unparse(node.value)) in asked
    }


def _is_stored(node: ast.AST, options: frozenset[str]) -> TypeGuard[ast.Subscript]:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and _text(node.slice) in options
    )


def _text(node: ast.expr | None) -> str:
    """Give the text of a string; empty for everything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
