"""Archives as honest tools would never write them."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROOT = "vllm-1.0"
GOOD = f"{ROOT}/vllm/__init__.py"

# Names as they occur, and some that need care: commas, spaces, letters beyond ASCII, long ones.
_PARTS = st.text("abcz019_-,=+ .äß√", min_size=1, max_size=12).filter(
    lambda part: part not in {".", ".."} and part == part.strip()
) | st.sampled_from(["n" * 120, "vllm", "E=1,N=2.json"])
_PATHS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)


def _can_be_unpacked(files: dict[str, Any]) -> bool:
    """Tell whether a file system that ignores case has a place for each file."""
    places: dict[str, str] = {}
    for path in files:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            place = "/".join(parts[:end])
            kind = "file" if end == len(parts) else "folder"
            if places.setdefault(place.casefold(), f"{kind} {place}") != f"{kind} {place}":
                return False
    return True


# Files by path: their bytes, and whether they are executable.
FILES = st.dictionaries(
    _PATHS, st.tuples(st.binary(max_size=2000), st.booleans()), min_size=1, max_size=8
).filter(_can_be_unpacked)


def entry(name: str, data: bytes = b"x = 1\n", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:  # noqa: ANN401
    """Make one member of a tar.

    Args:
        name: its whole name.
        data: its bytes.
        attributes: what `TarInfo` is to say otherwise.
    """
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for key, value in attributes.items():
        setattr(member, key, value)
    return member, data


def tar_of(
    members: Iterable[tuple[tarfile.TarInfo, bytes]], *, form: int = tarfile.PAX_FORMAT
) -> bytes:
    """Give a tar of members, whatever they are, with a good file in front.

    Args:
        members: what `entry` makes.
        form: one of `tarfile`'s formats.
    """
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, encoding="utf-8") as archive:
        for member, data in (entry(GOOD), *members):
            archive.addfile(member, io.BytesIO(data) if data else None)
    return file.getvalue()


def write_tar(folder: Path, tar: bytes) -> Path:
    """Compress a tar into an sdist.

    Args:
        folder: where it goes.
        tar: its bytes.
    """
    path = folder / f"{ROOT}.tar.gz"
    path.write_bytes(gzip.compress(tar, mtime=0))
    return path


def make_sdist(
    folder: Path, *members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT
) -> Path:
    """Write an sdist with one good file, and with members that may be bad.

    Args:
        folder: where it goes.
        members: what `entry` makes.
        form: one of `tarfile`'s formats.
    """
    return write_tar(folder, tar_of(members, form=form))


def make_zip(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """Write a wheel with one good file, and with members that may be bad.

    Args:
        folder: where it goes.
        members: names, or more about them, and bytes.
    """
    path = folder / f"{ROOT}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vllm/__init__.py", b"x = 1\n")
        for name, data in members:
            archive.writestr(name, data)
    return path


def set_central(path: Path, *, offset: int, value: bytes) -> Path:
    """Change bytes of the last member's line in a zip's central directory.

    Args:
        path: the zip.
        offset: in the line (APPNOTE 4.3.12).
        value: what to write there.
    """
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    path.write_bytes(data)
    return path


def lie_about_size(path: Path, *, size: int, crc_of: bytes) -> Path:
    """Let the last member of a zip promise another size, with the checksum that goes with it.

    Args:
        path: the zip.
        size: what it promises.
        crc_of: bytes with the checksum that it promises.
    """
    set_central(path, offset=16, value=struct.pack("<L", zlib.crc32(crc_of)))
    return set_central(path, offset=24, value=struct.pack("<L", size))


class Unseekable(io.RawIOBase):
    """A pipe or a socket, to which `zipfile` writes data descriptors."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, data: object) -> int:
        """Take some bytes."""
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]
