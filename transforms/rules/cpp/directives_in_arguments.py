"""Preprocessor directives around a macro's call instead of in its arguments.

There they are undefined behaviour ([cpp.replace.general]): GCC and Clang obey them as if there were
no call, MSVC takes them for a part of the argument. Here each branch gets a call of its own. What a
preprocessor makes of it is the same, token by token, whichever branch is taken.

A name in capitals is taken for a macro, like one that the file itself defines as one.

Before::

    DISPATCH(is_even, [&] {
      prepare();
    #ifdef USE_ROCM
      set(hipLimit);
    #else
      set(cudaLimit);
    #endif
      run();
    });

After::

    #ifdef USE_ROCM
    DISPATCH(is_even, [&] {
      prepare();
      set(hipLimit);
      run();
    });
    #else
    DISPATCH(is_even, [&] {
      prepare();
      set(cudaLimit);
      run();
    });
    #endif
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.engine.cpp.code import CLOSING, OPENING, code_of
from transforms.engine.cpp.tokens import Kind
from transforms.engine.site import Site
from transforms.rules.cpp.refusal import Refusal, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.cpp.code import Code
    from transforms.engine.edit import Found
    from transforms.engine.syntax.source import Source

_IF = frozenset({"if", "ifdef", "ifndef"})
_ELSE = frozenset({"elif", "elifdef", "elifndef", "else"})
_NESTED = "conditions in conditions, or several of them, stand in the arguments of {}"


@dataclass(frozen=True, slots=True)
class _DirectivesInArguments:
    """The rule; see the module."""

    name: str = "directives_in_arguments"
    needles: tuple[bytes, ...] = (b"#", b"(")

    def match(self, source: Source) -> Found:
        """Find the calls of macros with directives in their arguments."""
        code = source.once(code_of)
        return found_in(self.name, source, code, _found(source, code))


RULE = _DirectivesInArguments()


def _found(source: Source, code: Code) -> Iterator[Site | Refusal]:
    calls: dict[int, list[int]] = {}
    opened: list[int] = []
    macros = _function_like(code)
    spans = iter([*code.directive_spans.items(), (0, (len(code.tokens), 0))])
    number, (first, _) = next(spans)
    for index, token in enumerate(code.tokens):
        if index == first:
            outermost = next((each for each in opened if _calls_macro(code, each, macros)), None)
            if outermost is not None:
                calls.setdefault(outermost, []).append(number)
            number, (first, _) = next(spans)
        if token.directive or index not in code.partner:
            continue
        if token.text in OPENING:
            opened.append(index)
        elif token.text in CLOSING:
            while opened and opened[-1] >= code.partner[index]:
                opened.pop()
    for opening, directives in calls.items():
        yield _lifted(source, code, opening, directives)


def _function_like(code: Code) -> set[str]:
    """Give the names of the macros with parameters that the file defines."""
    names: set[str] = set()
    for number, (first, last) in code.directive_spans.items():
        tokens = code.tokens[first + 2 : last]
        name, opening = (tokens[each : each + 1] for each in (0, 1))
        if code.directive_name(number) != "define" or not opening:
            continue
        if opening[0].text == "(" and opening[0].start == name[0].end:
            names.add(name[0].text)
    return names


def _calls_macro(code: Code, opening: int, macros: set[str]) -> bool:
    name = code.tokens[opening - 1] if opening else None
    if code.tokens[opening].text != "(" or name is None or name.kind is not Kind.IDENTIFIER:
        return False
    return name.text in macros or (len(name.text) > 1 and name.text.isupper())


def _lifted(source: Source, code: Code, opening: int, directives: Sequence[int]) -> Site | Refusal:
    """Put the directives in the arguments of a call around copies of it."""
    name = code.tokens[opening - 1].text
    at = code.directive_spans[directives[0]][0]
    names = [code.directive_name(number) for number in directives]
    if not {*names} <= {*_IF, *_ELSE, "endif"}:
        other = next(each for each in names if each not in {*_IF, *_ELSE, "endif"})
        return Refusal(at, f"#{other} stands in the arguments of {name}")
    if names[0] not in _IF or names[-1] != "endif" or not {*names[1:-1]} <= _ELSE:
        return Refusal(at, _NESTED.format(name))
    start = _line_start(source, code.tokens[opening - 1].start)
    end = _line_end(source, code.tokens[_behind(code, code.partner[opening])].end)
    lines = [_lines(source, code, number) for number in directives]
    edges = [start, end, *(edge for line in lines for edge in line)]
    if any(token.start < edge < token.end for token in code.all for edge in edges):
        return Refusal(at, f"a comment or a string reaches over the lines of {name}")
    head, tail = source.data[start : lines[0][0]], source.data[lines[-1][1] : end]
    written = b"".join(
        source.data[slice(*line)] + head + source.data[line[1] : following[0]] + tail
        for line, following in pairwise(lines)
    )
    if names[-2] != "else":
        written += b"#else" + source.newline + head + tail
    written += source.data[slice(*lines[-1])]
    return Site(
        path=source.path, start=start, end=end, replacement=written, line=source.line_of(start)
    )


def _behind(code: Code, closing: int) -> int:
    """Give the last token of the statement that a call is, with its semicolon if it has one."""
    behind = code.tokens[closing + 1 : closing + 2]
    return closing + 1 if behind and behind[0].text == ";" and not behind[0].directive else closing


def _lines(source: Source, code: Code, number: int) -> tuple[int, int]:
    """Give where the lines of a directive start and end."""
    first, last = code.directive_spans[number]
    return (
        _line_start(source, code.tokens[first].start),
        _line_end(source, code.tokens[last - 1].end),
    )


def _line_start(source: Source, offset: int) -> int:
    return source.line_start(source.line_of(offset))


def _line_end(source: Source, offset: int) -> int:
    return source.line_start(source.line_of(offset) + 1)
