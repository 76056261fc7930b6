"""RECORD, the list of a wheel's files with their hashes and sizes: read strictly, and written.

The format is that of the binary distribution format and of "Recording installed projects" in the
Python packaging specifications.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Signatures of RECORD: no row can name them, and none holds for a RECORD that was made anew.
SIGNATURES = frozenset({"RECORD.jws", "RECORD.p7s"})
_COLUMNS = 3
# The specification asks for sha256 or better: hashes that `hashlib` always has.
_HASH = re.compile(r"sha256=[\w-]{43}|sha384=[\w-]{64}|sha512=[\w-]{86}", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Row:
    """What RECORD says of one file.

    Attributes:
        digest: the hash as RECORD writes it, e.g. ``sha256=47DEQp...``; empty for RECORD itself.
        size: in bytes; None for RECORD itself.
    """

    digest: str
    size: int | None

    def holds_for(self, data: bytes) -> bool:
        """Tell whether these are the bytes that the row names."""
        algorithm = self.digest.partition("=")[0]
        return len(data) == self.size and record_hash(data, algorithm) == self.digest


def record_hash(data: bytes, algorithm: str = "sha256") -> str:
    """Give a file's hash as RECORD writes it: url-safe base64 without padding."""
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def row_of(data: bytes) -> Row:
    """Make the row of a file."""
    return Row(record_hash(data), len(data))


def read_rows(data: bytes, path: str, archive: str) -> dict[str, Row]:
    """Read RECORD; every row must be one that can be taken over unread.

    Args:
        data: the file.
        path: its path in the wheel, which its own row has, without hash and size.
        archive: the wheel's file name, for messages.

    Raises:
        ArtifactError: it is no CSV in UTF-8, a row is malformed, or names what another one names.
    """
    rows: dict[str, Row] = {}
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise unusable(archive, f"it cannot be read: {error}") from error
    for line in lines:
        if not _is_row(line, path):
            raise unusable(archive, f"a row is malformed: {','.join(line)!r}")
        name, digest, size = line
        if name in rows:
            raise unusable(archive, f"it names {name!r} twice")
        rows[name] = Row(digest, int(size) if size else None)
    return rows


def _is_row(line: list[str], path: str) -> bool:
    if len(line) != _COLUMNS:
        return False
    name, digest, size = line
    if name == path:
        return not (digest or size)
    return bool(_HASH.fullmatch(digest) and _SIZE.fullmatch(size))


def write_rows(rows: Iterable[tuple[str, Row]]) -> bytes:
    """Write RECORD.

    Args:
        rows: by path, in their order.
    """
    text = io.StringIO()
    # vLLM has file names with commas: `csv` quotes them, as uv demands.
    csv.writer(text, lineterminator="\n").writerows(
        (path, row.digest, "" if row.size is None else row.size) for path, row in rows
    )
    return text.getvalue().encode()


def unusable(archive: str, why: str) -> ArtifactError:
    """Make the error for a wheel whose RECORD cannot be relied on."""
    return ArtifactError(
        f"{archive} has a RECORD that is of no use: {why}",
        next_step="fetch the wheel again, or build from the sdist (source=sdist)",
    )
