"""One place in the source that an edit matched: a span of bytes and what takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source

NOT_BEHIND = -1


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Site:
    """A span of one pristine file and the bytes that replace it.

    Attributes:
        path: the file in the tree; for an added file, one that the tree does not have.
        start: the first byte of the span. An insertion has `start == end`.
        end: the byte after the span.
        replacement: what is written instead.
        line: the 1-based line of `start`.
        adds_file: the site is a whole new file.
        behind: for an insertion that belongs behind a statement, where that statement starts.
        claim: the bytes that must stay as they are for this site to mean what it says; empty for
            those of the span alone. Another site that touches them is a conflict.
        shared: several patches may need the very same site, which is then written once.
    """

    path: str
    start: int
    end: int
    replacement: bytes
    line: int
    adds_file: bool = False
    behind: int = NOT_BEHIND
    claim: tuple[int, ...] = ()
    shared: bool = False

    @property
    def place(self) -> tuple[str, int, int, int]:
        """Where the site comes among all sites of a release.

        At one point, what belongs behind an inner statement is written before what belongs behind
        the block around it, and that before what belongs in front of the next statement.
        """
        return (self.path, self.start, self.end, -self.behind)


def text_site(  # noqa: PLR0913 - each is a part of the site
    source: Source, start: int, end: int, text: str, *, line: int = 0, behind: int = NOT_BEHIND
) -> Site:
    r"""Make the site that writes a text into a file, with the file's line ends.

    Args:
        source: the file.
        start: the first byte that the text takes the place of.
        end: the byte behind the last one.
        text: what is written; its line ends are ``\n``.
        line: the line that messages name, 1-based; 0 for that of `start`.
        behind: for an insertion that belongs behind a statement, where that statement starts.
    """
    return Site(
        path=source.path,
        start=start,
        end=end,
        replacement=source.encoded(text),
        line=line or source.line_of(start),
        behind=behind,
    )
