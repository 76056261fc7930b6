"""How the files that patches change write a comment, and which lines at their top are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cmake.files import is_cmake
from transforms.engine.cpp.files import CPP

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source

_HASH = b"#"
_SLASHES = b"//"
# A backslash, and the trigraph that is one before C++17, join the next line to the comment.
_SPLICES = (b"\\", b"??/")
# CMake: a comment in brackets goes on until they close.
_BRACKET = b"#["


def comment_mark(path: str) -> bytes:
    """Give what a comment to the end of the line begins with; empty where none can be written.

    Args:
        path: the file's path; its name says what kind of file it is.
    """
    if path.endswith(CPP):
        return _SLASHES
    return _HASH if path.endswith(".py") or is_cmake(path) else b""


def line_below_first_comments(source: Source) -> int:
    """Give the first line, 1-based, that is no comment, or may belong to one that goes on there.

    Args:
        source: a file of a kind that `comment_mark` knows.
    """
    mark = comment_mark(source.path)
    line = 1
    while True:
        start, end = source.line_start(line), source.line_start(line + 1)
        text = source.data[start:end].rstrip()
        if not text.startswith(mark):
            return line
        if mark == _SLASHES and text.endswith(_SPLICES):
            return line
        if is_cmake(source.path) and text.startswith(_BRACKET):
            return line
        line += 1
