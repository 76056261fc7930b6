"""From a match to what is written: what does not change stays as upstream has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.cpp.sites import span_site
from transforms.engine.cpp.tokens import Kind
from transforms.engine.syntax.lines import begins_line, line_start, margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.cpp.code import Code
    from transforms.engine.cpp.parts import Part
    from transforms.engine.cpp.pattern import CppPattern, Match
    from transforms.engine.cpp.template import CppTemplate
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source

_BLANK = {Kind.SPACE, Kind.NEWLINE}


def replacement_site(
    source: Source, code: Code, match: Match, pattern: CppPattern, template: CppTemplate
) -> Site:
    """Write a template in the place of a match, but for what both begin and both end with."""
    before, behind = _common(pattern.parts, template)
    first = match.first + _length(match, pattern.parts[:before])
    last = match.last - _length(match, pattern.parts[len(pattern.parts) - behind :])
    there = code.tokens[match.first : match.last]
    low, high = _between(template, before, behind)
    shown = [
        token
        for token in template.code.all
        if low <= token.start and token.end <= high and token.kind not in _BLANK
    ]
    text_start, text_end = (shown[0].start, shown[-1].end) if shown else (low, low)
    if first < last:
        start, end = code.tokens[first].start, code.tokens[last - 1].end
        if not shown and before and _is_blank(code, first):
            start = code.tokens[first - 1].end
    elif before:
        # What is added behind a token brings the white space that stands before it along.
        start = code.tokens[first - 1].end
        if b"\n" in template.code.data[low:text_start]:
            start = code.end_of_line(start) or start
        text_start = low
        end = start
    else:
        start = end = code.tokens[first].start
        text_end = high
    text = template.write(
        code, match.bindings, _margin(source, there[0].start), text_start, text_end
    )
    return span_site(
        source,
        code,
        start,
        end,
        text,
        directive=_directive_around(code, match, pattern),
        claim=(there[0].start, there[-1].end),
    )


def insertion_site(  # noqa: PLR0913 - each is a part of the insertion
    source: Source,
    code: Code,
    match: Match,
    pattern: CppPattern,
    text: str,
    *,
    blank: tuple[int, int],
    after: bool,
) -> Site:
    """Write code above or below a match, on lines of its own where the match has such.

    Args:
        source: the file.
        code: its tokens.
        match: what the code is put beside.
        pattern: what was matched.
        text: the code, with the margin of the match on all lines but the first.
        blank: how many empty lines are put above and below it.
        after: it is put below.
    """
    directive = _directive_around(code, match, pattern)
    anchor, end = code.tokens[match.first].start, code.tokens[match.last - 1].end
    margin_of = _margin(source, anchor)
    begins = begins_line(source.data, anchor)
    own = "" if text.startswith("#") and not directive else margin_of
    above, below = ("\n" * lines for lines in blank)
    if after:
        at = code.end_of_line(end)
        if at is not None:
            place, text = at, f"\n{above}{own}{text}{below}"
        elif _is_long(text):
            place, text = end, f"\n{own}{text}\n{margin_of}"
            end += len(code.data[end:]) - len(code.data[end:].lstrip(b" \t"))
        else:
            place, text = end, f" {text}"
        site = span_site(source, code, place, max(place, end), text, directive=directive)
        return replace(site, behind=anchor)
    if begins and directive:
        place, text = anchor, f"{above}{text}\n{below}{margin_of}"
    elif begins:
        place, text = line_start(source.data, anchor), f"{above}{own}{text}\n{below}"
    else:
        place, text = anchor, f"\n{own}{text}\n{margin_of}" if _is_long(text) else f"{text} "
    return span_site(source, code, place, place, text, directive=directive)


def removal_sites(
    source: Source, code: Code, matches: Sequence[Match], pattern: CppPattern
) -> list[Site]:
    """Take matches away, with their lines where nothing else is on them; neighbours together."""
    runs: list[list[Match]] = []
    for match in matches:
        if runs and runs[-1][-1].last == match.first:
            runs[-1].append(match)
        else:
            runs.append([match])
    return [_removal(source, code, run, pattern) for run in runs]


def _removal(source: Source, code: Code, run: Sequence[Match], pattern: CppPattern) -> Site:
    first, last = run[0].first, run[-1].last
    start, end = code.tokens[first].start, code.tokens[last - 1].end
    directive = _directive_around(code, run[0], pattern)
    begins = begins_line(source.data, start)
    line_end = code.end_of_line(end)
    if begins and line_end is not None:
        start = line_start(source.data, start)
        behind = source.line_start(source.line_of(line_end) + 1)
        if directive and code.directive_spans[directive][1] == last:
            # The line above goes on no more; the end of this one becomes its end.
            start, end = code.tokens[first - 1].end, line_end
        else:
            end = behind
    elif not begins and _is_blank(code, first):
        start = code.tokens[first - 1].end
    elif begins and _is_blank(code, last):
        end = code.tokens[last].start
    return span_site(source, code, start, end, "", directive=directive)


def _common(mine: Sequence[Part], template: CppTemplate) -> tuple[int, int]:
    """Count the parts outside of directives that both begin with, and those that both end with.

    A comment of the template is written, so what is before or behind one is no such part.
    """
    theirs = template.parts
    comments = [token.start for token in template.code.all if token.kind is Kind.COMMENT]
    tokens = template.code.tokens
    shorter = min(len(mine), len(theirs))
    before = 0
    while before < shorter and _is_same(mine[before], theirs[before]):
        if comments and comments[0] < tokens[before].start:
            break
        before += 1
    behind = 0
    while behind < shorter - before and _is_same(mine[-1 - behind], theirs[-1 - behind]):
        if comments and comments[-1] > tokens[-1 - behind].start:
            break
        behind += 1
    return before, behind


def _between(template: CppTemplate, before: int, behind: int) -> tuple[int, int]:
    """Give the bytes of a template between its first and its last parts."""
    tokens = template.code.tokens
    low = tokens[before - 1].end if before else 0
    high = tokens[-behind].start if behind else len(template.code.data)
    return low, high


def _is_same(mine: Part, theirs: Part) -> bool:
    return mine.text == theirs.text and not (mine.directive or theirs.directive)


def _length(match: Match, parts: Sequence[Part]) -> int:
    """Count the tokens that some parts of the pattern stand for."""
    bound = [match.bindings[part.name] if part.name else (0, 1) for part in parts]
    return sum(last - first for first, last in bound)


def _directive_around(code: Code, match: Match, pattern: CppPattern) -> int:
    """Give the directive that a match stands in; 0 where it holds its directives whole."""
    whole = any(part.directive for part in pattern.parts)
    return 0 if whole else code.tokens[match.first].directive


def _is_blank(code: Code, index: int) -> bool:
    """Tell whether only blanks, and some, stand between a token and the one before it."""
    if not 0 < index < len(code.tokens):
        return False
    between = code.data[code.tokens[index - 1].end : code.tokens[index].start]
    return bool(between) and not between.strip(b" \t")


def _is_long(text: str) -> bool:
    """Tell whether code cannot stand in the line of other code."""
    return "\n" in text or text.startswith("#") or "//" in text


def _margin(source: Source, at: int) -> str:
    return margin(source.data, at).decode("latin-1")
