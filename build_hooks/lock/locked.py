"""One locked artifact: a file of a release, by name and by what its bytes are.

The fields check each other here (a file name says its distribution, release and kind: PEP 427 and
PEP 625), so that a lock edited by hand cannot send a build to a file it did not mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from build_hooks.errors import LockError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["sdist", "wheel"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ARTIFACT_KEYS = (
    "distribution",
    "release",
    "kind",
    "filename",
    "size",
    "unpacked",
    "sha256",
    "date",
    "requires-python",
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True)
class LockedArtifact:
    """One file of a release, by name and by what its bytes are.

    Args:
        distribution: normalised name of the distribution (PEP 503): vLLM's, or a plugin's.
        release: version in its canonical form (PEP 440).
        kind: sdist or binary wheel.
        filename: the name under which any index serves it (PEP 427, PEP 625).
        size: bytes of the file.
        unpacked: bytes of the decompressed tar of an sdist; sum of the members' sizes of a wheel.
            More than this comes out of no honest copy of the file.
        sha256: of the file, lower-case hexadecimal.
        date: modification time of the newest member in the archive, UTC, whole seconds. It follows
            from the locked bytes, while an index's upload time (PEP 700) does not.
        requires_python: `Requires-Python` of the archive's own metadata; empty where it has none.
    """

    distribution: str
    release: str
    kind: Kind
    filename: str
    size: int
    unpacked: int
    sha256: str
    date: datetime
    requires_python: str

    @property
    def version(self) -> Version:
        """Give the release as something that sorts as PEP 440 says."""
        return Version(self.release)

    @property
    def date_text(self) -> str:
        """Give the date as the lock and every report write it, e.g. `2026-11-01T12:00:00Z`."""
        return self.date.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def platforms(self) -> frozenset[str]:
        """Give the platform tags of a binary wheel's name (PEP 425); nothing for an sdist."""
        if self.kind == "sdist":
            return frozenset()
        return frozenset(tag.platform for tag in parse_wheel_filename(self.filename)[3])

    def as_json(self) -> dict[str, str | int]:
        """Give the fields as they appear in JSON output."""
        return {
            "distribution": self.distribution,
            "release": self.release,
            "kind": self.kind,
            "filename": self.filename,
            "size": self.size,
            "unpacked": self.unpacked,
            "sha256": self.sha256,
            "date": self.date_text,
            "requires_python": self.requires_python,
        }

    def sort_key(self) -> tuple[str, Version, str]:
        """Give what the lock is sorted by: distribution, version, file name."""
        return (self.distribution, self.version, self.filename)


def artifact_from_table(table: object, where: str) -> LockedArtifact:
    """Make a locked artifact of one `[[artifact]]` table.

    Args:
        table: what the TOML reader gave.
        where: how error messages name it.

    Raises:
        LockError: a key is missing or unknown, or a value cannot be.
    """
    if not isinstance(table, dict):
        message = f"{where} is not a table"
        raise LockError(message)
    check_keys(table, ARTIFACT_KEYS, where)
    for key in ("distribution", "release", "kind", "filename", "sha256", "requires-python"):
        _require(isinstance(table[key], str), table, key, where, "a string")
    for key in ("size", "unpacked"):
        _require(type(table[key]) is int and table[key] > 0, table, key, where, "bytes, above 0")
    _require(_SHA256.fullmatch(table["sha256"]), table, "sha256", where, "64 lower-case hex digits")
    _require(table["kind"] in KINDS, table, "kind", where, f"one of {', '.join(KINDS)}")
    _require(_is_utc(table["date"]), table, "date", where, "a time in UTC, in whole seconds")
    _require(
        canonicalize_name(table["distribution"]) == table["distribution"],
        table,
        "distribution",
        where,
        "a normalised name (PEP 503)",
    )
    _require(
        _is_canonical(table["release"]), table, "release", where, "a canonical version (PEP 440)"
    )
    _require(
        _is_specifier(table["requires-python"]),
        table,
        "requires-python",
        where,
        "a version specifier (PEP 440)",
    )
    expected = (table["distribution"], Version(table["release"]))
    step = f"the name of a {table['kind']} of {table['distribution']} {table['release']}"
    _require(
        _named_by(table["filename"], cast("Kind", table["kind"])) == expected,
        table,
        "filename",
        where,
        step,
    )
    return LockedArtifact(**{key.replace("-", "_"): table[key] for key in ARTIFACT_KEYS})


def artifact_lines(artifact: LockedArtifact) -> list[str]:
    """Write the lines of a lock by which it holds one file.

    Args:
        artifact: the file.
    """
    return [
        f"distribution = {quote(artifact.distribution)}",
        f"release = {quote(artifact.release)}",
        f"kind = {quote(artifact.kind)}",
        f"filename = {quote(artifact.filename)}",
        f"size = {artifact.size}",
        f"unpacked = {artifact.unpacked}",
        f"sha256 = {quote(artifact.sha256)}",
        f"date = {artifact.date_text}",
        f"requires-python = {quote(artifact.requires_python)}",
    ]


def quote(text: str) -> str:
    """Write a TOML basic string."""
    return '"' + _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + '"'


def check_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse a table that lacks a key or has one that nobody reads.

    Args:
        table: what the TOML reader gave.
        known: the keys that it must have, all of them and no others.
        where: how the error message names it.

    Raises:
        LockError: names the key.
    """
    for key in known:
        if key not in table:
            message = f"{where}: {key!r} is missing"
            raise LockError(message)
    for key in table:
        if key not in known:
            message = f"{where}: unknown key {key!r}{did_you_mean(key, known)}"
            raise LockError(message)


def _require(good: object, table: Mapping[str, Any], key: str, where: str, expected: str) -> None:
    if not good:
        message = f"{where} ({table['filename']}): {key} = {table[key]!r}, expected {expected}"
        raise LockError(message, next_step="write the entry with `python -m build_hooks lock add`")


def _is_utc(date: object) -> bool:
    return isinstance(date, datetime) and date.utcoffset() == timedelta(0) and date.microsecond == 0


def _is_canonical(release: str) -> bool:
    try:
        return str(Version(release)) == release
    except InvalidVersion:
        return False


def _is_specifier(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _named_by(filename: str, kind: Kind) -> tuple[str, Version] | None:
    """Read distribution and release out of a file name, if it is one of this kind."""
    if not re.fullmatch(r"[A-Za-z0-9_.+!-]+", filename):
        return None
    try:
        if kind == "sdist":
            if not filename.endswith(".tar.gz"):  # PEP 625 allows no other
                return None
            return parse_sdist_filename(filename)
        return parse_wheel_filename(filename)[:2]
    except (InvalidSdistFilename, InvalidWheelFilename, InvalidVersion):
        return None
