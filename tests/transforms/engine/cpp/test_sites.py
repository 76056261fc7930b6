"""What is written in the place of tokens reads as what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.engine.apply import splice
from transforms.engine.cpp.code import Code, code_of
from transforms.engine.cpp.sites import token_site
from transforms.engine.cpp.tokens import INSIGNIFICANT
from transforms.engine.syntax.source import Source, SourceError


def _written(before: str, first: int, last: int, text: str) -> str:
    source = Source("m.cu", before.encode("latin-1"))
    site = token_site(source, source.once(code_of), first, last, text)
    return splice(source.data, [site]).decode("latin-1")


def _texts(text: str) -> list[str]:
    return [token.text for token in Code(text.encode("latin-1")).tokens]


@pytest.mark.parametrize(
    ("before", "span", "text", "after"),
    [
        ("a or b", (1, 2), "||", "a || b"),
        ("a|b", (0, 1), "x|", "x| |b"),
        ("a+b", (2, 3), "+b", "a+ +b"),
        ("int x;", (0, 1), "", " x;"),
        ("a/**/b", (0, 1), "", "/**/b"),
        ("a b c", (1, 2), "x\ny", "a x\ny c"),
        ("a b", (1, 1), " c", "a c b"),
        ("a", (0, 0), "b ", "b a"),
        ("u8 x", (1, 2), '"x"', 'u8 "x"'),
        ("L(x)", (1, 4), '"x"', 'L "x"'),
        ("caf\xe9 x", (1, 2), "\xe8", "caf\xe9 \xe8"),
        ("#define A x\ny", (2, 4), "B 1\n2", "#define B 1 \\\n2\ny"),
        ("#define A(x) x", (6, 7), "#x", "#define A(x) #x"),
        ("#define A x\r\ny", (3, 4), "1\n2", "#define A 1 \\\r\n2\r\ny"),
    ],
)
def test_a_text_takes_the_place_of_tokens(
    before: str, span: tuple[int, int], text: str, after: str
) -> None:
    assert _written(before, *span, text) == after


def test_a_directive_in_a_directive_is_refused() -> None:
    with pytest.raises(SourceError, match="into another one"):
        _written("#define A x", 3, 4, "1\n#if B\n2\n#endif")


_TOKENS = ["a", "x1", "1", ".5", "+", "++", "-", ">", ">=", "->", "<", "<<", "::", ":", "<:", "&"]
_TOKENS += ["&&", "|", "/", "*", "=", "==", "(", ")", '"s"', "'c'", "L", "u8", ".", "...", "%", "#"]


@given(
    st.lists(st.sampled_from(_TOKENS), min_size=1, max_size=8),
    st.lists(st.sampled_from(_TOKENS), max_size=4),
    st.data(),
)
def test_the_tokens_around_stay_and_those_that_are_written_are_there(
    there: list[str], written: list[str], data: st.DataObject
) -> None:
    # No directive: these have tests of their own.
    before = "; " + " ".join(there).replace("#", "##")
    text = " ".join(written).replace("#", "##")
    tokens = _texts(before)
    first = data.draw(st.integers(1, len(tokens)))
    last = data.draw(st.integers(first, len(tokens)))
    close = Code(before.replace(" ", "").encode())
    if [token.text for token in close.tokens] == tokens:
        before = before.replace(" ", "")
    after = _texts(_written(before, first, last, text))
    assert after == [*tokens[:first], *_texts(text), *tokens[last:]]


def test_comments_and_white_space_around_stay() -> None:
    before = "a /* 1 */ b // 2\n  c"
    after = _written(before, 1, 2, "x")
    kept = [token.text for token in Code(after.encode()).all if token.kind in INSIGNIFICANT]
    assert kept == [
        token.text for token in Code(before.encode()).all if token.kind in INSIGNIFICANT
    ]
