"""Windows cannot fork: ask for "spawn" where there is no "fork".

`cuda_get_device_properties` asks a forked process, and ends in "cannot find context for 'fork'".

Before::

    import multiprocessing

    context = multiprocessing.get_context("fork")

After::

    import multiprocessing

    context = multiprocessing.get_context(
        "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    )

"forkserver" stays: vLLM uses it only where a user asks for it by name, and Python then says that
there is none. A call that does not name the module, as after `from multiprocessing import
get_context`, is refused.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.rewriting import found_in, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_MODULES = ("multiprocessing", "torch.multiprocessing")
_FUNCTIONS = frozenset(
    f"{module}.{name}" for module in _MODULES for name in ("get_context", "set_start_method")
)
_LINE_LENGTH = 88


@dataclass(frozen=True, slots=True)
class _ForkContexts:
    """The rule; see the module."""

    name: str = "fork_contexts"
    needles: tuple[bytes, ...] = (b"multiprocessing", b"fork")

    def match(self, source: Source) -> Found:
        """Find the literal "fork" that multiprocessing is given."""
        return found_in(self.name, source, _found)


RULE = _ForkContexts()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    call = place.node
    if not (isinstance(call, ast.Call) and place.is_any(call.func, _FUNCTIONS)):
        return
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    methods = [each for each in given if isinstance(each, ast.Constant) and each.value == "fork"]
    if not methods or is_guarded(place, "ValueError"):
        return
    if not isinstance(call.func, ast.Attribute):
        yield refusal(place, "say `multiprocessing.`, which can be asked for its methods")
        return
    module = source.text(source.span(call.func.value))
    text = f'"fork" if "fork" in {module}.get_all_start_methods() else "spawn"'
    start, end = source.span(methods[0])
    number = source.line_of(start)
    line = source.data[source.line_start(number) : source.line_start(number + 1)].rstrip()
    if len(given) == 1 and len(line) - (end - start) + len(text) > _LINE_LENGTH:
        margin = source.indentation(start)
        text = f"\n{margin}    {text}\n{margin}"
    yield text_site(source, start, end, text)
