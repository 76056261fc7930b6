"""From a match to a site: what of upstream's lines stays, and where new lines go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.cmake.changes import Change, Changes
from transforms.engine.cmake.reading import CMakeError, read
from transforms.engine.cmake.template import written
from transforms.engine.patterns.pattern import blank_lines_around
from transforms.engine.site import Site
from transforms.engine.syntax.source import SourceError

if TYPE_CHECKING:
    from transforms.engine.cmake.pattern import Match, Pattern
    from transforms.engine.cmake.syntax import Statement
    from transforms.engine.syntax.source import Source


def replacement_site(match: Match, template: Pattern, source: Source) -> Site:
    """Make the site that writes something else in the place of a match.

    Args:
        match: what is replaced.
        template: what takes its place.
        source: the file.

    Raises:
        SourceError: what would be written is not what the template says.
    """
    text = written(template, match.bindings, source, source.indentation(match.start))
    wanted = _read_again(text, source, match)
    changes = Changes(source.data, text)
    changes.statements(match.statements, wanted, match.start)
    return _site(changes.found, match, source)


def removal_site(match: Match, source: Source) -> Site:
    """Make the site that removes the lines of a match, with the comment behind it.

    Args:
        match: what goes.
        source: the file.
    """
    changes = Changes(source.data, b"")
    changes.statements(match.statements, (), match.start)
    return _site(changes.found, match, source)


def insertion_site(match: Match, template: Pattern, source: Source, *, after: bool) -> Site:
    """Make the site that adds lines above or below a match, indented like it.

    Args:
        match: the anchor.
        template: what is added.
        source: the file.
        after: the lines go below the match, and below the comment behind it.
    """
    above, below = (b"\n" * count for count in blank_lines_around(template.text))
    text = written(template, match.bindings, source, source.indentation(match.start))
    _read_again(text, source, match)
    text = above + text + below
    feed = source.data.find(b"\n", match.end)
    at = source.line_start(source.line_of(match.start))
    if after:
        at = feed + 1 if feed >= 0 else len(source.data)
    added = b"\n" + text if after and feed < 0 else text + b"\n"
    return Site(
        path=source.path,
        start=at,
        end=at,
        replacement=added.replace(b"\n", source.newline),
        line=source.line_of(match.start),
        behind=match.statements[-1].start if after else -1,
    )


def _site(found: list[Change], match: Match, source: Source) -> Site:
    """Make one site of all changes of a match, from the first byte to the last."""
    ordered = sorted(found, key=lambda change: (change.start, change.end))
    start, end = ordered[0].start, max(change.end for change in ordered)
    parts, done = [], start
    for change in ordered:
        new = change.text.replace(b"\n", source.newline)
        parts += [source.data[done : change.start], new]
        done = change.end
    return Site(
        path=source.path,
        start=start,
        end=end,
        replacement=b"".join(parts),
        line=source.line_of(max(start, match.start)),
        claim=(min(start, match.start), max(end, match.end)),
    )


def _read_again(text: bytes, source: Source, match: Match) -> tuple[Statement, ...]:
    try:
        return read(text)
    except CMakeError as error:
        line = source.line_of(match.start)
        raise SourceError(source.path, f"what it would write {error.reason}", line) from error
