"""Triton before 3.2 can compile kernels that annotate a variable, such as `left: tl.int32 = 0`.

It handles `x: tl.constexpr = v` by itself and takes every other annotated assignment for a plain
one, which it then cannot read: `AttributeError: 'AnnAssign' object has no attribute 'targets'`.
Forks of that age, MUSA's among them, have it to this day (upstream: fixed in Triton 3.2.0).

In every function that Triton compiles, and nowhere else:

- `x: T = v` becomes `x = v`; `x: tl.constexpr = v` stays, since Triton needs it;
- `x: T` alone goes; `x: tl.constexpr` alone is refused: old Triton forgets it, and what is assigned
  later is no constexpr there;
- a parameter's annotation goes where it would fail and changes nothing for a launch, see
  `transforms.rules.triton.parameters`;
- what one file cannot decide is refused, with the reason.

Before::

    @triton.jit
    def find(p, n: int | None = None):
        left: tl.int32 = 0

After::

    @triton.jit
    def find(p, n=None):
        left = 0
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.syntax.source import blocks
from transforms.rules.names import Function, own_statements
from transforms.rules.refusal import Refusal, refused
from transforms.rules.triton.annotation_splice import (
    plain_assignment,
    settled,
    without_bare_annotations,
)
from transforms.rules.triton.functions import Meaning, meaning, triton_functions
from transforms.rules.triton.parameters import parameter_sites
from transforms.rules.triton.rule import NEEDLES
from transforms.rules.triton.text import may_hold_annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction


@dataclass(frozen=True, slots=True)
class _AnnAssign:
    """The rule; see the module."""

    name: str = "annassign"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "Triton before 3.2 reads an annotated assignment only if it is constexpr: kernels with "
        "`left: tl.int32 = 0` or `n: int | None = None` fail at their first launch with "
        "AttributeError(\"'AnnAssign' object has no attribute 'targets'\")."
    )
    upstream: str = "none in vLLM: fixed in Triton 3.2.0, which forks of that age have yet to take"
    drop_when: str = "the platform's Triton compiles `x: tl.int32 = 0`, as 3.2.0 and later do"

    def match(self, source: Source) -> Found:
        """Find the annotations of a file that old Triton cannot compile."""
        if not may_hold_annotations(source.data):
            return Found()
        functions = source.once(triton_functions)
        found = [
            each
            for function in functions
            for each in (
                *parameter_sites(function, functions, source),
                *_body_sites(function, source),
            )
        ]
        refusals = [each for each in found if isinstance(each, Refusal)]
        sites = settled([each for each in found if not isinstance(each, Refusal)], source)
        return Found(sites=tuple(sorted(sites)), problem=refused(self.name, refusals, source))


RULE = _AnnAssign()


def _body_sites(function: TritonFunction, source: Source) -> Iterator[Site | Refusal]:
    bare: set[ast.AnnAssign] = set()
    for statement in own_statements(function.node):
        if not isinstance(statement, ast.AnnAssign):
            continue
        means = meaning(statement.annotation, function.body)
        if means is Meaning.UNSURE:
            reason = "one file cannot show whether the annotation is constexpr"
            yield Refusal(statement, function.name, reason)
        elif means is Meaning.TYPE and statement.value is not None:
            yield from plain_assignment(statement, source)
        elif means is Meaning.TYPE:
            bare.add(statement)
        elif statement.value is None:
            reason = (
                "a constexpr annotation without a value: old Triton forgets it, so what is "
                "assigned later is no constexpr there; annotate the assignment instead"
            )
            yield Refusal(statement, function.name, reason)
    if bare:
        for block in _blocks(function.node):
            going = bare.intersection(each for each in block if isinstance(each, ast.AnnAssign))
            yield from without_bare_annotations(block, going, source)


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    yield function.body
    for statement in own_statements(function):
        if not isinstance(statement, Function | ast.ClassDef):
            yield from blocks(statement)
