"""Lexing loses nothing, of any bytes, and finds the tokens that the standard describes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.engine.cpp.tokens import INSIGNIFICANT, Kind, Token, lex

# Pieces that are in each other's way, so that odd neighbours come up often.
_PIECES = st.sampled_from(
    [
        *(
            b"a",
            b"R",
            b"u8",
            b"L",
            b"lo",
            b"0x1p",
            b"1'0",
            b".",
            b"5",
            b"e",
            b"+",
            b"-",
            b">",
            b"<",
        ),
        *(b"<<<", b">>=", b"::", b"->*", b"%:", b"<:", b":>", b"#", b"##", b"if", b"endif", b"$x"),
        *(b'"', b"'", b'R"(', b')"', b'R"d(', b')d"', b"\\", b"//", b"/*", b"*/", b"/", b"*", b"("),
        *(b"\n", b"\r\n", b"\r", b"\\\n", b"\\ \r\n", b" ", b"\t", b"\0", b"\xff", "é".encode()),
        b"\xef\xbb\xbf",
    ]
)


def _significant(data: bytes) -> list[str]:
    return [token.text for token in lex(data) if token.kind not in INSIGNIFICANT]


def _one(data: bytes) -> Token:
    (token,) = lex(data)
    return token


def _assert_lossless(data: bytes) -> None:
    at = 0
    for token in lex(data):
        assert token.start == at < token.end
        at = token.end
    assert at == len(data)


@given(st.binary())
def test_the_tokens_of_any_bytes_are_these_bytes(data: bytes) -> None:
    _assert_lossless(data)


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_the_tokens_of_odd_neighbours_are_their_bytes(data: bytes) -> None:
    _assert_lossless(data)


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_directives_are_numbered_from_their_hash_to_the_end_of_the_line(data: bytes) -> None:
    last = 0
    for before, token in zip([None, *lex(data)], lex(data), strict=False):
        if token.directive and (before is None or before.directive != token.directive):
            assert token.text in {"#", "%:"}
            assert token.directive == last + 1
            last = token.directive
        elif before and before.directive and not token.directive:
            assert token.kind is Kind.NEWLINE


def _with_splices(text: str, places: set[int], splice: str) -> bytes:
    return "".join(
        f"{splice}{letter}" if at in places else letter for at, letter in enumerate(text)
    ).encode()


@given(
    st.sets(st.integers(0, 80)),
    st.sampled_from(["\\\n", "\\\r\n", "\\ \t\n"]),
)
def test_line_splices_change_no_token(places: set[int], splice: str) -> None:
    text = (
        "#define F(a) lo ## a + 1'000u != u8\"b\\\"c\"_s // d\nint x = a->*b >>= '\\''; /* e */ y"
    )
    assert _significant(_with_splices(text, places, splice)) == _significant(text.encode())


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (b"lo\\\nng", Kind.IDENTIFIER),
        ("größe".encode(), Kind.IDENTIFIER),
        (b"gr\xf6\xdfe", Kind.IDENTIFIER),
        (b"$x", Kind.IDENTIFIER),
        (b"1'000'000ull", Kind.NUMBER),
        (b".5e-3f", Kind.NUMBER),
        (b"0x1.8p+3", Kind.NUMBER),
        (b"1.e+5_km", Kind.NUMBER),
        (b'u8"a\\"b"', Kind.STRING),
        (b'L"a"_s', Kind.STRING),
        (b'R"(a\\\n")"', Kind.STRING),
        (b'u8R"d(a)" )d"sv', Kind.STRING),
        (b'R"(never closed', Kind.STRING),
        (b"'\\''", Kind.CHARACTER),
        (b"u'a'", Kind.CHARACTER),
        (b"// a \\\n b", Kind.COMMENT),
        (b"/* a\n// b */", Kind.COMMENT),
        (b"/* never closed \n", Kind.COMMENT),
        (b"->*", Kind.OPERATOR),
        (b"<=>", Kind.OPERATOR),
        (b"<<<", Kind.OPERATOR),
        (b">=", Kind.OPERATOR),
        (b"%:%:", Kind.OPERATOR),
        (b"...", Kind.OPERATOR),
        (b"'never closed", Kind.OTHER),
        (b'"never closed', Kind.OTHER),
        (b"@", Kind.OTHER),
        (b"\\", Kind.OTHER),
        (b" \t\\\n ", Kind.SPACE),
        (b"\r\n", Kind.NEWLINE),
        (b"\xef\xbb\xbf", Kind.SPACE),
    ],
)
def test_some_bytes_are_one_token(code: bytes, kind: Kind) -> None:
    assert _one(code).kind is kind


@pytest.mark.parametrize(
    ("code", "tokens"),
    [
        (b"a<b<c>>d", ["a", "<", "b", "<", "c", ">", ">", "d"]),
        (b"a>>=b", ["a", ">", ">=", "b"]),
        (b"k<<<g, b>>>(x)", ["k", "<<<", "g", ",", "b", ">", ">", ">", "(", "x", ")"]),
        (b"a<<=b<<c", ["a", "<<=", "b", "<<", "c"]),
        # [lex.pptoken]: `<::` is no digraph here, but it is one in front of `:` and `>`.
        (b"v<::a>", ["v", "<", "::", "a", ">"]),
        (b"a<:::b:>", ["a", "<:", "::", "b", ":>"]),
        (b"a<::>", ["a", "<:", ":>"]),
        (b"x+++++y", ["x", "++", "++", "+", "y"]),
        (b"0xe+1", ["0xe+1"]),
        (b'"%"PRIu64', ['"%"', "PRIu64"]),
        (b'R"a b(c)"', ["R", '"a b(c)"']),
        (b'R\\\n"(a)"', ['R\\\n"(a)"']),
        (b'LR"(a)" "b"', ['LR"(a)"', '"b"']),
        (b"#error don't\nx", ["#", "error", "don", "'t", "x"]),
        (b"/**/#/**/if/**/1", ["#", "if", "1"]),
        (b"\xef\xbb\xbf#if 1", ["#", "if", "1"]),
        (b"a//b\\", ["a"]),
        (b"a\\\n\\\nb", ["ab"]),
        (b"a \\", ["a", "\\"]),
        (b"<a//b.h>\n", ["<", "a"]),
    ],
)
def test_some_bytes_are_several_tokens(code: bytes, tokens: list[str]) -> None:
    assert _significant(code) == tokens


def test_a_directive_ends_with_its_logical_line() -> None:
    tokens = lex(b"#define F(a) \\\n  a  // b\nx # y\n  %: if /*\n*/ z\n#\n")
    numbers = [(token.text, token.directive) for token in tokens if token.kind not in INSIGNIFICANT]
    assert numbers == [
        *((text, 1) for text in ("#", "define", "F", "(", "a", ")", "a")),
        *((text, 0) for text in ("x", "#", "y")),
        *((text, 2) for text in ("%:", "if", "z")),
        ("#", 3),
    ]


def test_white_space_and_comments_keep_their_splices() -> None:
    data = b"a \\\n  // b \\\n c\nd\\\n"
    assert "".join(token.text for token in lex(data)).encode() == data
