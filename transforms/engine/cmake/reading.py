"""Read CMake with tree-sitter's grammar: https://github.com/uyha/tree-sitter-cmake.

The packages are imported when they are needed: most builds do without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cmake.syntax import Argument, Block, Command
from transforms.engine.optional_packages import OPTIONAL_PACKAGES
from transforms.engine.syntax.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from transforms.engine.cmake.syntax import Hole, Statement
    from transforms.engine.syntax.source import Source

PACKAGES = ("tree_sitter", "tree_sitter_cmake")
_BLOCKS = frozenset(
    {"if_condition", "foreach_loop", "while_loop", "function_def", "macro_def", "block_def"}
)
_COMMENTS = frozenset({"line_comment", "bracket_comment"})
_BOM = b"\xef\xbb\xbf"
_QUOTES = ('"', "[")


class CMakeError(ValueError):
    """A text is not CMake.

    Args:
        reason: what is wrong.
        line: where, 1-based; 0 where the whole text is meant.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def is_readable() -> bool:
    """Tell whether the packages that read CMake are installed."""
    try:
        import tree_sitter  # noqa: F401, PLC0415 - see above
        import tree_sitter_cmake  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def requirements() -> tuple[str, ...]:
    """Give the requirements (PEP 508) of whatever reads CMake."""
    return tuple(OPTIONAL_PACKAGES[name] for name in PACKAGES)


def read(data: bytes) -> tuple[Statement, ...]:
    """Read a text of CMake.

    Raises:
        CMakeError: it is no CMake, is not UTF-8, or the packages that read it are missing.
    """
    root = _root(data)
    if root.has_error:
        line, what = _first_error(root)
        raise CMakeError(f"does not parse as CMake: {what}", line)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CMakeError(f"not UTF-8: {error.reason} at offset {error.start}", line) from error
    return tuple(_statements(root, data))


def statements_of(source: Source) -> tuple[Statement, ...]:
    """Read a file, as an analysis for `Source.once`.

    Raises:
        SourceError: it is no CMake, or the packages that read it are missing.
    """
    try:
        return read(source.data)
    except CMakeError as error:
        raise SourceError(source.path, error.reason, error.line) from error


def errors_in(data: bytes) -> list[tuple[int, str]]:
    """Give the lines, 1-based, and the texts of what the grammar cannot make sense of."""
    return [(node.start_point[0] + 1, _shown(node)) for node in _error_nodes(_root(data))]


def _root(data: bytes) -> Node:
    try:
        import tree_sitter  # noqa: PLC0415 - see above
        import tree_sitter_cmake  # noqa: PLC0415
    except ImportError as error:
        wanted = " ".join(f"'{item}'" for item in requirements())
        raise CMakeError(
            f"this edit needs tree-sitter; install it: pip install {wanted}"
        ) from error
    language = tree_sitter.Language(tree_sitter_cmake.language())
    # A byte order mark is no part of the first command; blanks keep the offsets as they are.
    text = b" " * len(_BOM) + data.removeprefix(_BOM) if data.startswith(_BOM) else data
    return tree_sitter.Parser(language).parse(text).root_node


def _first_error(root: Node) -> tuple[int, str]:
    node = next(_error_nodes(root), root)
    return node.start_point[0] + 1, _shown(node)


def _error_nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(reversed(node.children))


def _shown(node: Node) -> str:
    if node.is_missing:
        return f"{node.type!r} is missing"
    text = (node.text or b"").decode("utf-8", "replace").strip()
    return repr(text.split("\n", 1)[0][:60])


def _statements(node: Node, data: bytes) -> Iterator[Statement]:
    for child in node.children:
        if child.type == "normal_command":
            yield _command(child, data)
        elif child.type in _BLOCKS:
            yield _block(child, data)
        elif child.type not in _COMMENTS:
            raise CMakeError(f"does not parse as CMake: {_shown(child)}", child.start_point[0] + 1)


def _block(node: Node, data: bytes) -> Block:
    headers: list[Command] = []
    bodies: list[tuple[Statement, ...]] = []
    for child in node.children:
        if child.type == "body":
            bodies[-1] = tuple(_statements(child, data))
        elif child.type not in _COMMENTS:
            headers.append(_command(child, data))
            bodies.append(())
    return Block(tuple(zip(headers[:-1], bodies[:-1], strict=True)), headers[-1])


def _command(node: Node, data: bytes) -> Command:
    name = node.children[0]
    opened = next(child for child in node.children if child.type == "(")
    arguments: list[Argument | Hole] = []
    for child in node.children:
        if child.type == "argument_list":
            arguments.extend(_arguments(child, data))
    return Command(
        data[name.start_byte : name.end_byte].decode().lower(),
        tuple(arguments),
        name.start_byte,
        opened.end_byte,
        node.end_byte,
    )


def _arguments(node: Node, data: bytes) -> Iterator[Argument]:
    """Give the arguments; `-Da="b c"` is one, which the grammar gives in two parts."""
    start = end = -1
    for child in (child for child in node.children if child.type not in _COMMENTS):
        joins = child.start_byte == end and child.type == "argument"
        if joins and not _text(start, end, data).startswith((*_QUOTES, "(", ")")):
            end = child.end_byte
            continue
        if end >= 0:
            yield Argument(_text(start, end, data), start, end)
        start, end = child.start_byte, child.end_byte
    if end >= 0:
        yield Argument(_text(start, end, data), start, end)


def _text(start: int, end: int, data: bytes) -> str:
    return data[start:end].decode().replace("\r\n", "\n")
