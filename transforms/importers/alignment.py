"""Which statements of a block before are which of the block after."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.syntax.canonical import canonical
from transforms.importers.pieces import Definition, header, is_compound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+")
_ALIKE = 0.55
_ALIKE_WITH_SAME_TARGET = 0.25


@dataclass(frozen=True, slots=True)
class Pair:
    """One statement before and after.

    Attributes:
        before: as it was.
        after: as it is to be.
        same: whether both are the same syntax.
    """

    before: ast.stmt
    after: ast.stmt
    same: bool


def align(before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> list[Pair]:
    """Pair the statements of two blocks, in order; those without a partner are left out."""
    keys = [canonical(node) for node in before], [canonical(node) for node in after]
    matcher = SequenceMatcher(None, *keys, autojunk=False)
    pairs: list[Pair] = []
    for kind, start, end, start_after, end_after in matcher.get_opcodes():
        if kind == "equal":
            both = zip(before[start:end], after[start_after:end_after], strict=True)
            pairs += [Pair(*pair, same=True) for pair in both]
        elif kind == "replace":
            pairs += _alike(before[start:end], after[start_after:end_after])
    return pairs


def _alike(before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> Iterator[Pair]:
    """Pair statements that differ, so that the sum of what they have in common is largest."""
    scores = [[_likeness(left, right) for right in after] for left in before]
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for row in range(len(before) - 1, -1, -1):
        for column in range(len(after) - 1, -1, -1):
            both = scores[row][column] and scores[row][column] + best[row + 1][column + 1]
            best[row][column] = max(both, best[row + 1][column], best[row][column + 1])
    row = column = 0
    while row < len(before) and column < len(after):
        score = scores[row][column]
        if score and best[row][column] == score + best[row + 1][column + 1]:
            yield Pair(before[row], after[column], same=False)
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1


def _likeness(left: ast.stmt, right: ast.stmt) -> float:
    """Say how much two statements have in common, from 0 to 1; 0 where they are not the same."""
    if type(left) is not type(right):
        return 0.0
    if isinstance(left, Definition) and isinstance(right, Definition) and left.name == right.name:
        return 1.0
    heads = _words(left, header_only=True), _words(right, header_only=True)
    share = _share(*heads)
    if is_compound(left):
        whole = _share(_words(left), _words(right))
        if heads[0] == heads[1]:
            return 0.3 + 0.7 * whole
        share = (share + whole) / 2
    enough = _ALIKE_WITH_SAME_TARGET if _target(left) == _target(right) != "" else _ALIKE
    return share if share >= enough else 0.0


def _target(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return canonical(node.targets)
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return canonical(node.target)
    return ""


def _words(node: ast.stmt, *, header_only: bool = False) -> Counter[str]:
    what = [value for _, value in header(node)] if header_only else node
    return Counter(_WORD.findall(canonical(what)))


def _share(left: Counter[str], right: Counter[str]) -> float:
    total = sum(left.values()) + sum(right.values())
    common = sum((left & right).values())
    return 2 * common / total if total else 1.0
