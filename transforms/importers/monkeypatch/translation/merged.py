"""A replacement laid over the function that it replaces: what says the same stays as it is.

A copy that somebody made of upstream's function has other layout, comments and quotes in most
lines, and other code in few. Here each statement that says the same keeps upstream's bytes, so
that what differs afterwards is what the plugin's author meant.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.site import Site
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.definition import Function, docstring, header_end
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Source, Span
from transforms.importers.monkeypatch.translation.likeness import (
    BLOCKS,
    head_key,
    key,
    last_of_head,
    pairs,
    signature,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence


def merged(source: Source, node: Function, text: str) -> bytes:
    """Give a file in which a function says what another one does.

    Args:
        source: the file of vLLM.
        node: the function in it.
        text: the function that takes its place, flush left.
    """
    new = Source("replacement.py", text.encode())
    (function,) = new.module.body
    if not isinstance(function, Function) or type(function) is not type(node):
        return replaced(source, node, text)
    sites = list(_Merge(source, new).definition(node, function))
    return splice(source.data, sorted(sites, key=lambda site: site.place))


def replaced(source: Source, node: ast.stmt, text: str) -> bytes:
    """Give a file in which a whole definition is another one."""
    span = source.statement_span(node)
    margin = source.indentation(span.start)
    site = _site(source, span, indented(text, margin, first=False))
    return splice(source.data, [site])


def _site(source: Source, span: Span, text: str) -> Site:
    return Site(
        path=source.path,
        start=span.start,
        end=span.end,
        replacement=source.encoded(text),
        line=source.line_of(span.start),
    )


class _Merge:
    def __init__(self, source: Source, new: Source) -> None:
        self.source = source
        self.new = new

    def definition(self, node: Function, other: Function) -> Iterator[Site]:
        """Merge two functions of one name: decorators, header, docstring and body."""
        source = self.source
        if canonical(node.decorator_list) != canonical(other.decorator_list):
            start = source.statement_span(node).start
            lines = [f"@{self._text(item)}\n" for item in other.decorator_list]
            margin = source.indentation(source.span(node).start)
            text = "".join(line if not n else margin + line for n, line in enumerate(lines))
            text += margin if lines and node.decorator_list else ""
            if not node.decorator_list:
                text += margin
            yield _site(source, Span(start, source.span(node).start), text)
        if signature(node) != signature(other):
            before = Span(source.span(node).start, header_end(node, source))
            after = Span(self.new.span(other).start, header_end(other, self.new))
            margin = source.indentation(before.start)
            text = indented(flush_left(after, self.new), margin, first=False)
            yield _site(source, before, text)
        said, theirs = docstring(node), docstring(other)
        body = [item for item in node.body if item is not said]
        new_body = [item for item in other.body if item is not theirs]
        if said is not None and theirs is not None and said.value.value != theirs.value.value:  # type: ignore[attr-defined]
            margin = source.indentation(source.span(said).start)
            text = indented(self._text(theirs), margin, first=False)
            yield _site(source, source.span(said), text)
        if not body or (said is None and theirs is not None):
            body, new_body = node.body, other.body
        if new_body:
            yield from self.block(body, new_body)

    def block(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> Iterator[Site]:
        """Merge two lists of statements."""
        keys, new_keys = [key(item) for item in old], [key(item) for item in new]
        matcher = SequenceMatcher(None, keys, new_keys, autojunk=False)
        for tag, start, end, new_start, new_end in matcher.get_opcodes():
            ours, theirs = list(old[start:end]), list(new[new_start:new_end])
            if tag == "replace":
                yield from self._replaced(ours, theirs)
            elif tag == "delete":
                if len(ours) == len(old):
                    yield _site(self.source, self._span(ours), "pass")
                else:
                    yield self._without(ours)
            elif tag == "insert":
                if start:
                    yield self._behind(old[start - 1], theirs)
                else:
                    yield self._before(old[0], theirs)

    def _replaced(self, ours: list[ast.stmt], theirs: list[ast.stmt]) -> Iterator[Site]:
        """Merge statements of which none says the same: those of one kind in pairs."""
        paired = pairs(ours, theirs)
        if not paired:
            yield self._instead(ours, theirs)
            return
        done, new_done = 0, 0
        for at, new_at in [*paired, (len(ours), len(theirs))]:
            mine, other = ours[done:at], theirs[new_done:new_at]
            if mine and other:
                yield self._instead(mine, other)
            elif mine:
                yield self._without(mine)
            elif other and at < len(ours):
                yield self._before(ours[at], other)
            elif other:
                yield self._behind(ours[at - 1], other)
            if at < len(ours):
                yield from self._compound(ours[at], theirs[new_at])
            done, new_done = at + 1, new_at + 1

    def _compound(self, node: ast.stmt, other: ast.stmt) -> Iterator[Site]:
        if isinstance(node, Function) and isinstance(other, Function):
            yield from self.definition(node, other)
            return
        if head_key(node) != head_key(other):
            before, after = self._head(node, self.source), self._head(other, self.new)
            margin = self.source.indentation(before.start)
            text = indented(flush_left(after, self.new), margin, first=False)
            yield _site(self.source, before, text)
        for name in BLOCKS:
            mine, theirs = getattr(node, name, []), getattr(other, name, [])
            if mine and theirs:
                yield from self.block(mine, theirs)
        for mine, theirs in zip(
            getattr(node, "handlers", []), getattr(other, "handlers", []), strict=True
        ):
            yield from self.block(mine.body, theirs.body)

    def _head(self, node: ast.stmt, source: Source) -> Span:
        """Give the bytes from the keyword to the colon."""
        last = last_of_head(node)
        start = source.span(node).start
        at = source.span(last).end if last is not None else start
        return Span(start, source.data.index(b":", at) + 1)

    def _text(self, node: ast.expr | ast.stmt) -> str:
        return flush_left(self.new.span(node), self.new)

    def _lines(self, theirs: Sequence[ast.stmt]) -> str:
        """Give new statements with the comments above and behind them, flush left."""
        first, last = self.new.statement_span(theirs[0]).start, self.new.span(theirs[-1]).end
        line = self.new.line_of(first)
        data = self.new.data
        while line > 1:
            above = data[self.new.line_start(line - 1) : self.new.line_start(line)].strip()
            if not above.startswith(b"#"):
                break
            line -= 1
        if line < self.new.line_of(first):
            start = self.new.line_start(line)
            first = start + len(data[start:]) - len(data[start:].lstrip())
        end = self.new.line_start(self.new.line_of(last) + 1)
        rest = data[last:end]
        if rest.strip().startswith(b"#"):
            last += len(rest.rstrip())
        return flush_left(Span(first, last), self.new)

    def _span(self, nodes: Sequence[ast.stmt]) -> Span:
        source = self.source
        return Span(source.statement_span(nodes[0]).start, source.span(nodes[-1]).end)

    def _instead(self, ours: Sequence[ast.stmt], theirs: Sequence[ast.stmt]) -> Site:
        span = self._span(ours)
        margin = self.source.indentation(span.start)
        return _site(self.source, span, indented(self._lines(theirs), margin, first=False))

    def _without(self, ours: Sequence[ast.stmt]) -> Site:
        span = self._span(ours)
        source = self.source
        start = source.line_start(source.line_of(span.start))
        return _site(source, Span(start, source.line_start(source.line_of(span.end) + 1)), "")

    def _behind(self, node: ast.stmt, theirs: Sequence[ast.stmt]) -> Site:
        source = self.source
        margin = source.indentation(source.statement_span(node).start)
        end = source.line_start(source.line_of(source.span(node).end) + 1)
        text = indented(self._lines(theirs), margin) + "\n"
        if not source.data[:end].endswith((b"\n", b"\r")):
            text = "\n" + text.removesuffix("\n")
        return _site(source, Span(end, end), text)

    def _before(self, node: ast.stmt, theirs: Sequence[ast.stmt]) -> Site:
        source = self.source
        start = source.statement_span(node).start
        margin = source.indentation(start)
        text = indented(self._lines(theirs), margin, first=False) + "\n" + margin
        return _site(source, Span(start, start), text)
