"""Tokens: compared with CPython's own tokenizer, and what two spellings share."""

from __future__ import annotations

import inspect
import shlex
import textwrap
import tokenize
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.codegen import expressions, reformatted
from transforms.engine.syntax.tokens import UnreadableError, comments, tokens, units

_LAYOUT = {"newline", "blank", "comment"}


def _key(code: str) -> list[str]:
    data = code.encode()
    return [unit.key for unit in units(data, 0, len(data))]


@pytest.mark.parametrize("module", [shlex, textwrap, tokenize])
def test_tokens_are_cpythons(module: object) -> None:
    """Strings of both are compared; f-strings are in pieces there on some Pythons."""
    data = inspect.getsource(module).encode()  # type: ignore[arg-type]
    kinds = {tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.COMMENT, tokenize.STRING}
    wanted = [
        token.string for token in tokenize.tokenize(BytesIO(data).readline) if token.type in kinds
    ]
    ours = [token for token in tokens(data, 0, len(data)) if token.kind not in {"newline", "blank"}]
    found = [token.text.decode() for token in ours if not token.text.startswith((b"f'", b'f"'))]
    assert found == [text for text in wanted if not text.startswith(("f'", 'f"'))]


@given(st.text(alphabet="ab1.'\"#\\\n \r()[],=é+fr", max_size=30))
def test_no_byte_is_lost(code: str) -> None:
    data = code.encode()
    assert b"".join(token.text for token in tokens(data, 0, len(data))) == data


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(a, 'b')", 'f(\n    a,  # why\n    "b",\n)'),
        ("f(k=1, j=2)", "f(j=2, k=1)"),
        ("(a.b).c", "a . b\\\n.c"),
        ("'a' 'b'", '"ab"'),
        ("x = 0x10", "x = 16"),
        ("[a, b]", "[a, b,]"),
    ],
)
def test_two_spellings_have_one_key(one: str, other: str) -> None:
    assert _key(one) == _key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(a, b)", "f(b, a)"),
        ("(a,)", "(a)"),
        ("x[a,]", "x[a]"),
        ("(a or b).c", "a or b.c"),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
        ("1", "True"),
        ("a", "'a'"),
        ("b'a'", "'a'"),
        ("f'a'", "'a'"),
    ],
)
def test_what_means_something_else_has_another_key(one: str, other: str) -> None:
    assert _key(one) != _key(other)


@given(tree=expressions(), seed=st.integers(0, 2**32))
def test_every_expression_is_read(tree: object, seed: int) -> None:
    code = reformatted(tree, seed).encode()  # type: ignore[arg-type]
    found = units(code, 0, len(code))
    assert [unit.start for unit in found] == sorted(unit.start for unit in found)


@pytest.mark.parametrize("code", ["f(a", "a)", "f(a]", "(,)", "[a,,b]"])
def test_brackets_that_do_not_match_are_refused(code: str) -> None:
    with pytest.raises(UnreadableError):
        _key(code)


def test_comments_are_not_looked_for_in_strings() -> None:
    code = b"x = '# no'  # yes \n# and\ny = '''\n# no'''"
    assert comments(code, 0, len(code)) == [b"# yes", b"# and"]
