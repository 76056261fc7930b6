"""All that stands between two statements that are still there."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.importers.errors import UnexplainedError
from transforms.importers.proof import Change
from transforms.importers.texts import explain_text

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Span
    from transforms.importers.alignment import Pair
    from transforms.importers.proof import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """All that stands between two statements that are in both files.

    Attributes:
        files: the file before and after.
        inside: the dotted path of the scope.
        owner: the module, class or function of that path, if the gap is directly in its body.
        before: the span in the file before.
        after: the span in the file after.
        removed: the statements there that are only in the file before.
        added: the statements there that are only in the file after.
        previous: the statement that the gap is behind; None at the start of a block.
        following: the statement that the gap is in front of; None at the end of a block.
    """

    files: Files
    inside: str
    owner: ast.AST | None
    before: Span
    after: Span
    removed: Sequence[ast.stmt]
    added: Sequence[ast.stmt]
    previous: Pair | None
    following: Pair | None

    @property
    def old(self) -> bytes:
        """The bytes before."""
        return self.files.before.data[slice(*self.before)]

    @property
    def new(self) -> bytes:
        """The bytes after."""
        return self.files.after.data[slice(*self.after)]

    @property
    def change(self) -> Change:
        """All that differs, with the line end behind it: what is added may stand behind that."""
        before = self.files.before
        end = before.line_start(before.line_of(self.before.end) + 1)
        return Change(self.before.start, end, self.new + before.data[self.before.end : end])

    def without(self, cut: Span) -> bytes:
        """The bytes before, but for those of a cut."""
        data = self.files.before.data
        return data[self.before.start : cut.start] + data[cut.end : self.before.end]


def explain_lines(files: Files, span: Span, new: bytes) -> list[Edit]:
    """Find the exact texts that make of a span what it is to be, run of lines by run of lines."""
    old = files.before.data[slice(*span)].splitlines(keepends=True)
    lines = new.splitlines(keepends=True)
    mark = len(files.taken)
    edits: list[Edit] = []
    matcher = SequenceMatcher(None, old, lines, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind != "equal":
            at = span.start + sum(map(len, old[:start]))
            text = b"".join(lines[first:last])
            change = Change(at, at + sum(map(len, old[start:end])), text)
            edit = explain_text(files, change)
            if edit is None:
                break
            edits.append(edit)
    else:
        return edits
    del files.taken[mark:]
    edit = explain_text(files, Change(*span, new))
    if edit is None:
        reason = "its text is nowhere unique"
        raise UnexplainedError(files.before.path, reason, files.before.line_of(span.start))
    return [edit]


def rest_of(files: Files, span: Span, new: bytes) -> list[Edit] | None:
    """Explain what is left of a gap, comments and blank lines; None where nothing does."""
    try:
        return explain_lines(files, span, new)
    except UnexplainedError:
        return None
