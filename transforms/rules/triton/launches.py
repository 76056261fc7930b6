"""Which kernel a call of the host's code launches, and whether it takes an option as a parameter.

`kernel[grid](...)` is a launch; so are `kernel.warmup(...)` and `kernel.run(...)`, and
`functools.partial(kernel[grid], ...)` is a part of one. Only names that the file itself binds to
functions are followed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from transforms.rules.triton.functions import TritonFunction, origins, triton_functions
from transforms.rules.triton.host_code import host_nodes

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source
    from transforms.rules.names import Scope
    from transforms.rules.triton.host_code import HostNode

_WITHOUT_GRID = frozenset({"run", "warmup"})
_PARTIAL = frozenset({"functools.partial"})


@dataclass(frozen=True)
class Launches:
    """What a file launches.

    Attributes:
        source: the file.
    """

    source: Source
    nodes: list[HostNode] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at the file's host code once."""
        object.__setattr__(self, "nodes", self.source.once(host_nodes))

    @cached_property
    def _kernels(self) -> dict[int, TritonFunction]:
        return {id(each.node): each for each in self.source.once(triton_functions)}

    def origins(self, node: ast.expr, scope: Scope) -> frozenset[str]:
        """Say what an expression may stand for; see `functions.origins`."""
        return origins(node, scope)

    def kernel_of(self, call: ast.Call, scope: Scope) -> ast.expr | None:
        """Give the expression of the kernel that a call launches; None where it launches none."""
        called = call.func
        if call.args and not origins(called, scope).isdisjoint(_PARTIAL):
            called = call.args[0]
        if isinstance(called, ast.Subscript):
            return called.value
        if isinstance(called, ast.Attribute) and called.attr in _WITHOUT_GRID:
            return called.value
        return None

    def takes(self, option: str, kernel: ast.expr, scope: Scope) -> bool | None:
        """Tell whether a kernel has a parameter; None where one file cannot show it.

        What this file defines and Triton does not compile (Gluon's kernels) takes what it is given.
        """
        if not isinstance(kernel, ast.Name):
            return None
        defined = scope.definitions(kernel.id)
        kernels = self._named(kernel, scope)
        if defined and not kernels:
            return True
        return _all(option, kernels)

    def gathered(self, option: str, at: HostNode) -> bool | None:
        """Tell whether an option in a dict is to be guarded; None where one file cannot show it.

        Args:
            option: the option.
            at: the dict. The kernels that the statement of the module around it names or defines
                are those that may get it.
        """
        named = [
            kernel
            for each in self.nodes
            if each.top is at.top and isinstance(each.node, ast.Name)
            for kernel in self._named(each.node, each.scope)
        ]
        inside = [kernel for kernel in self._kernels.values() if kernel.node in ast.walk(at.top)]
        taken = _all(option, [*named, *inside])
        return None if taken is None else not taken

    def only_sometimes(self, node: ast.Dict, option: str, at: HostNode) -> bool:
        """Tell whether a dict stands for one without the option: `{...} if early else {}`."""
        for each in self.nodes:
            if each.top is at.top and isinstance(each.node, ast.IfExp):
                both = (each.node.body, each.node.orelse)
                if any(node is one for one in both):
                    other = both[1] if node is both[0] else both[0]
                    return isinstance(other, ast.Dict) and not _may_hold(other, option)
        return False

    def _named(self, node: ast.expr, scope: Scope) -> list[TritonFunction]:
        if not isinstance(node, ast.Name):
            return []
        defined = scope.definitions(node.id)
        return [self._kernels[id(each)] for each in defined if id(each) in self._kernels]


def _all(option: str, kernels: list[TritonFunction]) -> bool | None:
    """Tell whether kernels have a parameter; None where some have it and some not, or for none."""
    have = {option in _parameters(kernel.node.args) for kernel in kernels}
    return have.pop() if len(have) == 1 else None


def _parameters(arguments: ast.arguments) -> set[str]:
    return {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def _may_hold(node: ast.Dict, option: str) -> bool:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return option in keys or None in keys
