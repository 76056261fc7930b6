"""What stands above the hunks of a file: its names, and what git says of modes and renames."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.importers.diffs.errors import GarbledDiffError, UnsupportedDiffError
from transforms.importers.diffs.model import FileDiff
from transforms.importers.diffs.names import NULL, both_names, unquoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.importers.diffs.model import Hunk
    from transforms.importers.diffs.names import Naming

GIT = b"diff --git "
_INDEX = re.compile(rb"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d{6}))?")
_BINARY = (b"GIT binary patch", b"Binary files ")
# Each with the key under which its value is kept.
_EXTENDED = {
    b"old mode ": "old",
    b"new mode ": "new",
    b"new file mode ": "created",
    b"deleted file mode ": "deleted",
    b"rename from ": "rename_from",
    b"rename to ": "rename_to",
    b"copy from ": "copy_from",
    b"copy to ": "copy_to",
    b"similarity index ": "similarity",
    b"dissimilarity index ": "dissimilarity",
}
_EPOCH = re.compile(r"1970-01-01|1969-12-31")
_NO_FILES = {"120000": "a symbolic link", "160000": "a submodule"}
_MODES = ("old", "new", "created", "deleted", "mode")
_WITHOUT = "leave it out (--exclude), and ship it otherwise"


@dataclass(slots=True)
class Headers:
    """What was read so far.

    Attributes:
        line: where the headers begin.
        before: the path before; None for none.
        after: the path after; None for none.
        values: what git says, by key.
        blob: git's name of the bytes before.
        has_names: `---` and `+++` were there, so that hunks must follow.
        is_binary: the change is one of bytes, not of lines.
    """

    line: int
    before: str | None = None
    after: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    blob: str = ""
    has_names: bool = False
    is_binary: bool = False

    def file(self, hunks: tuple[Hunk, ...]) -> FileDiff:
        """Give the file that the headers and these hunks are of."""
        refused, advice = self._refused()
        return FileDiff(
            before=None if "created" in self.values else self.before,
            after=None if "deleted" in self.values else self.after,
            hunks=hunks,
            line=self.line,
            is_copy="copy_from" in self.values,
            mode=self.values.get("created", ""),
            blob=self.blob,
            refused=refused,
            advice=advice,
        )

    def _refused(self) -> tuple[str, str]:
        """Say what no edit can do, and what to do about it."""
        values = self.values
        kinds = [_NO_FILES.get(values.get(key, "")) for key in _MODES]
        if any(kinds):
            return f"it is {next(filter(None, kinds))}, and a wheel holds files only", _WITHOUT
        if self.is_binary:
            return "it is binary, and no edit changes bytes that are not text", _WITHOUT
        if "old" in values and values["old"] != values.get("new"):
            what = f"its mode changes from {values['old']} to {values.get('new')}"
            return f"{what}, and edits change contents only", "make the diff without that"
        if "rename_from" in values:
            what = f"it is renamed from {self.before}, and no edit takes a file away"
            return what, "add the new file, and let the old one import all of it"
        return "", ""


def read_plain_headers(lines: Sequence[bytes], at: int, number: int, naming: Naming) -> Headers:
    """Read the `---` and `+++` of a file without git's headers.

    Args:
        lines: those of the diff.
        at: the index of the first of the two.
        number: its number, for messages.
        naming: how names become paths.
    """
    found = Headers(number, has_names=True)
    pairs = [unquoted(lines[at + more][4:], number + more) for more in range(2)]
    # GNU diff has no /dev/null with -N: the time of a file that is not there is the epoch's.
    named = [
        NULL if _EPOCH.search(rest.decode("utf-8", "replace")) else name for name, rest in pairs
    ]
    found.before, found.after = (
        naming.path(name, number + more) for more, name in enumerate(named)
    )
    if found.before is None and found.after is None:
        raise GarbledDiffError("it names no file", number)
    # As `git apply` (apply.c, find_name_common): the second, unless it is the first and more, as
    # `file.orig` is.
    if found.before and found.after:
        is_more = found.after.startswith(found.before)
        found.before = found.after = found.before if is_more else found.after
    return found


def read_git_headers(
    lines: Sequence[bytes], at: int, number: int, naming: Naming
) -> tuple[Headers, int]:
    """Read what git writes above the hunks of a file.

    Args:
        lines: those of the diff.
        at: the index of the line that begins with ``diff --git``.
        number: its number, for messages.
        naming: how names become paths.

    Returns:
        The headers and the index of the line behind them.

    Raises:
        GarbledDiffError: they are not whole.
        UnsupportedDiffError: they name two files and say no rename.
    """
    found = Headers(number)
    start, at = at, at + 1
    while at < len(lines):
        line = lines[at].rstrip(b"\r\n")
        key = next((key for key in _EXTENDED if line.startswith(key)), None)
        index = _INDEX.match(line)
        if key is not None:
            found.values[_EXTENDED[key]] = unquoted(line[len(key) :], number + at - start)[0]
        elif index is not None:
            found.blob = index[1].decode()
            if index[3]:
                found.values.setdefault("mode", index[3].decode())
        else:
            break
        at += 1
    found.is_binary = at < len(lines) and lines[at].startswith(_BINARY)
    _read_names(found, lines, start, at, naming)
    if at < len(lines) and lines[at].startswith(b"--- "):
        found.has_names = True
        at += 2
    return found, at


def _read_names(
    found: Headers, lines: Sequence[bytes], start: int, at: int, naming: Naming
) -> None:
    """Take the names from where they are surest: renames, then `---` and `+++`, then the first."""
    values, number = found.values, found.line
    for kind in ("rename", "copy"):
        if f"{kind}_from" in values and f"{kind}_to" in values:
            found.before = naming.bare(values[f"{kind}_from"], number)
            found.after = naming.bare(values[f"{kind}_to"], number)
            return
    if at < len(lines) and lines[at].startswith(b"--- "):
        other = lines[at + 1] if at + 1 < len(lines) else b""
        if not other.startswith(b"+++ "):
            raise GarbledDiffError("`---` without `+++`", number + at - start)
        names = [unquoted(line[4:], number + at - start)[0] for line in (lines[at], other)]
        found.before, found.after = (naming.path(name, number + at - start) for name in names)
        if found.before is None:
            values.setdefault("created", "")
        if found.after is None:
            values.setdefault("deleted", "")
        if found.before and found.after and found.before != found.after:
            reason = f"it names {found.before!r} and {found.after!r}, and says no rename"
            step = "if folders in front of the paths differ, give their number by -p"
            raise UnsupportedDiffError(reason, number + at - start, step)
        return
    pair = both_names(lines[start][len(GIT) :], number, naming.strip)
    found.before, found.after = (naming.path(name, number) for name in pair)
