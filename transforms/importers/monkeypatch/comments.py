"""The comments in which plugins say why they patch: the format of vLLM Ascend's guide.

    # ** File: platform/patch_x.py **
    # ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    #   1. `vllm.module.Class.method`
    #    Why:
    #       ...
    #    How:
    #       ...
    #    Related PR (if no, explain why):
    #       ...
    #    Future Plan:
    #       ...

People number files and targets or do not, write a full-width colon, leave fields out, and name one
target or several for the same fields: all of that is read.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

# A Chinese keyboard's colon is as good as the other one.
_FILE = re.compile(
    r"\*\*\s*(?:\d+\w*\s*[.)]\s*)?File\s*[:\uff1a]\s*`?([^\s*`]+)`?\s*(?:\*\*)?\s*$", re.IGNORECASE
)
# `* Worker Patch:`; a list inside of a field is further to the right.
_HEADING = re.compile(r"^\s?\*\s+\S")
_RULE = re.compile(r"^\s*[~\-=*]{4,}\s*$")
_FIELD = re.compile(
    r"^(\s*)(Why|How|Related PRs?|Future Plans?)\b\s*(?:\([^)]*\))?\s*[:\uff1a]\s*(.*)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^(\s*)(\d+)\s*[.)]\s+(.*)$")
_NAMED = re.compile(r"`([^`=]+?)\s*(?:=[^`]*)?`")
_LICENSE_ENDS = re.compile(r"limitations under the License|^\s*SPDX-", re.IGNORECASE)
_LICENSE = re.compile(r"licen[sc]e|copyright|SPDX-|This file is a part of|\bAS IS\b", re.IGNORECASE)
_NO_TEXT = ("mypy:", "noqa", "ruff:", "import ", "from ", "isort:", "type:")

FIELDS = ("why", "how", "related", "future")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is said of one target, or of several together.

    Attributes:
        file: the file that it is about, as it is written; empty for the one that it stands in.
        line: the line of the comment, 1-based.
        targets: what it names in backquotes.
        title: the text that stands for the target.
        why: why the patch is needed.
        how: what it does.
        related: the pull request, or why there is none.
        future: when it can go.
    """

    file: str
    line: int
    targets: tuple[str, ...]
    title: str
    why: str = ""
    how: str = ""
    related: str = ""
    future: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that are not there or empty."""
        return tuple(name for name in FIELDS if not getattr(self, name))


@dataclass(slots=True)
class _Open:
    """An entry whose lines are being read."""

    file: str
    line: int
    title: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    current: str = ""
    margin: int = 0

    def closed(self) -> Entry | None:
        """Give the entry; None where no field of it was found."""
        if not self.fields:
            return None
        title = " ".join(" ".join(self.title).split())
        texts = {name: _text(lines) for name, lines in self.fields.items()}
        return Entry(
            file=self.file,
            line=self.line,
            targets=tuple(dict.fromkeys(_NAMED.findall(title))),
            title=title,
            **texts,
        )


def entries_in(source: Source) -> Iterator[Entry]:
    """Read the entries of one file's comments.

    In a package's own file an entry belongs to the file that the heading above it names; in a patch
    module it may have no heading.

    Args:
        source: the file.
    """
    is_package = source.path.endswith("/__init__.py")
    file: str | None = None if is_package else ""
    item: _Open | None = None
    for line, text in _comments(source):
        heading = _FILE.search(text)
        if heading or (file and _HEADING.match(text) and not _RULE.match(text)):
            yield from _close(item)
            item, file = None, heading[1] if heading else None
        elif file is None or _RULE.match(text):
            continue
        else:
            started = _started(text, item)
            if started or item is None:
                yield from _close(item)
                item = _Open(file, line)
            _read_line(text, item)
    yield from _close(item)


def _close(item: _Open | None) -> Iterator[Entry]:
    entry = item.closed() if item is not None else None
    if entry is not None:
        yield entry


def _started(text: str, item: _Open | None) -> bool:
    """Tell whether a line begins another entry: a number, no deeper than the fields' names."""
    if item is None or not item.fields:
        return False
    number = _ITEM.match(text)
    return number is not None and len(number[1]) <= item.margin


def _read_line(text: str, item: _Open) -> None:
    found = _FIELD.match(text)
    # A field's own text is further to the right than the fields' names.
    if found and (not item.fields or len(found[1]) <= item.margin + 1):
        name = found[2].lower().split()[0]
        item.current = name
        item.margin = len(found[1])
        item.fields.setdefault(name, []).append(found[3])
    elif item.current:
        item.fields[item.current].append(text)
    else:
        number = _ITEM.match(text)
        item.title.append(number[3] if number else text)


def _text(lines: list[str]) -> str:
    """Join the lines of a field; a line that begins a list stays one."""
    kept: list[str] = []
    for line in lines:
        text = line.strip()
        if not text:
            continue
        begins = re.match(r"(?:[-*]|\d+[.)])\s|https?://", text)
        if kept and not begins:
            kept[-1] = f"{kept[-1]} {text}"
        else:
            kept.append(text)
    return "\n".join(kept)


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    """Give the comments that have a line to themselves, without their signs."""
    for token in tokenize.tokenize(io.BytesIO(source.data).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            yield token.start[0], token.string.lstrip("#").rstrip()


def first_comment(source: Source) -> str:
    """Give the comment that a file begins with, after the license and up to its first statement.

    Args:
        source: the file.
    """
    body = source.module.body
    # What imports come first says nothing: the comment may stand behind them.
    code = [item for item in body if type(item).__name__ not in {"Import", "ImportFrom", "If"}]
    last = code[0].lineno if code else len(source.data)
    lines = [(line, text) for line, text in _comments(source) if line < last]
    ends = [number for number, (_, text) in enumerate(lines) if _LICENSE_ENDS.search(text)]
    kept = [text.strip() for _, text in lines[ends[-1] + 1 if ends else 0 :]]
    told = [
        text
        for text in kept
        if text and not _LICENSE.search(text) and not text.startswith(_NO_TEXT)
    ]
    return "\n".join(told)
