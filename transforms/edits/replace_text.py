"""Replace exact text in any file: what is not syntax, or not Python.

Before::

    # the cache is for cuda
    cache = 1

`ReplaceText(path="m.py", find="for cuda", replace="for cuda and musa")` gives::

    # the cache is for cuda and musa
    cache = 1
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, check_path
from transforms.engine.outcome import Problem, Status
from transforms.engine.site import Site

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Tree

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceText:
    r"""Every occurrence of a text in one file becomes another text.

    Text survives less of what upstream does than syntax: use another kind of edit for code. A file
    of Python is compiled after the edit like any other.

    Attributes:
        path: the file in the tree, e.g. ``requirements/common.txt``.
        find: what stands there, exactly; ``\n`` stands for the file's own line end.
        replace: what takes its place.
        count: how often it stands there.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        ValueError: `path` is not inside of the tree, `find` is empty or the same as `replace`, it
            could overlap with itself, or `count` is less than 1.
    """

    path: str
    find: str
    replace: str
    count: int = 1
    versions: str = ""

    def __post_init__(self) -> None:
        """Refuse what could never be found, or be found in two ways."""
        check_path(self.path)
        if not self.find:
            raise ValueError("`find` must not be empty")
        if self.find == self.replace:
            raise ValueError(f"`replace` is what `find` is: {self.find!r}")
        if "\r" in self.find + self.replace:
            raise ValueError(r"write line ends as \n: the file's own are used")
        if self.count < 1:
            raise ValueError(f"`count` must be at least 1, not {self.count}")

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        if self.path in tree:
            return (self.path,)
        name = self.path.rpartition("/")[2]
        same = sorted(path for path in tree if path.rpartition("/")[2] == name)
        return Problem(
            status=Status.MISSING,
            reason=f"this release has no file {self.path!r}",
            path=self.path,
            notes=tuple(f"there is {path}" for path in same[:_SHOWN]),
            moved_to=tuple(same),
        )

    def match(self, source: Source, tree: Tree) -> Found:  # noqa: ARG002
        """Find the occurrences; those inside of what the edit has already written are none."""
        find, written = source.encoded(self.find), source.encoded(self.replace)
        done = list(_occurrences(written, source.data)) if find in written else []
        places = [
            at
            for at in _occurrences(find, source.data)
            if not any(start <= at and at + len(find) <= start + len(written) for start in done)
        ]
        already = len(done) if find in written else source.data.count(written) if written else 0
        if len(places) == self.count and not _overlap(places, len(find)):
            return Found(sites=tuple(self._site(at, find, written, source) for at in places))
        return Found(problem=self._problem(places, already, find, source))

    def _site(self, at: int, find: bytes, written: bytes, source: Source) -> Site:
        return Site(
            path=source.path,
            start=at,
            end=at + len(find),
            replacement=written,
            line=source.line_of(at),
        )

    def _problem(self, places: list[int], already: int, find: bytes, source: Source) -> Problem:
        if not places and (already == self.count or not self.replace):
            reason = "what it would write is already there"
            if not self.replace:
                reason = "what it would remove is not there"
            return Problem(
                status=Status.OBSOLETE, reason=reason, path=self.path, looked_for=self.find
            )
        lines = [source.line_of(at) for at in places]
        reason = f"matched {len(places)} sites, expected {self.count}"
        if _overlap(places, len(find)):
            reason = f"its occurrences overlap at line {lines[0]}: say more in `find`"
        closest, line = ("", 0) if places else self._closest(source)
        notes = (f"it stands in lines {', '.join(map(str, lines))}",) if lines else ()
        return Problem(
            status=Status.DRIFTED,
            reason=reason,
            path=self.path,
            looked_for=self.find,
            closest=closest,
            line=line,
            notes=notes,
        )

    def _closest(self, source: Source) -> tuple[str, int]:
        """Give the line that shares most words with the first line that is looked for."""
        wanted = set(re.findall(r"\w+", self.find.split("\n", 1)[0]))
        lines = source.data.decode("utf-8", "replace").splitlines()
        shared = [len(wanted & set(re.findall(r"\w+", line))) for line in lines]
        best = max(shared, default=0)
        if not best or best * 2 < len(wanted):
            return "", 0
        number = shared.index(best)
        return lines[number].strip(), number + 1


def _occurrences(text: bytes, data: bytes) -> list[int]:
    """Give where a text begins, overlapping occurrences included."""
    places: list[int] = []
    at = data.find(text)
    while at >= 0:
        places.append(at)
        at = data.find(text, at + 1)
    return places


def _overlap(places: list[int], length: int) -> bool:
    return any(right - left < length for left, right in pairwise(places))
