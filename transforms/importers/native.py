"""What differs between two versions of a file of C++, CUDA or CMake, as native edits.

Lines are compared, and each run of lines that differ gets the smallest edit that says it: the code
alone in its function, then in the file, then with more and more lines around it. What no native
edit says, such as a comment or half a statement, is exact text.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from transforms.edits import cmake, cpp
from transforms.engine.cmake.files import is_cmake
from transforms.engine.cmake.reading import is_readable, statements_of
from transforms.engine.cmake.scope import defined
from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.definitions import What, definitions
from transforms.engine.cpp.files import CPP
from transforms.engine.syntax.source import SourceError
from transforms.importers.errors import UnexplainedError
from transforms.importers.inserted import written_code
from transforms.importers.proof import Change
from transforms.importers.texts import explain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

_MOST_AROUND = 6


def is_native(path: str) -> bool:
    """Tell from its name whether a file can have native edits."""
    return path.endswith(CPP) or is_cmake(path)


def explain_native(files: Files) -> list[Edit]:
    """Find the edits that make of one version of a native file the other.

    Args:
        files: the file before and after.

    Raises:
        UnexplainedError: not even exact text says it.
    """
    before = files.before.data.splitlines(keepends=True)
    after = files.after.data.splitlines(keepends=True)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    edits: list[Edit] = []
    for kind, *ends in matcher.get_opcodes():
        if kind != "equal":
            edits.append(_explain(files, _Run(before, after, *ends)))
    return edits


class _Run(NamedTuple):
    """Lines that differ: those from `start` to `end` became those from `first` to `last`."""

    before: Sequence[bytes]
    after: Sequence[bytes]
    start: int
    end: int
    first: int
    last: int

    def change(self) -> Change:
        """Give what it does to the bytes of the file."""
        at = sum(map(len, self.before[: self.start]))
        size = sum(map(len, self.before[self.start : self.end]))
        return Change(at, at + size, b"".join(self.after[self.first : self.last]))

    def texts(self, above: int, below: int) -> tuple[str, str]:
        """Give the lines before and after, flush left, with some lines around them."""
        old = [*self.before[self.start - above : self.end + below]]
        new = [
            *self.before[self.start - above : self.start],
            *self.after[self.first : self.last],
            *self.before[self.end : self.end + below],
        ]
        margin = _margin([*old, *new])
        return _flush(old, margin), _flush(new, margin)

    def line(self, step: int) -> str:
        """Give the nearest line above (-1) or below (1) that says something; empty for none."""
        at = self.start - 1 if step < 0 else self.end
        while 0 <= at < len(self.before):
            text = self.before[at].decode("utf-8", "replace").strip()
            if text:
                return text
            at += step
        return ""


def _margin(lines: Sequence[bytes]) -> int:
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)


def _flush(lines: Sequence[bytes], margin: int) -> str:
    text = b"".join(line[margin:] if line.strip() else line for line in lines)
    return text.decode().replace("\r\n", "\n")


def _explain(files: Files, run: _Run) -> Edit:
    change = run.change()
    try:
        for make in _ways(files, run, change):
            edit = files.accepts(make, change)
            if edit is not None:
                return edit
    except UnicodeDecodeError:
        pass
    text = explain_text(files, change)
    if text is None:
        reason = "its text is nowhere unique"
        raise UnexplainedError(files.before.path, reason, files.before.line_of(change.start))
    return text


def _ways(files: Files, run: _Run, change: Change) -> Iterator[Callable[[], Edit]]:
    path = files.before.path
    kinds = cpp if path.endswith(CPP) else cmake
    scopes = list(_scopes(files, change))
    if change.start == change.end:
        yield from _insertions(kinds, path, scopes, run)
    elif not change.text:
        find = run.texts(0, 0)[0].strip("\n")
        for inside in scopes:
            yield partial(kinds.Remove, path=path, inside=inside, find=find)
    around = [
        (above, more - above) for more in range(_MOST_AROUND + 1) for above in range(more + 1)
    ]
    for above, below in around:
        if run.start - above < 0 or run.end + below > len(run.before):
            continue
        find, by = (text.strip("\n") for text in run.texts(above, below))
        for inside in scopes if find.strip() and by.strip() else ():
            yield partial(kinds.Replace, path=path, inside=inside, find=find, replace=by)


def _insertions(
    kinds: ModuleType, path: str, scopes: Sequence[str], run: _Run
) -> Iterator[Callable[[], Edit]]:
    """Anchor whole lines to the line above or the one below."""
    added = run.after[run.first : run.last]
    code = written_code(_flush(added, _margin(added)))
    for kind, anchor in ((kinds.InsertAfter, run.line(-1)), (kinds.InsertBefore, run.line(1))):
        for inside in scopes if anchor and code.strip() else ():
            yield partial(kind, path=path, inside=inside, anchor=anchor, code=code)


def _scopes(files: Files, change: Change) -> Iterator[str]:
    """Name the definitions around a change, the innermost first, and last the file."""
    source = files.before
    if source.path.endswith(CPP):
        code = source.once(code_of)
        around = [
            (code.tokens[item.last - 1].end - code.tokens[item.first].start, item)
            for item in definitions(code)
            if item.what is not What.NAMESPACE
            and code.tokens[item.first].start < change.start
            and change.end < code.tokens[item.last - 1].end
        ]
        yield from (item.qualified for _, item in sorted(around, key=lambda pair: pair[0]))
    elif is_readable():
        try:
            for name, block in reversed(list(defined(source.once(statements_of)))):
                if block.start < change.start and change.end < block.end:
                    yield name
        except SourceError:
            pass
    yield ""
