"""`||` for `or`: MSVC takes the word for a name, unless it is told to be strict.

C++ has eleven words that are operators ([lex.digraph]). To cl.exe they are identifiers until C++20
or `/permissive-` is asked for, or <iso646.h> is included. The operators themselves are the same
tokens everywhere.

Before::

    static_assert(TILE == 32 or TILE == 64, "32 or 64");
    #if defined(A) and not defined(B)
    bool empty = not (a bitand mask);
    #endif

After::

    static_assert(TILE == 32 || TILE == 64, "32 or 64");
    #if defined(A) && !defined(B)
    bool empty = !(a & mask);
    #endif
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.tokens import lex
from transforms.engine.edit import Found
from transforms.engine.site import text_site
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.cpp.code import Code
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

OPERATORS = {
    "and": "&&",
    "and_eq": "&=",
    "bitand": "&",
    "bitor": "|",
    "compl": "~",
    "not": "!",
    "not_eq": "!=",
    "or": "||",
    "or_eq": "|=",
    "xor": "^",
    "xor_eq": "^=",
}
"""The words, and the operators that they are."""

_UNARY = frozenset({"not", "compl"})
# Their tokens are a header's name or free text.
_NO_CODE = frozenset(
    {"include", "include_next", "import", "embed", "error", "warning", "line", "ident", "pragma"}
)
_ABOUT_MACROS = frozenset({"define", "undef", "ifdef", "ifndef"})
_PASTING = frozenset({"#", "##", "%:", "%:%:"})
_WORD = re.compile(rb"(?<![\w$])(?:" + "|".join(OPERATORS).encode() + rb")(?![\w$])")
# The end of a line that is comment for sure: nothing behind it ends a string or a comment.
_SURE_COMMENT = re.compile(rb"//(?:[^\n\"'*]|\*(?!/))*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _AlternativeTokens:
    """The rule; see the module."""

    name: str = "alternative_tokens"
    needles: tuple[bytes, ...] = ()

    def match(self, source: Source) -> Found:
        """Find the words that are operators; in C they are names, and left alone."""
        if source.path.endswith(".c") or not _WORD.search(_SURE_COMMENT.sub(b"", source.data)):
            return Found()
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _AlternativeTokens()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    for word in OPERATORS:
        for index in code.places.get(word, ()):
            if code.directive_name(code.tokens[index].directive) in _NO_CODE:
                continue
            reason = _reason_against(code, index)
            yield Refusal(index, reason) if reason else _site(source, code, index)


def _reason_against(code: Code, index: int) -> str:
    """Say why a word must not be replaced; empty where it is an operator."""
    token = code.tokens[index]
    if not token.directive:
        return ""
    first, last = code.directive_spans[token.directive]
    if index == first + 2 and code.tokens[first + 1].text in _ABOUT_MACROS:
        return f"a macro has the name `{token.text}`, which no C++ compiler takes"
    beside = {code.tokens[each].text for each in (index - 1, index + 1) if first < each < last}
    if beside & _PASTING:
        return f"a macro pastes `{token.text}` together, or spells it out"
    return ""


def _site(source: Source, code: Code, index: int) -> Site:
    """Write the operator so that it does not run together with what stands beside it."""
    token = code.tokens[index]
    text, end = OPERATORS[token.text], token.end
    before, behind = (code.tokens[each : each + 1] for each in (max(index - 1, 0), index + 1))
    if behind and token.text in _UNARY and not source.data[end : behind[0].start].strip(b" \t"):
        end = behind[0].start
    if index and before[0].end == token.start and _run_together(before[0].text, text):
        text = f" {text}"
    if behind and behind[0].start == end and _run_together(OPERATORS[token.text], behind[0].text):
        text = f"{text} "
    return text_site(source, token.start, end, text)


def _run_together(left: str, right: str) -> bool:
    """Tell whether two tokens without a space between them are read as others."""
    return [token.text for token in lex(f"{left}{right}".encode("latin-1"))] != [left, right]
