"""What a rule of a Triton dialect is, beyond a rule: a patch that can say why it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from transforms.engine.edit import Found
from transforms.rules.refusal import Refusal, refused
from transforms.rules.triton.functions import triton_functions
from transforms.rules.triton.text import kernels_may_hold

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

NEEDLES = (b"triton", b"jit")
"""What a file that holds a kernel holds."""


class TritonRule(Protocol):
    """A rule, and the fields of the patch that applies it; see `transforms.engine.rule`."""

    @property
    def name(self) -> str:
        """The rule's name: the stem of its module."""

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes that a file must all hold before it is worth parsing."""

    @property
    def why(self) -> str:
        """The symptom that a user of the line sees without the rule."""

    @property
    def upstream(self) -> str:
        """Where it was mended upstream, or why it is not."""

    @property
    def drop_when(self) -> str:
        """The condition under which the rule is not needed any more."""

    def match(self, source: Source) -> Found:
        """Find the rule's sites in one file; a place that it must refuse is a problem."""


def found_in_functions(
    rule: str,
    source: Source,
    find: Callable[[TritonFunction, Source], Iterable[Site | Refusal]],
    code: re.Pattern[bytes],
) -> Found:
    """Ask each function of a file that Triton compiles for its sites.

    Args:
        rule: the rule's name.
        source: the file.
        find: gives a function's sites, and the places in it that must be refused.
        code: what the bytes of a function must hold if it has any, so that most files need not be
            parsed; see `transforms.rules.triton.text`.
    """
    if not kernels_may_hold(source, code):
        return Found()
    found = [each for function in source.once(triton_functions) for each in find(function, source)]
    sites = [each for each in found if not isinstance(each, Refusal)]
    # Several functions may ask for one import; equal insertions, such as `)`, are all written.
    once = {site for site in sites if site.shared}
    return Found(
        sites=tuple(sorted([*once, *(site for site in sites if not site.shared)])),
        problem=refused(rule, [each for each in found if isinstance(each, Refusal)], source),
    )
