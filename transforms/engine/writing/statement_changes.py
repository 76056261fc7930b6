"""What must change in the statements of a block to make them others; the rest keeps its bytes."""

from __future__ import annotations

import ast
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from transforms.engine.patterns.bound_text import ends_with_comment
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.lines import moved
from transforms.engine.syntax.source import Span, blocks
from transforms.engine.syntax.tokens import UnreadableError, comments, units
from transforms.engine.writing.token_changes import Change, TokenChanges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.engine.syntax.source import Source


class TooDifferentError(Exception):
    """Two pieces of code share no structure in which a part could stay."""


class _Header(NamedTuple):
    """A line that begins a block, up to its colon and comment, and the block."""

    span: Span
    block: Sequence[ast.stmt]


class StatementChanges:
    """Collects the changes between the statements of a file and those to write.

    Args:
        source: the file.
        new: the code to write, flush left.

    Attributes:
        found: the changes so far.
        claims: the spans that they need as they are, to mean what they say.
        behind: where the statement starts that the last insertion is behind; else -1.
        keeps: whether any part of the file's code stays.
    """

    def __init__(self, source: Source, new: Source) -> None:
        self.found: list[Change] = []
        self.claims: list[Span] = []
        self.behind = -1
        self.keeps = False
        self._source = source
        self._new = new

    def block(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> None:
        """Compare the statements of a block.

        Raises:
            TooDifferentError: they would have to be written as a whole.
            UnreadableError: brackets do not match.
        """
        keys = ([*map(canonical, old)], [*map(canonical, new)])
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
            if tag == "equal":
                for one, two in zip(old[i1:i2], new[j1:j2], strict=True):
                    self.keeps = True
                    self._add_comments(one, two)
                continue
            at = i1
            for number, ours, theirs in _pairs(old[i1:i2], new[j1:j2]):
                if ours and theirs:
                    self._statement(ours, theirs)
                elif ours:
                    self._remove(old, at)
                elif theirs:
                    self._insert(old, at, new, j1 + number)
                at += 1 if ours else 0

    def _statement(self, old: ast.stmt, new: ast.stmt) -> None:
        made, claimed = len(self.found), len(self.claims)
        if type(old) is type(new):
            try:
                self._descend(old, new)
                self._add_comments(old, new)
            except (TooDifferentError, UnreadableError):
                del self.found[made:]
                del self.claims[claimed:]
            else:
                self.keeps = True
                return
        self._rewrite(old, new)

    def _descend(self, old: ast.stmt, new: ast.stmt) -> None:
        ours, theirs = _headers(old, self._source), _headers(new, self._new)
        common = min(len(ours), len(theirs))
        for mine, wanted in zip(ours[:common], theirs[:common], strict=True):
            self._header(mine.span, wanted.span, new)
            self.block(mine.block, wanted.block)
        if len(ours) == len(theirs):
            return
        # An `else`, a handler or a `finally` more or less, at the end.
        if not common:
            raise TooDifferentError
        last, last_new = ours[common - 1].block[-1], theirs[common - 1].block[-1]
        self._own_line(last)
        self._own_line(old)
        start, end = self._next_line(last), self._next_line(old)
        code, newline = b"", self._source.newline
        if len(theirs) > common:
            begins = ends_with_comment(last_new, self._new)
            span = Span(begins, ends_with_comment(new, self._new))
            code = self._written(span, new, old)
            if self._source.data[:start].endswith((b"\n", b"\r")):
                code = code.removeprefix(newline) + newline
        self._change(start, end, code, self._source.statement_span(old))

    def _header(self, old: Span, new: Span, statement: ast.stmt) -> None:
        changes = TokenChanges(
            old=self._source.data,
            new=self._new.data,
            margin_old=self._source.indentation(old.start).encode(),
            margin_new=self._margin_of(statement),
            newline=self._source.newline,
        ).compare(old, new)
        words = [[unit.key for unit in units(self._source.data, *old)[:1]]]
        words.append([unit.key for unit in units(self._new.data, *new)[:1]])
        if not all(words) and any(words):
            raise TooDifferentError
        wanted = Counter(comments(self._new.data, *new))
        if wanted - Counter(comments(self._source.data, *old)):
            raise TooDifferentError
        if changes:
            self.found += changes
            self.claims.append(old)

    def _add_comments(self, old: ast.stmt, new: ast.stmt) -> None:
        """Write the comments that the author has beside a statement and the file has not."""
        span, whole = self._new.statement_span(new), _with_comments(new, self._new)
        there = comments(self._source.data, *_with_comments(old, self._source))
        above = [
            each for each in comments(self._new.data, whole.start, span.start) if each not in there
        ]
        behind = [
            each for each in comments(self._new.data, span.end, whole.end) if each not in there
        ]
        if not above and not behind:
            return
        start = self._own_line(old)
        end = self._source.span(old).end
        claim = self._source.statement_span(old)
        if behind and end == ends_with_comment(old, self._source):
            self._change(end, end, b"  " + behind.pop(), claim)
        margin, newline = self._margin(claim.start), self._source.newline
        text = b"".join(margin + each + newline for each in [*above, *behind])
        self._change(start, start, text, claim)

    def _rewrite(self, old: ast.stmt, new: ast.stmt) -> None:
        if is_elif(old, self._source):
            raise TooDifferentError
        self._own_line(old)
        span = self._source.statement_span(old)
        wanted = _with_comments(new, self._new)
        if wanted.end > self._new.span(new).end:
            span = Span(span.start, ends_with_comment(old, self._source))
        self._change(span.start, span.end, self._written(wanted, new, old), span)

    def _remove(self, old: Sequence[ast.stmt], number: int) -> None:
        start, end = self._own_line(old[number]), self._next_line(old[number])
        line = self._source.line_of(start)
        while number and self._line(line - 1).startswith(b"#"):
            line -= 1
        start = self._source.line_start(line)
        if number and not self._line(line - 1):
            after = self._source.line_of(end)
            while end < len(self._source.data) and not self._line(after):
                after += 1
                end = self._source.line_start(after)
        self._change(start, end, b"", Span(start, end))

    def _insert(
        self, old: Sequence[ast.stmt], at: int, new: Sequence[ast.stmt], number: int
    ) -> None:
        beside, wanted = old[max(at - 1, 0)], new[number]
        place = self._own_line(beside)
        span = _with_comments(wanted, self._new)
        newline = self._source.newline
        code = self._margin(self._source.statement_span(beside).start)
        code += self._written(span, wanted, beside)
        if at:
            place = self._next_line(beside)
            self.behind = self._source.statement_span(beside).start
            code = newline * self._blank_lines(new, number - 1) + code
        else:
            code += newline * self._blank_lines(new, number)
        ended = not at or self._source.data[:place].endswith((b"\n", b"\r"))
        needed = [self._source.statement_span(each) for each in old[max(0, at - 1) : at + 1]]
        self._change(place, place, code + newline if ended else newline + code, *needed)

    def _blank_lines(self, new: Sequence[ast.stmt], number: int) -> int:
        """Give how many empty lines the author has behind a statement, up to the next one."""
        if not 0 <= number < len(new) - 1:
            return 0
        start = ends_with_comment(new[number], self._new)
        end = _with_comments(new[number + 1], self._new).start
        return max(0, self._new.data.count(b"\n", start, end) - 1)

    def _change(self, start: int, end: int, text: bytes, *claims: Span) -> None:
        self.found.append(Change(start, end, text))
        self.claims += claims

    def _written(self, span: Span, new: ast.stmt, old: ast.stmt) -> bytes:
        margin = self._margin(self._source.statement_span(old).start)
        code = self._new.data[span.start : span.end]
        return moved(code, self._margin_of(new), margin, self._source.newline)

    def _margin_of(self, new: ast.stmt) -> bytes:
        return self._new.indentation(self._new.statement_span(new).start).encode()

    def _margin(self, start: int) -> bytes:
        return self._source.indentation(start).encode()

    def _line(self, number: int) -> bytes:
        start, end = self._source.line_start(number), self._source.line_start(number + 1)
        return self._source.data[start:end].strip()

    def _own_line(self, statement: ast.stmt) -> int:
        """Give the start of the line that a statement begins; it has its lines for itself."""
        start = self._source.statement_span(statement).start
        line = self._source.line_start(self._source.line_of(start))
        end = ends_with_comment(statement, self._source)
        behind = self._source.data[end : self._source.line_start(self._source.line_of(end) + 1)]
        if self._source.data[line:start].strip() or behind.strip():
            raise TooDifferentError
        return line

    def _next_line(self, statement: ast.stmt) -> int:
        end = self._source.span(statement).end
        return self._source.line_start(self._source.line_of(end) + 1)


def _with_comments(statement: ast.stmt, source: Source) -> Span:
    """Give a statement with the comment lines directly above it and the comment behind it."""
    start = source.statement_span(statement).start
    line = source.line_of(start)
    above = source.data[source.line_start(line) : start]
    while not above.strip() and line > 1:
        line -= 1
        text = source.data[source.line_start(line) : source.line_start(line + 1)]
        if not text.lstrip().startswith(b"#"):
            break
        start = source.line_start(line) + len(text) - len(text.lstrip())
    return Span(start, ends_with_comment(statement, source))


def _headers(statement: ast.stmt, source: Source) -> list[_Header]:
    """Give the lines that begin the blocks of a statement; one of no block is all header."""
    start, end = source.statement_span(statement)
    if is_elif(statement, source):
        start += len("el")
    held = sorted(blocks(statement), key=lambda block: source.statement_span(block[0]).start)
    if not held:
        return [_Header(Span(start, end), [])]
    found = []
    for block in held:
        first = source.statement_span(block[0]).start
        words = units(source.data, start, first)
        # An `elif` is the first word of its own statement.
        end = words[-1].end if words else start
        line_end = source.line_start(source.line_of(end) + 1)
        comment = source.data[end : min(first, line_end)].rstrip()
        span = Span(start, end + len(comment))
        found.append(_Header(span, block))
        start = ends_with_comment(block[-1], source)
    return found


def is_elif(statement: ast.stmt, source: Source) -> bool:
    """Tell whether a statement is the `elif` of another one."""
    start = source.span(statement).start
    return isinstance(statement, ast.If) and source.data.startswith(b"elif", start)


def _pairs(
    old: Sequence[ast.stmt], new: Sequence[ast.stmt]
) -> Iterable[tuple[int, ast.stmt | None, ast.stmt | None]]:
    """Say which statement takes the place of which, with the number of the new one."""
    if len(old) == len(new):
        for number, (ours, theirs) in enumerate(zip(old, new, strict=True)):
            yield number, ours, theirs
        return
    matcher = SequenceMatcher(None, [*map(_about, old)], [*map(_about, new)], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        common = min(i2 - i1, j2 - j1)
        for number in range(common):
            yield j1 + number, old[i1 + number], new[j1 + number]
        for ours in old[i1 + common : i2]:
            yield j1 + common, ours, None
        for number in range(j1 + common, j2):
            yield number, None, new[number]


def _about(statement: ast.stmt) -> str:
    """Name what a statement is about, to find the one that takes its place."""
    names = ("name", "targets", "target", "module")
    about = next((value for name in names if (value := getattr(statement, name, None))), None)
    value = getattr(statement, "value", None)
    if about is None and isinstance(value, ast.Call):
        about = value.func
    return f"{type(statement).__name__} {canonical(about)}"
