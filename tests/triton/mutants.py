"""Mistakes that the rules could make, each at one site of a real kernel.

A mutant is written into the built tree, as a broken rule would have written it: `wrong` in the
place of `right`, which stands once in the kernel. The kernel's configurations then say whether the
proof sees it. A kernel has one mutant at most, and reaches no other's, so one replay judges all.
"""

from __future__ import annotations

import ast
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.triton.kernels import kernels_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from build_hooks.triton.runner.census import JitFunction


@dataclass(frozen=True)
class Mutant:
    """One mistake."""

    rule: str
    """The stem of the patch whose rule it breaks."""
    mistake: str
    """What the rule got wrong, in words."""
    kernel: str
    """The jit function of the newest release in which it is made."""
    right: str
    """What the rule wrote there."""
    wrong: str
    """What the broken rule would have written."""

    def __str__(self) -> str:
        """Name a test's case."""
        return f"{self.rule}: {self.mistake}"


def make_mutated_tree(built: Path, target: Path, mutants: Sequence[Mutant]) -> Path:
    """Copy a built package, with the mistakes made in it.

    Raises:
        ValueError: a kernel does not hold what a mutant changes exactly once.
    """
    shutil.copytree(built, target)
    census = {function.ident: function for function in kernels_of(built)}
    for mutant in mutants:
        function = census[mutant.kernel]
        file = target / function.path
        file.write_bytes(_mutated(file.read_bytes(), function, mutant))
    return target


def _mutated(data: bytes, function: JitFunction, mutant: Mutant) -> bytes:
    lines = data.splitlines(keepends=True)
    first, end = function.first_line - 1, _last_line(data, function)
    body, right = b"".join(lines[first:end]), mutant.right.encode()
    if body.count(right) != 1:
        raise ValueError(f"{mutant}: {mutant.kernel} holds {mutant.right!r} {body.count(right)}x")
    changed = body.replace(right, mutant.wrong.encode())
    if changed.count(b"\n") != body.count(b"\n"):
        raise ValueError(f"{mutant}: lines of other mutants' kernels would shift")
    return b"".join([*lines[:first], changed, *lines[end:]])


def _last_line(data: bytes, function: JitFunction) -> int:
    """Find where a function ends: its last line, counted from 1."""
    return next(
        node.end_lineno or node.lineno
        for node in ast.walk(ast.parse(data))
        if isinstance(node, ast.FunctionDef) and node.lineno == function.line
    )
