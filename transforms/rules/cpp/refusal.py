"""Places in native code that a rule finds and must not change, and what an author is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.outcome import Problem, Status
from transforms.engine.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transforms.engine.cpp.code import Code
    from transforms.engine.syntax.source import Source


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that cannot be rewritten without changing what it means.

    Attributes:
        index: where it stands: an index into the file's significant tokens.
        reason: why, in one line.
    """

    index: int
    reason: str


def found_in(rule: str, source: Source, code: Code, found: Iterable[Site | Refusal]) -> Found:
    """Tell sites from refusals, and make one problem of the latter.

    Args:
        rule: the rule's name.
        source: the file.
        code: its tokens.
        found: what the rule found in it, in any order.
    """
    every = list(found)
    sites = sorted(each for each in every if isinstance(each, Site))
    refusals = sorted(
        (each for each in every if isinstance(each, Refusal)), key=lambda each: each.index
    )
    return Found(sites=tuple(sites), problem=_problem(rule, source, code, refusals))


def _problem(rule: str, source: Source, code: Code, refusals: list[Refusal]) -> Problem | None:
    if not refusals:
        return None
    lines = [source.line_of(code.tokens[each.index].start) for each in refusals]
    return Problem(
        status=Status.DRIFTED,
        reason=refusals[0].reason,
        path=source.path,
        looked_for=f"rule {rule}",
        closest=_line(source, lines[0]),
        line=lines[0],
        notes=tuple(
            f"{source.path}:{line}: {each.reason}"
            for line, each in list(zip(lines, refusals, strict=True))[1:]
        ),
    )


def _line(source: Source, line: int) -> str:
    """Give a line as messages show it."""
    start, end = source.line_start(line), source.line_start(line + 1)
    return source.data[start:end].decode("utf-8", "replace").strip()
