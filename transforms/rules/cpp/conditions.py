"""Which conditions of the preprocessor a token is compiled under."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.cpp.code import Code

NEVER_MSVC = frozenset(
    {"__GNUC__", "__clang__", "__i386__", "__x86_64__", "__aarch64__", "__powerpc__", "USE_ROCM"}
)
"""Macros that are not defined where MSVC compiles: its own names of machines are `_M_...`."""


def is_never_msvc(code: Code, index: int) -> bool:
    """Tell whether a token is in a branch that asks for what is never defined with MSVC.

    Args:
        code: the file.
        index: into its significant tokens.
    """
    return any(_asks_for(condition) & NEVER_MSVC for condition in branches_around(code, index))


def branches_around(code: Code, index: int) -> Sequence[Sequence[str]]:
    """Give the tokens of the directives that begin the branches around a token, outermost first.

    Args:
        code: the file.
        index: into its significant tokens.
    """
    around: list[Sequence[str]] = []
    for number, (first, last) in code.directive_spans.items():
        if first >= index:
            break
        name = code.directive_name(number)
        words = [token.text for token in code.tokens[first + 1 : last]]
        if name in {"if", "ifdef", "ifndef"}:
            around.append(words)
        elif name in {"elif", "elifdef", "elifndef", "else"} and around:
            around[-1] = words
        elif name == "endif" and around:
            around.pop()
    return around


def _asks_for(condition: Sequence[str]) -> set[str]:
    """Give the macros of which one must be defined: all of `#if defined(A) || defined(B)`."""
    name, *words = condition
    if name in {"ifdef", "elifdef"}:
        return set(words)
    if name not in {"if", "elif"}:
        return set()
    asked: set[str] = set()
    text = "".join(words)
    for part in text.split("||"):
        macro = part.removeprefix("defined").strip("()")
        if macro not in NEVER_MSVC:
            return set()
        asked.add(macro)
    return asked
