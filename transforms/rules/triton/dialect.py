"""A dialect: what one line of Triton lacks of the language that vLLM's kernels are written in.

It is data. Which rules a kernel needs on that line follows from it (`transforms.rules.triton.rules`).
A fork of the same age is described by the same dialect, and `nox -s triton` holds every entry
against the line's own compiler.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, unique


@unique
class Syntax(Enum):
    """A form of Python that a line of Triton cannot compile; its value says it in words."""

    ANNOTATED_ASSIGNMENT = "an annotated assignment that is not constexpr"
    BOOLEAN_CHAIN = "`a and b and c` without parentheses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one line of Triton lacks.

    Attributes:
        name: the dialect's name, after the line: ``triton-3.1``.
        proof: the release of Triton on which everything said here is proven.
        syntax: the forms of Python that it cannot compile.
    """

    name: str
    proof: str
    syntax: frozenset[Syntax] = field(default_factory=frozenset)


TRITON_3_1 = Dialect(
    name="triton-3.1",
    proof="3.1.0",
    syntax=frozenset({Syntax.ANNOTATED_ASSIGNMENT, Syntax.BOOLEAN_CHAIN}),
)
