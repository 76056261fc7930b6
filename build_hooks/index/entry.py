"""What the index knows of one file: everything that its pages say, as one JSON document."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from build_hooks.errors import IntegrityError
from build_hooks.index.layout import entry_name

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = 1
_TEXT_OR_NONE = (str, type(None))
_TYPES: dict[str, Any] = {
    "size": int,
    "metadata_sha256": _TEXT_OR_NONE,
    "requires_python": _TEXT_OR_NONE,
    "yanked": _TEXT_OR_NONE,
    "built": (dict, type(None)),
    "reports": list,
    "earlier": list,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the index.

    Attributes:
        filename: its name.
        project: the distribution's normalised name.
        version: the version, as its metadata write it.
        kind: ``wheel`` or ``sdist``.
        size: in bytes.
        sha256: its digest.
        metadata_sha256: the digest of a wheel's METADATA, which is served by itself; None for an
            sdist.
        requires_python: its Requires-Python; None where it has none.
        uploaded: when it was added, in UTC, as PEP 700 writes it.
        yanked: why nobody should choose it (PEP 592); None where it is not yanked.
        built: what its manifest says, for people; None where it has none.
        reports: the parts of it that are served by themselves: manifest, SBOMs, diffs.
        earlier: digests of files that were served under this name before.
    """

    filename: str
    project: str
    version: str
    kind: str
    size: int
    sha256: str
    metadata_sha256: str | None
    requires_python: str | None
    uploaded: str
    yanked: str | None = None
    built: dict[str, Any] | None = None
    reports: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where the entry lies in the index."""
        return entry_name(self.project, self.filename)

    @property
    def order(self) -> tuple[Version, str]:
        """What entries are ordered by."""
        return Version(self.version), self.filename

    def dump(self) -> bytes:
        """Write it as it lies in the index."""
        document = {"schema": SCHEMA, **asdict(self)}
        return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def load_entry(data: bytes, place: str) -> Entry:
    """Read an entry of the index.

    Args:
        data: the document.
        place: where it lies, for messages.

    Raises:
        IntegrityError: it is damaged, or of another version of this project.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(place, f"is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise IntegrityError(
            f"{place} is not of schema {SCHEMA}",
            next_step="use the version of vllm-wheelwright that wrote this index, or a newer one",
        )
    names = [item.name for item in fields(Entry)]
    wrong = [
        name for name in names if not isinstance(document.get(name, ...), _TYPES.get(name, str))
    ]
    if wrong:
        raise _damaged(place, f"lacks {', '.join(wrong)}, or has it wrong")
    values = {name: document[name] for name in names}
    for name in ("reports", "earlier"):
        values[name] = tuple(map(str, values[name]))
    entry = Entry(**values)
    if entry.place != place:
        raise _damaged(place, f"is of {entry.filename}")
    return entry


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Order entries by project, version and file name."""
    return sorted(entries, key=lambda entry: (entry.project, *entry.order))


def _damaged(place: str, what: str) -> IntegrityError:
    return IntegrityError(
        f"{place} {what}",
        next_step="delete it, and add its file again: pages are rendered from such entries alone",
    )
