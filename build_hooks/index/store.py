"""Where an index is kept: a folder of this machine, or what fsspec knows an address of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from build_hooks.errors import UsageError
from build_hooks.index.folder_store import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_READ_ONLY = frozenset({"http", "https"})


class Store(Protocol):
    """Files by name; a reader sees each whole or not at all.

    Attributes:
        address: what the user calls it.
    """

    address: str

    def names(self, prefix: str = "") -> dict[str, int]:
        """Give the names below a prefix that ends with a slash, with their sizes in bytes."""

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Give the bytes of those files that are there."""

    def digest(self, name: str) -> str:
        """Give the sha256 of a file that is there, in bounded memory."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a file that is there, piece by piece."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file, or take the place of an old one at once."""

    def send(self, name: str, path: Path) -> None:
        """Write a file of this machine; large ones too."""

    def create(self, name: str, data: bytes) -> bool:
        """Write a file that is not there; inside of `claim`.

        Returns:
            False where it is there, and stays.
        """

    def claim(self, on_wait: Callable[[str], None]) -> AbstractContextManager[Callable[[], None]]:
        """Keep other writers from entries and pages while the block runs.

        Args:
            on_wait: called once with who holds it, where somebody does.

        Returns:
            What is called before each step, and once at the end: it keeps the claim alive.

        Raises:
            ClaimLostError: from that call, where another writer has taken over.
        """


def open_store(address: str) -> Store:
    """Open the place of an index.

    Args:
        address: a folder, which need not exist, or an address with a scheme.

    Raises:
        UsageError: the scheme is unknown, cannot be written, or needs a package that is missing.
    """
    scheme = _SCHEME.match(address)
    if scheme is None:
        return FolderStore(Path(address))
    name = scheme[1].lower()
    if name == "file":
        return FolderStore(Path(address[scheme.end() :]))
    if name in _READ_ONLY:
        raise UsageError(
            f"{address}: an index is not written through {name}",
            next_step="give the folder or the storage that the server reads, e.g. s3://bucket/path",
        )
    return _object_store(address, name)


def _object_store(address: str, scheme: str) -> Store:
    try:
        from build_hooks.index.object_store import ObjectStore  # noqa: PLC0415 - not for a folder

        return ObjectStore(address)
    except ImportError as error:
        # fsspec's own words name the package of a scheme that it knows.
        raise UsageError(
            f"{address}: {error}",
            next_step="pip install --group index (fsspec, and s3fs for s3://), in the repository's"
            f" folder, and for other schemes what fsspec asks for {scheme}",
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{address}: {error}", next_step="a folder, s3://..., memory://"
        ) from error
