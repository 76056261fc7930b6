"""Where a notice can stand: below the first comments, never inside of one."""

from __future__ import annotations

import pytest

from transforms.engine.apply import notice_site, splice
from transforms.engine.comments import comment_mark
from transforms.engine.syntax.source import Source


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        *((f"csrc/a.{end}", b"//") for end in ("cu", "cuh", "h", "hpp", "cpp", "cc", "c", "inl")),
        *((path, b"#") for path in ("setup.py", "CMakeLists.txt", "a/CMakeLists.txt", "a.cmake")),
        *((path, b"") for path in ("a.json", "requirements/a.txt", "README.md", "a.cmake.in")),
    ],
)
def test_a_file_has_the_comments_of_its_kind(path: str, mark: bytes) -> None:
    assert comment_mark(path) == mark


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.cu", b"#pragma once\n", b"// N\n#pragma once\n"),
        ("a.cu", b"// a\n// b\nint x;\n", b"// a\n// b\n// N\nint x;\n"),
        ("a.cu", b"/*\n// a\n*/\nint x;\n", b"// N\n/*\n// a\n*/\nint x;\n"),
        ("a.cu", b"// a\n/* b\n*/\n", b"// a\n// N\n/* b\n*/\n"),
        ("a.h", b"// a \\\n  int x;\n", b"// N\n// a \\\n  int x;\n"),
        ("a.h", b"// a\n// b\\\r\n// c\n", b"// a\n// N\n// b\\\r\n// c\n"),
        ("a.h", b"// a??/\nint x;\n", b"// N\n// a??/\nint x;\n"),
        ("a.h", b"\xef\xbb\xbf// a\r\nx\r\n", b"\xef\xbb\xbf// a\r\n// N\r\nx\r\n"),
        ("a.h", b"// a", b"// a\n// N\n"),
        ("a.cmake", b"# a\nset(x)\n", b"# a\n# N\nset(x)\n"),
        ("a.cmake", b"#[[ a\n# b\n]]\nset(x)\n", b"# N\n#[[ a\n# b\n]]\nset(x)\n"),
        ("a.cmake", b"# a\n#[=[\n]=]\n", b"# a\n# N\n#[=[\n]=]\n"),
    ],
)
def test_the_notice_is_a_comment_of_its_own(path: str, before: bytes, after: bytes) -> None:
    assert splice(before, [notice_site(Source(path, before), "N")]) == after
