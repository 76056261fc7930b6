"""Compare the code of one scope between two releases. Runs in a worker process."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from build_hooks.artifact import open_artifact
from build_hooks.collector import without_collector
from build_hooks.drift.cell import Failure
from build_hooks.drift.columns import column_name
from build_hooks.errors import WheelwrightError
from transforms.engine.checks.parameters import Parameters
from transforms.engine.explaining.symbols import defined
from transforms.engine.explaining.whereabouts import where_body_went
from transforms.engine.outcome import Problem
from transforms.engine.syntax.canonical import body_hash, canonical
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.scope import Scope, locate, resolve
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from build_hooks.lock import LockedArtifact
    from transforms.engine.syntax.source import Tree

_MOST_LINES = 400


class Files:
    """Some files of a release, as a tree."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def __contains__(self, path: object) -> bool:
        """Tell whether a file is among them."""
        return path in self._files

    def __iter__(self) -> Iterator[str]:
        """Give their paths."""
        return iter(self._files)

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self._files[path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look up in one release.

    Attributes:
        path: the artifact.
        locked: what the lock says of it.
        scopes: dotted paths whose files are wanted.
        compare: by older release: its files, and the dotted paths to compare with them.
    """

    path: Path
    locked: LockedArtifact
    scopes: tuple[str, ...] = ()
    compare: Mapping[str, tuple[Mapping[str, bytes], tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What became of one scope between two releases.

    Attributes:
        notes: where the code went, or what is the same.
        diff: what changed in it; empty where nothing can be compared.
        lines: how many lines differ, also those that a long diff leaves out.
        signature: whether a function that differs can be called as before; empty for other code.
    """

    notes: tuple[str, ...] = ()
    diff: str = ""
    lines: int = 0
    signature: str = ""


def read_files(question: Question) -> dict[str, bytes] | Failure:
    """Give the files, by path, that hold the scopes of a question."""
    try:
        tree = open_artifact(question.path, unpacked=question.locked.unpacked)
    except WheelwrightError as error:
        return Failure.of(error)
    return files_of(question.scopes, tree)


def files_of(scopes: Iterable[str], tree: Tree) -> dict[str, bytes]:
    """Give the files, by path, that hold some scopes; one that no module holds has none.

    Args:
        scopes: dotted paths.
        tree: the release's tree.
    """
    places = [resolve(inside, tree) for inside in scopes]
    paths = {place.path for place in places if isinstance(place, Scope)}
    return {path: tree.read(path) for path in sorted(paths)}


def compare_scopes(question: Question) -> dict[tuple[str, str], Compared] | Failure:
    """Compare scopes with older releases; gives the result by release and dotted path."""
    try:
        tree = open_artifact(question.path, unpacked=question.locked.unpacked)
    except WheelwrightError as error:
        return Failure.of(error)
    with without_collector():
        return {
            (base, inside): compared(inside, base, Files(files), column_name(question.locked), tree)
            for base, (files, scopes) in question.compare.items()
            for inside in scopes
        }


def compared(inside: str, base: str, before: Tree, release: str, after: Tree) -> Compared:
    """Say what became of the code of one scope.

    Args:
        inside: its dotted path.
        base: the older release.
        before: its files, as far as they matter.
        release: the newer release.
        after: its tree.
    """
    old = _find(inside, before)
    if isinstance(old, str):
        return Compared(notes=(f"{inside} on {base}: {old}",))
    new = _find(inside, after)
    if isinstance(new, str):
        return _gone(inside, (base, before, old), (release, after, new))
    if old.text == new.text:
        return Compared(notes=(f"{inside} is as it was on {base}",))
    same = body_hash(old.node) == body_hash(new.node)
    notes = (f"{inside} differs from {base} in comments, layout or docstring only",) if same else ()
    return Compared(
        notes=notes,
        diff=_diff(old, base, new, release),
        lines=_differing(old, new),
        signature=_signature(old.node, new.node),
    )


def _gone(inside: str, was: tuple[str, Tree, _Code], now: tuple[str, Tree, str]) -> Compared:
    """Say where code went that is not where it was: by its body, else by its name."""
    base, before, old = was
    release, after, reason = now
    went = where_body_went(inside, before, after)
    if went:
        return Compared(notes=tuple(f"{inside}: {line}" for line in went))
    symbols = defined(old.names, after, inside) if old.names else []
    there = _find(symbols[0].dotted, after) if len(symbols) == 1 else reason
    if isinstance(there, str):
        return Compared(notes=(f"{inside} on {release}: {reason}",))
    note = f"{inside} is now {symbols[0]}, with other code"
    return Compared(
        notes=(note,),
        diff=_diff(old, base, there, release),
        lines=_differing(old, there),
        signature=_signature(old.node, there.node),
    )


@dataclass(frozen=True, slots=True)
class _Code:
    """The code of one scope."""

    path: str
    names: tuple[str, ...]
    line: int
    text: str
    node: ast.AST


def _find(inside: str, tree: Tree) -> _Code | str:
    """Find the code of a scope, or say why it cannot be found."""
    scope = resolve(inside, tree)
    if isinstance(scope, Problem):
        return scope.reason
    source = Source(scope.path, tree.read(scope.path))
    try:
        node = locate(scope, source, tree)
    except SourceError as error:
        return error.reason
    if isinstance(node, Problem):
        return node.reason
    if not scope.names:
        return _Code(scope.path, (), 1, source.data.decode("utf-8"), node)
    span = source.statement_span(node)  # type: ignore[arg-type]  # a class or function
    start = source.line_start(source.line_of(span.start))
    text = source.data[start : span.end].decode("utf-8")
    return _Code(scope.path, scope.names, source.line_of(span.start), text, node)


def _diff(old: _Code, base: str, new: _Code, release: str) -> str:
    """Show what changed; the lines are counted from where the code begins in its file."""
    lines = [
        *difflib.unified_diff(
            old.text.splitlines(),
            new.text.splitlines(),
            f"{base} {old.path} from line {old.line}",
            f"{release} {new.path} from line {new.line}",
            lineterm="",
        )
    ]
    left = len(lines) - _MOST_LINES
    if left > 0:
        lines = [*lines[:_MOST_LINES], f"... and {left} more lines"]
    return "".join(f"{line}\n" for line in lines)


def _differing(old: _Code, new: _Code) -> int:
    """Count the lines that differ; a line that was written anew counts once."""
    matcher = difflib.SequenceMatcher(None, old.text.splitlines(), new.text.splitlines())
    return sum(
        max(old_end - old_start, new_end - new_start)
        for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    )


def _signature(old: ast.AST, new: ast.AST) -> str:
    """Say whether a function takes what it took."""
    if not isinstance(old, Function) or not isinstance(new, Function):
        return ""
    if canonical([old.args, old.returns]) == canonical([new.args, new.returns]):
        return "the same"
    before, after = Parameters.of(old.args), Parameters.of(new.args)
    if before.same_calls(after):
        return "differs in types or values of defaults"
    names = [
        [*each.positional_only, *each.positional, *sorted(each.keyword_only)]
        for each in (before, after)
    ]
    gone = [f"without {name}" for name in names[0] if name not in names[1]]
    added = [f"with {name}" for name in names[1] if name not in names[0]]
    return f"differs: {', '.join([*added, *gone]) or 'order, kind or defaults of parameters'}"
