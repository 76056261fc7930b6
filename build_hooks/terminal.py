"""Colours and progress bars for people at a terminal; plain text for files, pipes and front ends.

`rich` decides what a terminal can show, and respects NO_COLOR and FORCE_COLOR (no-color.org,
force-color.org). It is imported only where there is something to colour or to draw.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from rich.console import Console

_T = TypeVar("_T")

_GOOD, _BAD, _QUIET = "green", "bold red", "dim"
# The first group of each is what is coloured.
_COLOURS: Sequence[tuple[str, str]] = (
    (r"^(PASS)\b|: (PASS):|: (applied) on ", _GOOD),
    (r"^(FAIL)\b|: (FAIL):|: (obsolete|drifted|missing|conflict) on ", _BAD),
    (r": (excluded) on ", _QUIET),
    (r"^ +(looked for|closest|next:|drop it when:)", "cyan"),
)
_DIFF = {"+": "green", "-": "red", "@": "cyan"}


def is_coloured(stream: TextIO) -> bool:
    """Tell whether somebody looks at a stream, or asks for colours in it."""
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


def write_line(text: str = "") -> None:
    """Write one line of a command's result to standard output; outcomes are coloured."""
    if not is_coloured(sys.stdout):
        sys.stdout.write(text + "\n")
        return
    from rich.text import Text  # noqa: PLC0415 - only where there is something to colour

    shown = Text(text)
    for pattern, style in _COLOURS:
        for match in re.finditer(pattern, text):
            for group in range(1, (match.lastindex or 0) + 1):
                shown.stylize(style, *match.span(group))
    _console(sys.stdout).print(shown, soft_wrap=True)


def write_diff(data: bytes) -> None:
    """Write a unified diff to standard output: byte for byte, or coloured by its marks."""
    if not is_coloured(sys.stdout):
        sys.stdout.buffer.write(data)
        return
    from rich.text import Text  # noqa: PLC0415 - only where there is something to colour

    console = _console(sys.stdout)
    for line in data.decode("utf-8", errors="replace").splitlines():
        header = line.startswith(("+++ ", "--- ", "diff --git "))
        style = "bold" if header else _DIFF.get(line[:1], "")
        console.print(Text(line, style=style), soft_wrap=True)


def tracked(items: Sequence[_T], doing: str) -> Iterable[_T]:
    """Go through items with a progress bar on standard error, where that is a terminal.

    Args:
        items: what is worked on, one after the other.
        doing: what is done, e.g. ``checking releases``.
    """
    if len(items) == 1 or not sys.stderr.isatty():
        return items
    from rich.progress import track  # noqa: PLC0415 - only where there is something to draw

    bar: Iterator[_T] = iter(
        track(items, description=doing, console=_console(sys.stderr), transient=True)
    )
    return bar


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 - only where there is something to draw

    return Console(file=stream, highlight=False, emoji=False, markup=False)
