"""Lines: where code begins and ends them, and code behind another margin."""

from __future__ import annotations

import ast

import pytest

from transforms.engine.syntax.lines import (
    begins_line,
    comments_above,
    ends_line,
    line_end,
    line_start,
    margin,
    moved,
    next_line,
)

_DATA = b"a\r\n  # one\r\n  # two\r\n  b = 1  # '\r\n\r\nc"


def test_code_is_found_in_its_line() -> None:
    b, end, c = _DATA.index(b"b ="), _DATA.index(b"1  #") + 1, len(_DATA) - 1
    assert (begins_line(_DATA, b), begins_line(_DATA, end)) == (True, False)
    assert (ends_line(_DATA, b), ends_line(_DATA, end), ends_line(_DATA, c + 1)) == (
        False,
        True,
        True,
    )
    assert _DATA[line_start(_DATA, b) : line_end(_DATA, end)] == b"  b = 1  # '"
    assert margin(_DATA, b) == b"  "
    assert _DATA[next_line(_DATA, end) :] == b"\r\nc"
    assert next_line(_DATA, c) == len(_DATA)
    assert _DATA[comments_above(_DATA, line_start(_DATA, b)) :].startswith(b"  # one")
    assert comments_above(_DATA, c) == c


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_code_is_moved_but_for_its_strings(newline: bytes) -> None:
    code = b"if a:\n      b('''\n  x''',\n        2)  # why\n\n      # c\n      d"
    after = moved(code, b"    ", b"\t", newline)
    assert after == (b"if a:\n\t  b('''\n  x''',\n\t    2)  # why\n\n\t  # c\n\t  d").replace(
        b"\n", newline
    )
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(code))
