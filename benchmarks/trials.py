"""One change, one release: what the file would be without the change, and what each tool makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from history import LINE, Change, changes, functions, lines_of, parsed, release_files
from reversal import reverse
from tools import TYPED, OneFile, Result, typed

from transforms.engine.syntax.canonical import canonical
from transforms.importers.capture import capture
from transforms.importers.errors import UnexplainedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools import TextTools

    from transforms.engine.edit import Edit

FURTHEST = 5
# Never the seed of a sample that was looked at while capture was written.
_SEED = "survival of changes"
release = lru_cache(maxsize=2 * FURTHEST + 3)(release_files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one change on one release.

    Attributes:
        older: the release that the change was captured on.
        target: the release that it was applied to.
        distance: how many minor releases further that is; negative for one before.
        path: the file.
        name: the function.
        results: by tool.
        exact: whether the change was found there line by line.
    """

    older: str
    target: str
    distance: int
    path: str
    name: str
    results: dict[str, Result]
    exact: bool


@dataclass(slots=True)
class Sample:
    """All that was tried for the changes from one release to the next.

    Attributes:
        older: the older release.
        newer: the newer release.
        changes: how many changes were captured.
        refused: why some were not.
        unequal: those that did not give upstream's bytes on the older release itself.
        without_truth: why some releases say nothing about a change.
        trials: the rest.
    """

    older: str
    newer: str
    changes: int = 0
    refused: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    without_truth: Counter[str] = field(default_factory=Counter)
    trials: list[Trial] = field(default_factory=list)


def sample(number: int, count: int, tools: TextTools) -> Sample:
    """Try the changes from one release of the line to the next on the releases around.

    Args:
        number: the older release's place in the line.
        count: how many changes; 0 for all.
        tools: where the text tools run.
    """
    older, newer = LINE[number], LINE[number + 1]
    found = Sample(older, newer)
    seed = f"{_SEED} {older} {newer}"
    for change in changes(release(older), release(newer), count=count, seed=seed):
        found.changes += 1
        where = f"{older} {change.path} {change.name}"
        edits: tuple[Edit, ...] = ()
        try:
            edits = capture(
                change.path, change.before, change.after, OneFile(change.path, change.before)
            ).edits
        except UnexplainedError as error:
            found.refused.append(f"{where}: {error}")
        if edits and typed(edits, change.path, change.before) != change.after:
            found.unequal.append(where)
        found.trials += _trials(change, number, edits, tools, found.without_truth)
    return found


def _trials(
    change: Change,
    number: int,
    edits: tuple[Edit, ...],
    tools: TextTools,
    without_truth: Counter[str],
) -> Iterator[Trial]:
    patch = tools.make(change.path, change.before, change.after)
    for distance in (*range(-FURTHEST, 0), *range(1, FURTHEST + 1)):
        if not 0 <= number + distance < len(LINE):
            continue
        target = LINE[number + distance]
        there = release(target).get(change.path)
        pair = "the file is not there" if there is None else _pair(change, there, distance)
        if isinstance(pair, str):
            without_truth[pair] += 1
            continue
        lacking, truth, exact = pair
        applied = dict(tools.apply(patch, change.path, lacking))
        applied[TYPED] = typed(edits, change.path, lacking) if edits else None
        yield Trial(
            older=LINE[number],
            target=target,
            distance=distance,
            path=change.path,
            name=change.name,
            results={tool: _judged(data, truth) for tool, data in applied.items()},
            exact=exact,
        )


def _pair(change: Change, there: bytes, distance: int) -> tuple[bytes, bytes, bool] | str:
    """Give a release's file without the change and with it, or say why that is not known.

    A later release has the change: it is the truth, and the change is taken out of it. An older
    one does not: it is as it is, and the change is put in.
    """
    function = functions(there).get(change.name)
    if function is None:
        return "the function is not there"
    lines = lines_of(there)
    text = function.text(lines)
    old, new = (change.old, change.new) if distance > 0 else (change.new, change.old)
    found = reverse(old, new, text)
    if found is None:
        return "the construct is not there, or not once"
    whole = "".join([*lines[: function.first - 1], found.text, *lines[function.last :]]).encode()
    module = parsed(whole)
    if module is None:
        return "it is not Python without the change"
    if canonical(module) == canonical(parsed(there)):
        return "the change is not there"
    return (whole, there, found.exact) if distance > 0 else (there, whole, found.exact)


def _judged(data: bytes | None, truth: bytes) -> Result:
    """Compare with the truth, as syntax: comments and layout may differ."""
    if data is None:
        return Result.LOUD
    module = None if data == truth else parsed(data)
    if data == truth or (module and canonical(module) == canonical(parsed(truth))):
        return Result.CORRECT
    return Result.WRONG
