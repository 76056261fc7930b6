"""Apply a series of commits to a pristine tree, in memory, as `git apply` would."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from transforms.importers.diffs.layers import UPSTREAM, HunkError, Layers, Placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.syntax.source import Tree
    from transforms.importers.diffs.model import FileDiff, Hunk

_EXECUTABLE = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of a series, or a diff that is no commit.

    Attributes:
        origin: what messages call it, e.g. ``0001-wait.patch`` or ``all.patch, commit 2``.
        subject: the first line of its message; empty where there is none.
        body: the rest of the message.
        files: what it changes.
    """

    origin: str
    subject: str
    body: str
    files: tuple[FileDiff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One hunk of a series, or a file that is made, copied or left out without one.

    Attributes:
        commit: the number of its commit, from 0.
        file: the file's part of the diff.
        hunk: the hunk; None where the file has none.
        placed: where it was applied; None where it was left out.
    """

    commit: int
    file: FileDiff
    hunk: Hunk | None
    placed: Placed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a part of a series cannot be applied.

    Attributes:
        text: all of it, one or more lines.
        kind: ``unsupported``, ``done`` or ``fails``.
    """

    text: str
    kind: str


@dataclass(slots=True, kw_only=True)
class Series:
    """What became of a series.

    Attributes:
        tree: the pristine tree.
        layers: every file that was changed, by path.
        steps: in the order of the series.
        failures: all that does not apply.
        notes: what is not as the diffs say, and no failure.
    """

    tree: Tree
    layers: dict[str, Layers] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def hunks(self) -> int:
        """How many hunks were tried."""
        return sum(step.hunk is not None for step in self.steps) + len(self.failures)

    def upstream(self, path: str) -> bytes | None:
        """Give the bytes of a file in the release; None where it has none of that path."""
        return self.tree.read(path) if path in self.tree else None


def apply_series(commits: Sequence[Commit], tree: Tree, *, exclude: Sequence[str] = ()) -> Series:
    """Apply all commits, one on top of the other.

    Args:
        commits: in their order.
        tree: the pristine tree; it stays as it is.
        exclude: patterns of paths that are left out, as the shell has them.
    """
    found = Series(tree=tree)
    broken: set[str] = set()
    for number, commit in enumerate(commits):
        for file in commit.files:
            if any(fnmatchcase(file.path, pattern) for pattern in exclude):
                found.steps += [
                    Step(commit=number, file=file, hunk=hunk, placed=None)
                    for hunk in file.hunks or (None,)
                ]
            elif file.path in broken:
                # What failed once is said once.
                continue
            elif not _apply(found, number, commit, file):
                broken.add(file.path)
    return found


def _apply(found: Series, number: int, commit: Commit, file: FileDiff) -> bool:
    """Apply what a commit does to one file; tell whether all of it could be."""
    where = f"{commit.origin}:{file.line}: {file.path}"
    reason = file.refused or _not_possible(found, file)
    if reason:
        advice = f"; {file.advice}" if file.advice else ""
        done = reason.startswith(_THERE)
        found.failures.append(
            Failure(text=f"{where}: {reason}{advice}", kind="done" if done else "unsupported")
        )
        return False
    layers = _layers(found, number, file)
    good, count = True, len(file.hunks)
    for index, (hunk, placed) in enumerate(
        zip(file.hunks, layers.apply(file.hunks, number), strict=True), start=1
    ):
        if isinstance(placed, HunkError):
            place = f"{commit.origin}:{hunk.line}: {file.path}, hunk {index} of {count}"
            kind = "done" if placed.is_done else "fails"
            other = _other_file(found, file)
            text = f"{place}, {hunk.range}: {placed.reason}{other}"
            found.failures.append(Failure(text=text, kind=kind))
            good = False
            continue
        if placed.offset:
            found.notes.append(
                f"{file.path}, hunk {index} of {count}: applied {placed.offset:+} lines from "
                "where it says, the only place that it fits"
            )
        found.steps.append(Step(commit=number, file=file, hunk=hunk, placed=placed))
    if good and not file.hunks:
        found.steps.append(Step(commit=number, file=file, hunk=None, placed=Placed.nothing()))
    if good and file.after is None:
        found.layers.pop(file.path)
    if file.mode == _EXECUTABLE:
        found.notes.append(f"{file.path}: added without its mode {file.mode}; a wheel has none")
    return good


_THERE = "the release has"


def _not_possible(found: Series, file: FileDiff) -> str:
    """Say why a file cannot be made, changed or deleted; nothing where it can."""
    before, after = file.before, file.after
    if before is not None and not _exists(found, before):
        return f"there is no such file{_elsewhere(found, before)}"
    if after is None:
        there = found.layers.get(before or "")
        made = there is not None and there.creator != UPSTREAM
        return "" if made else "it is deleted, and no edit takes a file away"
    if (before is None or file.is_copy) and _exists(found, after):
        made_of = [data for hunk in file.hunks for data in hunk.after]
        same = found.upstream(after) == b"".join(made_of) and not file.is_copy
        return f"{_THERE} such a file{', and it is the same' if same else ' of its own'}"
    return ""


def _exists(found: Series, path: str) -> bool:
    return path in found.layers or path in found.tree


def _elsewhere(found: Series, path: str) -> str:
    """Say what would name a file that is there."""
    parts = path.split("/")
    for strip in range(1, len(parts)):
        shorter = "/".join(parts[strip:])
        if "/" in shorter and shorter in found.tree:
            return f"; {shorter} is there: strip more of the names (-p)"
    longer = sorted(other for other in found.tree if other.endswith(f"/{path}"))
    if len(longer) == 1:
        folder = longer[0].removesuffix(f"/{path}")
        return f"; {longer[0]} is there: if it is meant, give -p 0 or --directory {folder}"
    name = f"/{parts[-1]}"
    same = sorted(other for other in found.tree if other.endswith(name))[:3]
    return f"; of that name there is {', '.join(same)}" if same else ""


def _layers(found: Series, number: int, file: FileDiff) -> Layers:
    """Give the lines of the file that is changed."""
    before, after = file.before, file.after
    if before is None or file.is_copy:
        made = Layers(creator=number)
        if before is not None:
            whole = found.layers.get(before) or Layers.of(found.tree.read(before))
            made = Layers.copied(whole, number)
        found.layers[after or ""] = made
        return made
    if before not in found.layers:
        found.layers[before] = Layers.of(found.tree.read(before))
    return found.layers[before]


def _other_file(found: Series, file: FileDiff) -> str:
    """Say that the diff was made for other bytes, where it names those that it was made for."""
    data = found.upstream(file.path)
    if data is None or not file.blob or set(file.blob) == {"0"}:
        return ""
    names = {
        hashlib.new(kind, b"blob %d\0" % len(data) + data).hexdigest()
        for kind in ("sha1", "sha256")
    }
    if any(name.startswith(file.blob) for name in names):
        return ""
    return (
        f"; it was made for another file: git's {file.blob}, and this is {min(names, key=len)[:12]}"
    )


def groups_of(
    series: Series, commits: int, joined: Sequence[frozenset[int]] = ()
) -> list[list[int]]:
    """Put together the commits that change what others wrote; the others stand alone.

    Args:
        series: what was applied.
        commits: how many commits there are.
        joined: further sets of commits that belong together.
    """
    head = list(range(commits))

    def root(number: int) -> int:
        while head[number] != number:
            number = head[number]
        return number

    changed = set[int]()
    sets = [*joined]
    for step in series.steps:
        if step.placed is not None:
            changed.add(step.commit)
            sets.append(step.placed.joined | {step.commit})
    for each in sets:
        first, *rest = sorted(map(root, each))
        for other in rest:
            head[root(other)] = root(first)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in sorted(changed):
        found[root(number)].append(number)
    return list(found.values())
