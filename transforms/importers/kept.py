"""Statements that a change moves as a whole: under a condition, out of one, behind an `else`.

In a pattern a metavariable stands for them, so that upstream may change them.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.source import Span, all_blocks
from transforms.importers.pieces import atoms, text_of_all, with_holes

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.importers.proof import Files

# Less than this is said as it is.
_WORTH = 8


class _Run(NamedTuple):
    """The same neighbouring statements before and after."""

    before: list[ast.stmt]
    after: list[ast.stmt]


def with_kept_open(
    files: Files, before: Sequence[ast.stmt], after: Sequence[ast.stmt]
) -> Iterator[tuple[str, str]]:
    """Give a pair of a pattern and its replacement in which kept statements are left open.

    Args:
        files: the file before and after.
        before: the statements as they were; what is kept stands in a block of one of them.
        after: what takes their place.
    """
    runs = _runs(files, before, after)
    if runs:
        yield (
            _with_names(before, [run.before for run in runs], files.before),
            _with_names(after, [run.after for run in runs], files.after),
        )


def _runs(files: Files, before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> list[_Run]:
    """Find for each block before the longest run that is in a block after."""
    inner = [_Block.of(block) for node in before for block in all_blocks(node)]
    others = [[*after], *(block for node in after for block in all_blocks(node))]
    keyed = [_Block.of(block) for block in others]
    runs: list[_Run] = []
    for block in inner:
        found = [run for other in keyed for run in _longest(block, other)]
        found = [run for run in found if _is_same_text(files, run) and _is_free(run, runs)]
        best = max(found, key=_size, default=None)
        if best is not None and _size(best) >= _WORTH:
            runs.append(best)
    return runs


class _Block(NamedTuple):
    """Statements, and what each of them says."""

    statements: list[ast.stmt]
    keys: list[str]
    said: frozenset[str]

    @classmethod
    def of(cls, statements: list[ast.stmt]) -> _Block:
        """Read each statement once, however many blocks it is compared with."""
        keys = [canonical(node) for node in statements]
        return cls(statements, keys, frozenset(keys))


def _size(run: _Run) -> int:
    return sum(map(atoms, run.before))


def _longest(block: _Block, other: _Block) -> Iterator[_Run]:
    if block.said.isdisjoint(other.said):
        return
    matcher = SequenceMatcher(None, block.keys, other.keys, autojunk=False)
    same = matcher.find_longest_match(0, len(block.keys), 0, len(other.keys))
    if same.size:
        yield _Run(
            block.statements[same.a : same.a + same.size],
            other.statements[same.b : same.b + same.size],
        )


def _is_same_text(files: Files, run: _Run) -> bool:
    return text_of_all(run.before, files.before) == text_of_all(run.after, files.after)


def _is_free(run: _Run, runs: Sequence[_Run]) -> bool:
    """Tell whether a run shares nothing with those that were found before."""
    return not any(
        _share_lines(mine, other) for each in runs for mine, other in zip(run, each, strict=True)
    )


def _share_lines(one: list[ast.stmt], other: list[ast.stmt]) -> bool:
    ends = one[-1].end_lineno or 0, other[-1].end_lineno or 0
    return one[0].lineno <= ends[1] and other[0].lineno <= ends[0]


def _with_names(
    statements: Sequence[ast.stmt], runs: Sequence[list[ast.stmt]], source: Source
) -> str:
    span = Span(source.statement_span(statements[0]).start, source.span(statements[-1]).end)
    holes = [
        (Span(source.statement_span(run[0]).start, source.span(run[-1]).end), f"$$kept{number}")
        for number, run in enumerate(runs, start=1)
    ]
    text = with_holes(span, source, holes)
    return text.removeprefix("el") if text.startswith("elif") else text
