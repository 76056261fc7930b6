"""The names of files in a diff: quoted as git does, with leading folders to strip."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.importers.diffs.errors import GarbledDiffError, UnsupportedDiffError

NULL = "/dev/null"
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_ESCAPED = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_DRIVE = re.compile(r"[A-Za-z]:")
_GIT = ".git"


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """From the names in a diff to paths in the tree, as `git apply` has it.

    Attributes:
        strip: how many leading folders of a name are left out (`-p`).
        directory: the folder of the tree that names are in (`--directory`); empty for its root.
    """

    strip: int = 1
    directory: str = ""

    def path(self, name: str, line: int) -> str | None:
        """Give the path of a name; None for that of no file.

        Args:
            name: as the diff has it, unquoted.
            line: where it stands, for messages.

        Raises:
            GarbledDiffError: it leads out of the tree.
            UnsupportedDiffError: it has too few folders to strip.
        """
        if name == NULL:
            return None
        parts = name.split("/")
        # What is stripped counts too: a name that begins at the root was never meant for a tree.
        if _is_hostile(parts):
            step = "nothing of this diff was used; see who made it"
            raise GarbledDiffError(f"{name!r} leads out of the tree", line, step)
        if len(parts) <= self.strip:
            raise UnsupportedDiffError(
                f"{name!r} has no {self.strip} folders to strip",
                line,
                "give -p with the number of folders in front of the paths, -p 0 for none",
            )
        return self.below("/".join(parts[self.strip :]))

    def below(self, path: str) -> str:
        """Give a path, from the folder that names are in, as one from the root of the tree."""
        return f"{self.directory.strip('/')}/{path}" if self.directory.strip("/") else path

    def bare(self, name: str, line: int) -> str | None:
        """Give the path of a name without the first folder of others, as of a rename or copy."""
        return Naming(strip=max(0, self.strip - 1), directory=self.directory).path(name, line)


def _is_hostile(parts: list[str]) -> bool:
    return (
        any(part in {"", ".", "..", _GIT} or "\\" in part or "\0" in part for part in parts)
        or _DRIVE.match(parts[0]) is not None
    )


def unquoted(text: bytes, line: int) -> tuple[str, bytes]:
    r"""Read a name from the beginning of a line, quoted as git does (``"a/\303\244"``) or not.

    Args:
        text: the line from the name on.
        line: its number, for messages.

    Returns:
        The name and what stands behind it. A name that is not quoted ends before a tab.

    Raises:
        GarbledDiffError: its quotes do not end, or it is not UTF-8.
    """
    if not text.startswith(b'"'):
        name, tab, rest = text.rstrip(b"\r\n").partition(b"\t")
        return _decoded(name, line), tab + rest
    end = 1
    while text[end : end + 1] != b'"':
        end += 2 if text[end : end + 1] == b"\\" else 1
        if end >= len(text):
            raise GarbledDiffError("the quotes around a name do not end", line)
    name = _ESCAPED.sub(lambda found: _byte(found[1].decode()), text[1:end])
    return _decoded(name, line), text[end + 1 :]


def _byte(escape: str) -> bytes:
    return bytes([_ESCAPES[escape] if escape in _ESCAPES else int(escape, 8) & 255])


def _decoded(name: bytes, line: int) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise GarbledDiffError("a name is not UTF-8", line) from error


def both_names(text: bytes, line: int, strip: int) -> tuple[str, str]:
    """Read the two names behind ``diff --git``, which say the same but for their first folders.

    Args:
        text: what stands behind ``diff --git``.
        line: its number, for messages.
        strip: how many folders their prefixes are.

    Raises:
        GarbledDiffError: there are not two such names; a rename says them elsewhere.
    """
    if text.startswith(b'"'):
        first, rest = unquoted(text, line)
        return first, unquoted(rest.strip(), line)[0]
    text = text.rstrip(b"\r\n")
    for at in (found.start() for found in re.finditer(b" ", text)):
        first, second = _decoded(text[:at], line), unquoted(text[at + 1 :], line)[0]
        if first.split("/")[strip:] == second.split("/")[strip:]:
            return first, second
    raise GarbledDiffError("it does not name the same file twice", line)
