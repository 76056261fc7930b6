"""Which names an archive may hold. What could harm the one who unpacks it is refused whole.

The rules are those of PEP 706 (`tarfile`'s data filter) and, beyond it, of what breaks a build:
names that are equal on a file system that folds case, and names that are not UTF-8.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable

_DRIVE = re.compile(r"^[A-Za-z]:")


def check_name(name: str, archive: str) -> str:
    """Refuse a member name that is absolute, climbs out of the tree or cannot be written.

    Args:
        name: the member's name as the archive has it.
        archive: the archive's file name, for the message.

    Raises:
        ArtifactError: the name is hostile or malformed.
    """
    reason = ""
    if not name:
        reason = "an empty name"
    elif name.startswith("/") or _DRIVE.match(name):
        reason = "an absolute path"
    elif "\\" in name:
        reason = "a backslash in a name"
    elif ".." in name.split("/"):
        reason = "a path with '..'"
    elif not name.isprintable():
        reason = "a control character or a bad encoding in a name"
    elif any(part in {"", "."} for part in name.rstrip("/").split("/")):
        reason = "an empty or '.' part in a path"
    if reason:
        raise refuse(archive, f"{reason}: {name!r}")
    return name


def check_unique(names: Iterable[str], archive: str) -> None:
    """Refuse an archive in which two members have one name, or names that differ by case only.

    Raises:
        ArtifactError: there are such members.
    """
    seen: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            same = (
                "twice" if seen[folded] == name else f"beside {seen[folded]!r}, equal but for case"
            )
            raise refuse(archive, f"the member {name!r} {same}")
        seen[folded] = name


def refuse(archive: str, why: str) -> ArtifactError:
    """Make the error for an archive of which nothing is used."""
    return ArtifactError(
        f"{archive} is refused: it holds {why}",
        next_step="fetch the archive again from a source that you trust; nothing of it was used",
    )
