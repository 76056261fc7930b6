"""Which names an archive may hold. What could harm the one who unpacks it is refused whole.

The rules are those of PEP 706 (`tarfile`'s data filter) and, beyond it, of what breaks a build:
names that are one on a file system that folds case or normalises Unicode, names of a file and a
folder at once, and names that are not UTF-8.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names of letters, digits and marks that mean nothing to any system: nearly all of them.
_PLAIN = re.compile(r"(?:[\w+=@-][\w+=@,.-]*/)*[\w+=@-][\w+=@,.-]*", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:")
# What POSIX systems take as a whole path, and far less than the 65,535 bytes of a zip.
_LONGEST = 4096


def check_name(name: str, archive: str) -> str:
    """Refuse a member name that is absolute, climbs out of the tree or cannot be written.

    Args:
        name: the member's name as the archive has it.
        archive: the archive's file name, for the message.

    Raises:
        ArtifactError: the name is hostile or malformed.
    """
    if len(name) <= _LONGEST and _PLAIN.fullmatch(name):
        return name
    reason = _fault(name)
    if reason:
        raise refuse(archive, f"{reason}: {name!r}")
    if len(name.encode()) > _LONGEST:
        raise refuse(archive, f"a name of more than {_LONGEST} bytes: {name[:40]!r}...")
    return name


def _fault(name: str) -> str:
    """Say what is wrong with a name; empty where nothing is."""
    parts = name.removesuffix("/").split("/")
    faults = {
        "an empty name": not name,
        "an absolute path": name.startswith("/"),
        "a drive letter in a path": any(_DRIVE.match(part) for part in parts),
        "a backslash in a name": "\\" in name,
        "a path with '..'": ".." in parts,
        "a control character or a bad encoding in a name": not name.isprintable(),
        "an empty or '.' part in a path": "" in parts or "." in parts,
    }
    return next((fault for fault, found in faults.items() if found), "")


def check_unique(names: Iterable[str], archive: str) -> None:
    """Refuse an archive in which two members would be written to one place.

    Args:
        names: the members' names; that of a folder ends with a slash.
        archive: the archive's file name, for the message.

    Raises:
        ArtifactError: a member is there twice, as a file and as a folder, or beside one whose name
            differs by case or by Unicode normalisation only; the folders on the way to it count.
    """
    listed: set[str] = set()
    spelled: dict[str, str] = {}
    for name in names:
        if name in listed:
            raise refuse(archive, f"the member {name!r} twice")
        listed.add(name)
        path = name
        while path and (other := spelled.setdefault(_folded(path), path)) is path:
            parent = path.removesuffix("/").rpartition("/")[0]
            path = f"{parent}/" if parent else ""
        if path and other != path:
            both = other.removesuffix("/") == path.removesuffix("/")
            how = "as a file and as a folder" if both else f"beside {other!r}, equal but for case"
            raise refuse(archive, f"{path!r} {how}")


def _folded(name: str) -> str:
    """Fold a name as file systems do that ignore case (canonical caseless matching, Unicode 3.13).

    A file and a folder of one name fold to the same.
    """
    name = name.removesuffix("/")
    if name.isascii():
        return name.lower()
    decomposed = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFD", decomposed)


def refuse(archive: str, why: str) -> ArtifactError:
    """Make the error for an archive of which nothing is used."""
    return ArtifactError(
        f"{archive} is refused: it holds {why}",
        next_step="fetch the archive again from a source that you trust; nothing of it was used",
    )
