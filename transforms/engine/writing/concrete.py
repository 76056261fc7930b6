"""LibCST on one scope of a file: nodes go through a function, and what changed becomes sites.

Only the scope's own text is parsed by LibCST, and only what a changed node covers is written.
LibCST is imported when it is needed: most builds do without it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from transforms.engine.apply import splice
from transforms.engine.optional_packages import OPTIONAL_PACKAGES
from transforms.engine.patterns.unify import equal
from transforms.engine.site import Site
from transforms.engine.syntax.source import SourceError, Span, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import libcst

    from transforms.engine.syntax.source import Source

Node = TypeVar("Node", bound="libcst.CSTNode")
# How code is written, not what it says; made up by LibCST where a function leaves it out.
_SPELLING = frozenset(
    {
        *("SimpleWhitespace", "ParenthesizedWhitespace", "TrailingWhitespace", "EmptyLine"),
        *("Newline", "Comment", "Comma", "Semicolon", "LeftParen", "RightParen", "AssignEqual"),
    }
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


def changed_nodes(
    scope: ast.AST, kind: type[Node], function: Callable[[Node], Node], source: Source
) -> tuple[Site, ...]:
    """Give the sites that a function makes of the nodes of a kind.

    Args:
        scope: the module or definition whose text is looked at.
        kind: the kind of LibCST node.
        function: gives the same object for a node to leave, or another.
        source: the file that the scope is in.

    Raises:
        SourceError: LibCST is not installed or cannot read the scope, or the function fails or
            gives what is no node.
    """
    try:
        import libcst as cst  # noqa: PLC0415 - see above
    except ImportError as error:
        next_step = f"install it: pip install '{OPTIONAL_PACKAGES['libcst']}'"
        raise SourceError(source.path, f"this edit needs LibCST; {next_step}") from error
    shift, text = _text_of(scope, source)
    try:
        before = cst.MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except cst.ParserSyntaxError as error:
        line = source.line_of(max(shift, 0)) + error.raw_line - 1
        raise SourceError(source.path, f"LibCST cannot read it: {error.message}", line) from error
    try:
        module, changes = _changed(before.module, kind, function)
        after = cst.MetadataWrapper(module, unsafe_skip_copy=True)
        written = module.bytes
    except Exception as error:
        reason = f"{function.__name__} fails: {type(error).__name__}: {error}"
        raise SourceError(source.path, reason, getattr(scope, "lineno", 0)) from error
    old_places, new_places = _Places(before), _Places(after)
    sites = []
    for old, new in changes.items():
        start, end, replacement = _changed_bytes(
            old_places.of(old), new_places.of(new), text, written
        )
        if text[start:end] != replacement:
            line = source.line_of(start + shift)
            sites.append(
                Site(path=source.path, start=start, end=end, replacement=replacement, line=line)
            )
        if not _says(new, written, new_places):
            reason = (
                f"what it writes does not parse to the nodes that {function.__name__} gives: "
                "does one need parentheses?"
            )
            raise SourceError(source.path, reason, source.line_of(start + shift))
    sites.sort()
    if splice(text, sites) != written:
        raise SourceError(source.path, "the function changes more than the nodes that it is given")
    return tuple(replace(site, start=site.start + shift, end=site.end + shift) for site in sites)


def _changed(
    module: libcst.Module, kind: type[Node], function: Callable[[Node], Node]
) -> tuple[libcst.Module, dict[libcst.CSTNode, libcst.CSTNode]]:
    """Give the module with the changed nodes, and what each changed one became."""
    import libcst as cst  # noqa: PLC0415

    changes: dict[libcst.CSTNode, libcst.CSTNode] = {}

    class Changer(cst.CSTTransformer):
        def on_visit(self, node: cst.CSTNode) -> bool:
            changed = function(node) if isinstance(node, kind) else node
            if not isinstance(changed, cst.CSTNode):
                raise TypeError(f"it gives {type(changed).__name__}, which is no node")
            if changed is node:
                return True
            # A node that is given twice would stand in one place only.
            changes[node] = changed.deep_clone()
            return False

        def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
            return cast("cst.CSTNodeT", changes.get(original_node, updated_node))

    return module.visit(Changer()), changes


def _says(node: libcst.CSTNode, written: bytes, places: _Places) -> bool:
    """Tell whether a written node parses to itself, there too: LibCST adds no parentheses."""
    import libcst as cst  # noqa: PLC0415

    try:
        there = parse(written)
    except (SyntaxError, ValueError):
        return False
    if not isinstance(node, cst.BaseExpression):
        return True
    span, _ = places.of(node)
    try:
        alone = cst.parse_expression(f"({written[span.start : span.end].decode()})")
    except cst.ParserSyntaxError:
        return False
    if list(_shape(alone)) != list(_shape(node)):
        return False
    pieces = [written[: span.start], b"(", written[span.start : span.end], b")"]
    try:
        return equal(there, parse(b"".join([*pieces, written[span.end :]])))
    except (SyntaxError, ValueError):
        # A name that is no expression there, as in `import x`.
        return True


def _shape(node: libcst.CSTNode) -> Iterator[tuple[str, str]]:
    """Give what a node says, without white space, commas and parentheses."""
    name = type(node).__name__
    if name not in _SPELLING:
        value = getattr(node, "value", "")
        yield name, value if isinstance(value, str) else ""
        for child in node.children:
            yield from _shape(child)


def _text_of(scope: ast.AST, source: Source) -> tuple[int, bytes]:
    """Give the text to parse, and where its first byte is in the file.

    An indented definition keeps its indentation, for moving it would change its strings: it is
    parsed as the body of an `if`.
    """
    if not isinstance(scope, ast.stmt):
        bom = len(_BOM) if source.data.startswith(_BOM) else 0
        return bom, source.data[bom:]
    span = source.statement_span(scope)
    start = source.line_start(source.line_of(span.start))
    end = source.line_start(source.line_of(span.end) + 1)
    margin = source.data[start : span.start]
    head = b"if 1:" + source.newline if margin else b""
    return start - len(head), head + source.data[start:end]


class _Places:
    """Where the nodes of one parsed text are, in bytes."""

    def __init__(self, wrapper: libcst.MetadataWrapper) -> None:
        from libcst.metadata import (  # noqa: PLC0415
            ByteSpanPositionProvider,
            WhitespaceInclusivePositionProvider,
        )

        self._spans = wrapper.resolve(ByteSpanPositionProvider)
        self._ranges = wrapper.resolve(WhitespaceInclusivePositionProvider)
        text = wrapper.module.code
        self._lines: list[str] = []
        self._starts: list[int] = []
        done = start = 0
        for found in [*_LINE_END.finditer(text), None]:
            end = found.end() if found else len(text)
            line = text[done:end]
            self._lines.append(line)
            self._starts.append(start)
            start += len(line.encode())
            done = end

    def of(self, node: libcst.CSTNode) -> tuple[Span, Span]:
        """Give the bytes of a node, and those with its white space, comments and parentheses."""
        span, around = self._spans[node], self._ranges[node]
        outer = Span(
            self._offset(around.start.line, around.start.column),
            self._offset(around.end.line, around.end.column),
        )
        return Span(span.start, span.start + span.length), outer

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1][:column].encode())


def _changed_bytes(
    old: tuple[Span, Span], new: tuple[Span, Span], before: bytes, after: bytes
) -> tuple[int, int, bytes]:
    """Give the bytes to replace: those of the node alone where nothing around it changed."""
    (old_node, old_outer), (new_node, new_outer) = old, new
    same_head = before[old_outer.start : old_node.start] == after[new_outer.start : new_node.start]
    same_tail = before[old_node.end : old_outer.end] == after[new_node.end : new_outer.end]
    if same_head and same_tail:
        return old_node.start, old_node.end, after[new_node.start : new_node.end]
    return old_outer.start, old_outer.end, after[new_outer.start : new_outer.end]
