"""Names that a line of Triton lacks come from the runtime module `vllm.wheelwright_triton`.

Triton 3.1 looks up every name of a kernel before its first launch, those of dead branches too, and
stops at one that it lacks: `AttributeError: module 'triton.language' has no attribute 'gather'`.
The runtime module has all of these names. It hands on Triton's own object where there is one, so on
a newer Triton a kernel compiles to the same; elsewhere it has a kernel that gives equal results, or
something that raises only when it is really compiled.

Names are told by what they stand for: `triton.language.gather` is `tl.gather`. What a module binds
to a name of its own when it is imported (`gather = tl.gather`) is left alone: it fails there on an
old line unless the module has provided for that.

Before::

    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, q):
        tl.extra.cuda.gdc_wait()
        n = tl.gather(tl.load(p), tl.load(q), 0)

After::

    from vllm import wheelwright_triton
    from vllm.triton_utils import tl, triton

    @triton.jit
    def kernel(p, q):
        wheelwright_triton.gdc_wait()
        n = wheelwright_triton.gather(tl.load(p), tl.load(q), 0)
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.refusal import Refusal
from transforms.rules.triton.functions import origins
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.runtime import MODULE, runtime_import

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

_UNSURE = "one file cannot show whether this is Triton's own, which the line lacks"


@dataclass(frozen=True, slots=True)
class MissingNames:
    """The rule; see the module.

    Attributes:
        names: for each dotted name that the line lacks, the runtime module's name for it.
        code: what a function that uses one of them holds.
    """

    names: Mapping[str, str]
    code: re.Pattern[bytes]
    name: str = "missing_names"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "One name that Triton lacks stops a kernel at its first launch, even in a branch that it "
        "never takes: \"AttributeError: module 'triton.language' has no attribute "
        "'make_tensor_descriptor'\"."
    )
    upstream: str = "none in vLLM: it writes for a newer Triton, which has the names"
    drop_when: str = "the platform's Triton has every name that the dialect says it lacks"

    @classmethod
    def of(cls, names: Mapping[str, str]) -> MissingNames:
        """Make the rule for the names that a dialect lacks.

        Args:
            names: for each dotted name, e.g. ``triton.language.extra.cuda.gdc_wait``, the runtime
                module's name for it.
        """
        lasts = "|".join(sorted({dotted.rpartition(".")[2] for dotted in names}))
        return cls(names, re.compile(rf"\.[\s\\]*(?:{lasts})(?!\w)".encode()))

    def match(self, source: Source) -> Found:
        """Find the uses of these names in the functions of a file that Triton compiles."""
        found = found_in_functions(self.name, source, self._sites, self.code)
        if not found.sites:
            return found
        return replace(found, sites=tuple(sorted([*found.sites, *runtime_import(source)])))

    def _sites(self, function: TritonFunction, source: Source) -> Iterator[Site | Refusal]:
        lasts = {dotted.rpartition(".")[2] for dotted in self.names}
        for node in function.nodes(ast.Attribute):
            if node.attr not in lasts:
                continue
            meant = {self.names.get(origin) for origin in origins(node, function.body)}
            name = meant.pop() if meant else None
            if meant:
                yield Refusal(node, function.name, _UNSURE)
            elif name is not None:
                yield _renamed(node, name, source)


def _renamed(node: ast.Attribute, name: str, source: Source) -> Site:
    """Write the runtime module's name, over no more than need be: of `tl.gather`, the `tl`."""
    if node.attr == name:
        return text_site(source, *source.span(node.value), MODULE)
    return text_site(source, *source.span(node), f"{MODULE}.{name}")
