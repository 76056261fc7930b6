"""Call Triton's own functions without the arguments that an old line's functions do not take.

`tl.range(flatten=True)`, `tl.softmax(x, dim=0)` and `tl.cat(a, b, dim=1)` came with later releases;
before, a kernel that says so fails with `got an unexpected keyword argument`. The dialect says of
each argument what is done without it:

- what only advises the compiler goes: how often a loop is unrolled, whether it is flattened. A
  newer Triton that compiles the rewritten kernel is not advised either: its IR is the same but for
  these attributes of the loop;
- what means something is left to the runtime module's function of the same name. That is Triton's
  own where Triton's own takes the argument, and a kernel that does the same where not.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, n):
        for i in tl.range(0, n, num_stages=2, flatten=True):
            tl.store(p + i, i)

After::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, n):
        for i in tl.range(0, n, num_stages=2):
            tl.store(p + i, i)

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def weights(x, y):
        return tl.softmax(tl.cat(x, y, dim=1), dim=0)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def weights(x, y):
        return wheelwright_triton.softmax(wheelwright_triton.cat(x, y, dim=1), dim=0)
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.engine.writing.call import without_arguments
from transforms.rules.triton.dialect import Argument, Instead
from transforms.rules.triton.functions import origins
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.runtime import MODULE, runtime_import

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction


@dataclass(frozen=True, slots=True)
class Arguments:
    """The rule; see the module.

    Attributes:
        missing: for each dotted name of a function, the arguments that it does not take.
        code: what a function that passes one of them holds.
    """

    missing: Mapping[str, Sequence[Argument]]
    code: re.Pattern[bytes]
    name: str = "arguments"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "Kernels that pass an argument which Triton's own function took only later, such as "
        '`tl.softmax(x, dim=0)` or `tl.range(flatten=True)`, fail at their first launch: "got an '
        'unexpected keyword argument".'
    )
    upstream: str = "none in vLLM: later releases of Triton take these arguments"
    drop_when: str = "the platform's Triton takes every argument that the dialect names"

    @classmethod
    def of(cls, arguments: Iterable[Argument]) -> Arguments:
        """Make the rule for the arguments that a dialect lacks."""
        missing: defaultdict[str, list[Argument]] = defaultdict(list)
        code: list[str] = []
        for argument in arguments:
            missing[argument.function].append(argument)
            code.append(rf"{argument.name}[\s\\]*=(?!=)")
            if argument.position is not None:
                code.append(rf"{argument.function.rpartition('.')[2]}(?!\w)")
        return cls(dict(missing), re.compile(rf"(?<!\w)(?:{'|'.join(code)})".encode()))

    def match(self, source: Source) -> Found:
        """Find the calls of a file that old Triton cannot compile."""
        return found_in_functions(self.name, source, self._sites, self.code)

    def _sites(self, function: TritonFunction, source: Source) -> Iterator[Site]:
        for call in function.nodes(ast.Call):
            called = origins(call.func, function.body) & self.missing.keys()
            missing = [argument for name in sorted(called) for argument in self.missing[name]]
            going = [
                keyword
                for argument in missing
                for keyword in call.keywords
                if keyword.arg == argument.name and argument.instead is Instead.NOTHING
            ]
            if going:
                yield from without_arguments(call, going, source)
            if any(
                argument.instead is Instead.HELPER and _passes(call, argument)
                for argument in missing
            ):
                yield from _helped(call, source)


def _passes(call: ast.Call, argument: Argument) -> bool:
    if any(keyword.arg == argument.name for keyword in call.keywords):
        return True
    if argument.position is None or len(call.args) <= argument.position:
        return False
    given = call.args[argument.position]
    return not (isinstance(given, ast.Constant) and given.value == 0)


def _helped(call: ast.Call, source: Source) -> Iterator[Site]:
    """Call the runtime module's function instead."""
    if isinstance(call.func, ast.Attribute):
        start, end = source.span(call.func.value)
        yield text_site(source, start, end, MODULE)
    else:
        start, _ = source.span(call.func)
        yield text_site(source, start, start, f"{MODULE}.")
    yield from runtime_import(source)
