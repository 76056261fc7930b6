"""PyTorch's gloo has no transport on Windows: take the backend there that one rank can have.

Its builds have neither TCP nor libuv in gloo, and end in "makeDeviceForHostname(): unsupported gloo
device".

Before::

    import torch

    def groups(ranks, backend):
        if not torch.distributed.is_backend_available(backend):
            backend = "gloo"
        torch.distributed.init_process_group(backend=backend)
        return torch.distributed.new_group(ranks, backend="gloo")

After::

    import torch

    from vllm import wheelwright_windows

    def groups(ranks, backend):
        if not torch.distributed.is_backend_available(backend):
            backend = wheelwright_windows.cpu_backend()
        torch.distributed.init_process_group(backend=backend)
        return torch.distributed.new_group(ranks, backend=wheelwright_windows.cpu_backend())

Only what torch itself is given changes: groups that vLLM puts together without torch's default one
are of several processes that have to talk, for which the other backend would be silently wrong.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.rewriting import MODULE, found_in, import_of_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_FUNCTIONS = frozenset({"torch.distributed.init_process_group", "torch.distributed.new_group"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class _GlooBackends:
    """The rule; see the module."""

    name: str = "gloo_backends"
    needles: tuple[bytes, ...] = (b"gloo", b"torch", b"distributed")

    def match(self, source: Source) -> Found:
        """Find the literal backends that torch is given."""
        return found_in(self.name, source, _found)


RULE = _GlooBackends()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if not (isinstance(node, ast.Constant) and node.value == "gloo") or is_guarded(place):
        return
    if _is_given(place) or _is_given_later(place):
        yield text_site(source, *source.span(node), f"{MODULE}.cpu_backend()")
        yield from import_of_module(source)


def _is_given(place: Place) -> bool:
    """Tell whether a literal is the backend in a call of torch."""
    keyword = place.around
    call = keyword.around if keyword else None
    return (
        keyword is not None
        and call is not None
        and isinstance(keyword.node, ast.keyword)
        and keyword.node.arg == "backend"
        and isinstance(call.node, ast.Call)
        and call.is_any(call.node.func, _FUNCTIONS)
    )


def _is_given_later(place: Place) -> bool:
    """Tell whether a literal is assigned to a name that the function gives to torch."""
    assigned = place.around.node if place.around else None
    function = next((each for each in place.outwards if isinstance(each.node, _DEFINITIONS)), None)
    if not isinstance(assigned, ast.Assign) or function is None:
        return False
    names = {target.id for target in assigned.targets if isinstance(target, ast.Name)}
    return any(
        isinstance(call, ast.Call)
        and place.is_any(call.func, _FUNCTIONS)
        and any(
            each.arg == "backend" and isinstance(each.value, ast.Name) and each.value.id in names
            for each in call.keywords
        )
        for call in ast.walk(function.node)
    )
