"""The members of a struct, as a file defines it."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.aggregates import members_of


@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("struct S { int a; };", ("a",)),
        ("struct S {};", ()),
        ("struct S { int a; T<x, y> b = 3; const U& c{1}; char d[2]; };", ("a", "b", "c", "d")),
        ("struct S { const float* __restrict__ a; ::x::Y b; };", ("a", "b")),
        ("struct S { int a, b; };", ("?",)),
        ("struct S { int a : 3; };", ("?",)),
        ("struct S { int a; int f(); };", ("a", "?")),
        ("struct S { S(int); int a; };", ("?", "a")),
        ("struct S { using T = int; T a; };", ("?", "a")),
        ("struct S { static int a; };", ("?",)),
        ("struct S {\n#ifdef X\nint a;\n#endif\nint b; };", ("?", "?")),
        ("struct S : B { int a; };", ("?",)),
        ("class S { int a; };", ("?",)),
        ("union S { int a; };", ("?",)),
    ],
)
def test_gives_the_members_in_their_order(code: str, members: tuple[str, ...]) -> None:
    ((_, found),) = members_of("S", Code(code.encode()))
    assert found == members


@pytest.mark.parametrize("code", ["struct S;", "S x{1};", "struct S x;", "struct T { S s; };"])
def test_finds_definitions_only(code: str) -> None:
    assert list(members_of("S", Code(code.encode()))) == []
