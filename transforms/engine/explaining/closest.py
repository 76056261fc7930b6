"""The closest code to a pattern that matched nothing: what its author reads first."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, product
from typing import TYPE_CHECKING, cast

from transforms.engine.explaining.difference import difference
from transforms.engine.explaining.distance import distances
from transforms.engine.explaining.labels import MANY, ONE, Labels, flatten
from transforms.engine.patterns.parts import Header
from transforms.engine.syntax.source import all_blocks, walk_addressable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.patterns.pattern import Pattern
    from transforms.engine.syntax.source import Source

# In changes for each label of a pattern: what is farther away says nothing to its author.
_CLOSE_ENOUGH = 0.6
# Of code that shares no name with the pattern, one that differs in a single literal or word.
_ONE_CHANGE = 0.5
# Of a compound statement, the header says more than what stands under it.
_HEADER_SHARE = 0.7
_SHORTEST_HEADER = 2
# The bounds of the work: how many candidates are counted, and the cells of all tables.
_COUNTED = 400
_CELLS = 100_000
_TIMES_LONGER = 3
_LONGER = 20
_LONGEST = 400
_LONGEST_WANTED = 150


@dataclass(frozen=True, slots=True)
class Closest:
    """The code that is most like a pattern.

    Attributes:
        text: its first line, as upstream wrote it; empty where nothing is close.
        line: its number, 1-based; 0 where nothing is close.
        difference: what differs, where that is one thing only; else empty.
    """

    text: str = ""
    line: int = 0
    difference: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Some code, as a range of labels."""

    nodes: tuple[ast.AST, ...]
    start: int
    end: int


def closest_to(pattern: Pattern, node: ast.AST, source: Source) -> Closest:
    """Find the code in a scope that is fewest changes of syntax away from a pattern.

    Args:
        pattern: what was looked for.
        node: the scope.
        source: the file.
    """
    code = [item.statement if isinstance(item, Header) else item for item in pattern.nodes]
    wanted = flatten(code, blocks=not pattern.is_header).part(0, _LONGEST_WANTED)
    header = None if pattern.is_header else _header(code)
    scope, candidates = _candidates(pattern, node, wanted)
    best, least, cells = None, _CLOSE_ENOUGH, 0
    for candidate in _likely(wanted, scope, candidates):
        if cells > _CELLS:
            break
        cells += len(wanted.labels) * (candidate.end - candidate.start)
        there = scope.part(candidate.start, candidate.end)
        far = _distance(wanted, there)
        if header:
            near = _distance(header, flatten(candidate.nodes, blocks=False))
            far = min(far, _HEADER_SHARE * near + (1 - _HEADER_SHARE) * min(far, 1.0))
        if far < least:
            best, least = (candidate, there), far
    if best is None:
        return Closest()
    first = cast("ast.expr | ast.stmt", best[0].nodes[0])
    return Closest(
        source.first_line(first),
        first.lineno,
        difference(distances(wanted, best[1]), source),
    )


def _header(nodes: Sequence[ast.AST]) -> Labels | None:
    """Give the header of a lone compound statement, if it says enough to be looked for."""
    if len(nodes) > 1 or not isinstance(getattr(nodes[0], "body", None), list):
        return None
    header = flatten(nodes, blocks=False)
    return header if _size(header) >= _SHORTEST_HEADER else None


def _candidates(pattern: Pattern, node: ast.AST, wanted: Labels) -> tuple[Labels, list[_Candidate]]:
    """Give all code of the pattern's kind, with its labels; what is much longer is cut off."""
    if pattern.is_header or pattern.is_decorator:
        return _parts(pattern, node)
    scope = flatten([node])
    takes_any = len(wanted.labels) > _size(wanted)
    longest = _LONGEST if takes_any else _TIMES_LONGER * len(wanted.labels) + _LONGER
    places = {id(item): index for index, item in enumerate(scope.nodes)}
    windows = (
        [(item,) for item in scope.nodes if isinstance(item, ast.expr)]
        if pattern.is_expression
        else [each for block in all_blocks(node) for each in _windows(block, len(pattern.nodes))]
    )
    ranges = ((each, places[id(each[0])], scope.ends[places[id(each[-1])]]) for each in windows)
    return scope, [
        _Candidate(each, start, min(end, start + longest)) for each, start, end in ranges
    ]


def _parts(pattern: Pattern, node: ast.AST) -> tuple[Labels, list[_Candidate]]:
    """Give the headers, or the decorators, of all statements."""
    labels, found = Labels(), []
    for item in (item for item in walk_addressable(node) if not isinstance(item, ast.expr)):
        windows: list[tuple[ast.AST, ...]] = []
        if pattern.is_decorator:
            windows += _windows(getattr(item, "decorator_list", []), len(pattern.nodes))
        elif isinstance(getattr(item, "body", None), list) and not isinstance(item, ast.Module):
            windows.append((item,))
        for window in windows:
            start = len(labels.labels)
            labels.add(flatten(window, blocks=pattern.is_decorator))
            found.append(_Candidate(window, start, len(labels.labels)))
    return labels, found


def _windows(block: Sequence[ast.AST], count: int) -> list[tuple[ast.AST, ...]]:
    """Give consecutive statements; one more or less than wanted is a change upstream makes."""
    lengths = range(max(1, count - 1), count + 2)
    starts = product(range(len(block)), lengths)
    return [tuple(block[first : first + length]) for first, length in starts]


def _likely(wanted: Labels, scope: Labels, candidates: list[_Candidate]) -> list[_Candidate]:
    """Order candidates by the labels that they share with the pattern, cheaply at first."""
    labels = Counter(label for label in wanted.labels if label.kind not in {ONE, MANY})
    shared = [0, *accumulate(label in labels for label in scope.labels)]
    size = _size(wanted)

    def roughly(item: _Candidate) -> float:
        return -_share(min(size, shared[item.end] - shared[item.start]), item, size)

    def counted(item: _Candidate) -> float:
        there = Counter(scope.labels[item.start : item.end])
        return -_share(sum((labels & there).values()), item, size)

    return sorted(sorted(candidates, key=roughly)[:_COUNTED], key=counted)


def _share(shared: int, item: _Candidate, size: int) -> float:
    """Say how much is shared of both; what is longer is less likely to be meant."""
    return shared / (size + 0.1 * max(0, item.end - item.start - size) + 1)


def _size(labels: Labels) -> int:
    return sum(label.kind not in {ONE, MANY} for label in labels.labels)


def _distance(wanted: Labels, there: Labels) -> float:
    """Give the changes for each label of the pattern; infinite where only structure is shared."""
    total = distances(wanted, there).total
    telling = {label for label in wanted.labels if label.is_telling}
    if total > _ONE_CHANGE and telling.isdisjoint(there.labels):
        return float("inf")
    return total / max(1, _size(wanted))
