"""Write a gzipped tar, reproducibly: one time stamp, no user, no machine in it.

What the standard library's `tarfile` writes depends on the version of Python (device numbers) and
on the zlib that it was linked to. The format is ustar (POSIX.1-1988), which every tar reads, with a
pax record (POSIX.1-2001) for a name that does not fit. One gzip member (RFC 1952) without name and
time holds all of it, compressed by the library that compresses wheels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import deflate

from build_hooks.zipwriter import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK, _RECORD = 512, 10240
_NAME, _PREFIX, _SUM = 100, 155, slice(148, 156)
_FILE, _LINK, _FOLDER, _PAX = b"0", b"2", b"5", b"x"
# What eleven octal digits can say: times up to the year 2242, and sizes below 8 GiB.
_LARGEST = 8**11 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What the header of a member says; what is missing there is empty."""

    name: bytes
    kind: bytes
    mode: int
    size: int = 0
    link: bytes = b""


class TarWriter:
    """Collect members one after the other, in memory; `compressed` gives the archive.

    Args:
        timestamp: the time of every member, in seconds since 1970 UTC; brought into what the
            format can say.
    """

    def __init__(self, timestamp: int) -> None:
        self._data = bytearray()
        self._moment = min(max(timestamp, 0), _LARGEST)

    def file(self, path: str, data: bytes, mode: int) -> None:
        """Add a file.

        Args:
            path: its name, with forward slashes.
            data: its bytes.
            mode: its permissions.
        """
        self._begin(_Header(name=path.encode(), kind=_FILE, mode=mode, size=len(data)))
        self._add(data)

    def folder(self, path: str, mode: int) -> None:
        """Add a folder.

        Args:
            path: its name, without a slash behind it.
            mode: its permissions.
        """
        self._begin(_Header(name=f"{path}/".encode(), kind=_FOLDER, mode=mode))

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link.

        Args:
            path: its name.
            target: where it leads, from its own folder.
        """
        self._begin(_Header(name=path.encode(), kind=_LINK, mode=0o777, link=target.encode()))

    def compressed(self) -> bytes:
        """Give the whole archive, which ends here."""
        self._data += bytes(2 * _BLOCK)
        self._data += bytes(-len(self._data) % _RECORD)
        return bytes(deflate.gzip_compress(self._data, LEVEL))

    def _begin(self, header: _Header) -> None:
        prefix, name = _split(header.name)
        records = b"".join(_records(header, fits=bool(name)))
        if records:
            pax = _Header(name=b"././@PaxHeader", kind=_PAX, mode=0o644, size=len(records))
            self._data += _block(pax, b"", pax.name, self._moment)
            self._add(records)
        self._data += _block(header, prefix, name or header.name[:_NAME], self._moment)

    def _add(self, data: bytes) -> None:
        self._data += data
        self._data += bytes(-len(data) % _BLOCK)


def _split(name: bytes) -> tuple[bytes, bytes]:
    """Divide a name into the two fields that a header has for it; both empty where it won't fit."""
    if not name.isascii():
        return b"", b""
    if len(name) <= _NAME:
        return b"", name
    # The shortest prefix that leaves a name that fits.
    slash = name.find(b"/", len(name) - _NAME - 1, len(name) - 1)
    if 0 < slash <= _PREFIX:
        return name[:slash], name[slash + 1 :]
    return b"", b""


def _records(header: _Header, *, fits: bool) -> Iterator[bytes]:
    if not fits:
        yield _record(b"path", header.name)
    if len(header.link) > _NAME or not header.link.isascii():
        yield _record(b"linkpath", header.link)


def _record(key: bytes, value: bytes) -> bytes:
    """Make a pax record, which begins with its own length in digits."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def _block(header: _Header, prefix: bytes, name: bytes, moment: int) -> bytes:
    fields = (
        name.ljust(_NAME, b"\0"),
        b"%07o\0" % header.mode,
        b"0000000\0" * 2,  # user and group
        b"%011o\0" % header.size,
        b"%011o\0" % moment,
        b" " * 8,  # the sum is taken with blanks in its own place
        header.kind,
        header.link[:_NAME].ljust(_NAME, b"\0"),
        b"ustar\x0000".ljust(72, b"\0"),  # no names of user and group
        b"0000000\0" * 2,  # device
        prefix.ljust(_PREFIX, b"\0"),
    )
    block = bytearray(b"".join(fields).ljust(_BLOCK, b"\0"))
    block[_SUM] = b"%06o\0 " % sum(block)
    return bytes(block)
