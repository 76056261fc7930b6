"""Take annotations out of statements and parameters by their bytes; all else stays as it is.

Everything between two nodes of an annotated assignment is white space, comments, line
continuations, parentheses, `:` and `=`, so these gaps can be read without a tokenizer. Comments
that stand inside of what goes are moved above the line that it stood on; `settled` comes last.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.site import Site
from transforms.engine.syntax.source import walk_addressable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from transforms.engine.syntax.source import Source

_COMMENT_OR_CODE = re.compile(rb"#[^\r\n]*|[^\s\\]")
_BLANKS = re.compile(rb"[ \t\f]*")
_VALUE_FOLLOWS = re.compile(rb"[ \t\f]*(?![\s#\\])")
_NAME = re.compile(rb"[^\s:=,()#\\]+")
_SEMICOLON = re.compile(rb"(?:[ \t\f]|\\(?:\r\n|\r|\n))*;(?:[ \t\f]|\\(?:\r\n|\r|\n))*")
_REST_OF_LINE = re.compile(rb"[ \t\f]*;?[ \t\f]*(#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_CONTINUED = re.compile(rb"\\(?:\r\n|\r|\n)\Z")


def plain_assignment(node: ast.AnnAssign, source: Source) -> list[Site]:
    """Make the sites that turn `x: T = v` into `x = v`."""
    colon = _first(b":", source.span(node.target).end, source.span(node.annotation).start, source)
    end = _end_of(node.annotation, colon, source)
    start = _without_blanks(colon, source)
    return [*_comments_above(source.span(node).start, colon, end, source), _cut(start, end, source)]


def plain_parameter(parameter: ast.arg, default: ast.expr | None, source: Source) -> list[Site]:
    """Make the sites that turn `x: T = v` into `x=v`, and `x: T` into `x`, in a signature."""
    annotation = parameter.annotation
    if annotation is None:
        return []
    start = source.span(parameter).start
    name = _NAME.match(source.data, start)
    after = name.end() if name else start
    colon = _first(b":", after, source.span(annotation).start, source)
    end = _end_of(annotation, colon, source)
    written = b""
    if default is not None:
        end = _first(b"=", end, source.span(default).start, source) + 1
        blanks = _VALUE_FOLLOWS.match(source.data, end)
        end = blanks.end() if blanks else end
        written = b"="
    return [*_comments_above(start, after, end, source), _cut(after, end, source, written)]


def without_bare_annotations(
    block: Sequence[ast.stmt], bare: Collection[ast.AnnAssign], source: Source
) -> Iterator[Site]:
    """Make the sites that take bare annotations out of a block; an empty block gets a `pass`.

    Args:
        block: all the statements of the block.
        bare: those that go.
        source: the file.
    """
    for first, last in _runs(block, bare, source):
        start, end = source.span(block[first]).start, source.span(block[last]).end
        for statement in block[first : last + 1]:
            if isinstance(statement, ast.AnnAssign):
                yield from _comments_above(start, *source.span(statement), source)
        joined_after = last + 1 < len(block) and _joined(block[last], block[last + 1], source)
        joined_before = first > 0 and _joined(block[first - 1], block[first], source)
        if len(bare) == len(block) and first == 0:
            yield _cut(start, end, source, b"pass")
        elif joined_after:
            yield _cut(start, source.span(block[last + 1]).start, source)
        elif joined_before:
            yield _cut(source.span(block[first - 1]).end, end, source)
        else:
            yield _whole_lines(start, end, source)


def _runs(
    block: Sequence[ast.stmt], bare: Collection[ast.AnnAssign], source: Source
) -> Iterator[tuple[int, int]]:
    """Give the first and last index of the statements that go and stand side by side on a line."""
    index = 0
    while index < len(block):
        first = index
        index += 1
        if block[first] not in bare:
            continue
        while (
            index < len(block)
            and block[index] in bare
            and _joined(block[index - 1], block[index], source)
        ):
            index += 1
        yield first, index - 1


def _joined(left: ast.stmt, right: ast.stmt, source: Source) -> bool:
    """Tell whether two neighbours share a logical line."""
    return bool(_SEMICOLON.fullmatch(source.data, source.span(left).end, source.span(right).start))


def _whole_lines(start: int, end: int, source: Source) -> Site:
    """Cut a statement and its line, or all of the line but its comment."""
    rest = _REST_OF_LINE.match(source.data, end)
    line_start = source.line_start(source.line_of(start))
    if rest is None or _CONTINUED.search(source.data, 0, line_start):
        return _cut(start, end, source, b"pass")
    if rest[1]:
        return _cut(start, rest.start(1), source)
    return _cut(line_start, rest.end(), source)


def _cut(start: int, end: int, source: Source, written: bytes = b"") -> Site:
    return Site(
        path=source.path, start=start, end=end, replacement=written, line=source.line_of(start)
    )


def _code(start: int, end: int, source: Source) -> Iterator[tuple[int, bytes]]:
    for match in _COMMENT_OR_CODE.finditer(source.data, start, end):
        if not match.group().startswith(b"#"):
            yield match.start(), match.group()


def _first(wanted: bytes, start: int, end: int, source: Source) -> int:
    return next(offset for offset, byte in _code(start, end, source) if byte == wanted)


def _end_of(annotation: ast.expr, colon: int, source: Source) -> int:
    """Give the end of an annotation with the parentheses around it."""
    span = source.span(annotation)
    opened = sum(byte == b"(" for _, byte in _code(colon, span.start, source))
    end = span.end
    if opened:
        closing = (at for at, byte in _code(span.end, len(source.data), source) if byte == b")")
        for _ in range(opened):
            end = next(closing) + 1
    return end


def _without_blanks(end: int, source: Source) -> int:
    while source.data[end - 1 : end] in {b" ", b"\t", b"\f"}:
        end -= 1
    return end


def settled(sites: Sequence[Site], source: Source) -> list[Site]:
    """Move comments out of what other sites cut, and join those that go to one place."""
    cuts = [site for site in sites if site.start != site.end]
    moved: dict[int, Site] = {}
    for site in (site for site in sites if site.start == site.end):
        at, comments = site.start, site.replacement
        while around := [cut for cut in cuts if cut.start < at < cut.end]:
            first = _insertion(min(cut.start for cut in around), comments.split(b"\n"), source)
            at, comments = first.start, first.replacement
        before = moved[at].replacement if at in moved else b""
        moved[at] = replace(site, start=at, end=at, replacement=before + comments)
    return [*cuts, *(replace(site, line=source.line_of(at)) for at, site in moved.items())]


def _comments_above(place: int, start: int, end: int, source: Source) -> list[Site]:
    """Make the site that puts the comments of a region above the line of `place`."""
    comments = _comments(source.data[start:end])
    return [_insertion(place, comments, source)] if comments else []


def _insertion(place: int, comments: Sequence[bytes], source: Source) -> Site:
    line = _line_for_comments(source.line_of(place), source)
    at = source.line_start(line)
    blanks = _BLANKS.match(source.data, at)
    margin = blanks.group() if blanks else b""
    lines = [margin + comment.strip() + source.newline for comment in comments if comment]
    return Site(path=source.path, start=at, end=at, replacement=b"".join(lines), line=line)


def _comments(region: bytes) -> list[bytes]:
    if b"#" not in region:
        return []
    # In parentheses any part of an annotation is tokens, whatever its lines are.
    text = re.sub(r"\r\n?", "\n", f"({region.decode()}\n)")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string.encode() for token in tokens if token.type == tokenize.COMMENT]


def _line_for_comments(line: int, source: Source) -> int:
    """Find the nearest line, upwards, that begins neither in a string nor in a continuation."""
    texts = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in walk_addressable(source.module)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno
    ]
    while True:
        above = min((first for first, last in texts if first < line <= last), default=line)
        if above == line and _CONTINUED.search(source.data, 0, source.line_start(line)):
            above -= 1
        if above == line:
            return line
        line = above
