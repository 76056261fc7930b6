"""An index in object storage, or whatever else fsspec can write to."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from typing import TYPE_CHECKING, Any

import fsspec

from build_hooks.errors import OutputError, WheelwrightError
from build_hooks.index.layout import LOCKS, PAGE, SIMPLE, cache_control, content_type
from build_hooks.index.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_S3 = frozenset({"s3", "s3a"})
# Here a reader sees an object whole or not at all, whoever writes it.
_WHOLE = _S3 | {"gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "memory"}
_CHUNK = 8 << 20
_ABSENT = (FileNotFoundError, NotADirectoryError)


class ObjectStore:
    """The files below an address of fsspec's.

    Args:
        address: with its scheme; credentials are those of the scheme's own configuration.

    Raises:
        ImportError: a package for the scheme is missing.
        ValueError: fsspec knows no such scheme.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        scheme = address.partition("://")[0]
        self._is_s3 = scheme in _S3
        self._is_whole = scheme in _WHOLE
        self._fs: Any
        # What others write meanwhile must be seen: nothing of a listing is kept.
        self._fs, root = fsspec.core.url_to_fs(address, use_listings_cache=False)
        self._root = root.rstrip("/")

    def names(self, prefix: str = "") -> dict[str, int]:
        """Give the names below a prefix that ends with a slash, with their sizes in bytes."""
        with self._errors("read"):
            self._fs.invalidate_cache()
            found = self._fs.find(self._path(prefix).rstrip("/"), detail=True)
        start = len(self._root) + 1
        return {path[start:]: info["size"] for path, info in sorted(found.items())}

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Give the bytes of those files that are there."""
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        with self._errors("read"):
            self._fs.invalidate_cache()
            found = self._fs.cat(list(paths), on_error="return")
            found = found if isinstance(found, dict) else dict.fromkeys(paths, found)
            for data in found.values():
                if isinstance(data, Exception) and not isinstance(data, _ABSENT):
                    raise data
        return {paths[path]: data for path, data in found.items() if isinstance(data, bytes)}

    def digest(self, name: str) -> str:
        """Give the sha256 of a file that is there, in bounded memory."""
        digest = hashlib.sha256()
        for chunk in self.chunks(name):
            digest.update(chunk)
        return digest.hexdigest()

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a file that is there, piece by piece."""
        with self._errors("read"), self._fs.open(self._path(name), "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def write(self, name: str, data: bytes) -> None:
        """Write a file, or take the place of an old one at once.

        A page of an S3 bucket is written under its folder's name as well: that is what a client
        asks for, and only a web server would look for `index.html` there. It comes first, so that
        where the page is up to date, so is this.
        """
        names = [name]
        if self._is_s3 and name.startswith(SIMPLE) and name.endswith(f"/{PAGE}"):
            names.insert(0, name.removesuffix(PAGE))
        for each in names:
            self._put(each, lambda path, options: self._fs.pipe_file(path, data, **options))

    def send(self, name: str, path: Path) -> None:
        """Write a file of this machine; large ones too."""
        self._put(name, lambda target, options: self._fs.put_file(str(path), target, **options))

    def create(self, name: str, data: bytes) -> bool:
        """Write a file that is not there.

        Returns:
            False where it is there, and stays: storage decides which of two writers was first.
        """
        path = self._path(name)
        with self._errors("write"):
            try:
                self._parents(path)
                self._fs.pipe_file(path, data, mode="create", **self._options(name))
            except FileExistsError:
                return False
        return True

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._errors("write"), contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    @contextlib.contextmanager
    def claim(self, on_wait: Callable[[str], None]) -> Iterator[Callable[[], None]]:
        """Keep other writers from entries and pages; see `build_hooks.index.lease`."""
        lease = Lease(self, LOCKS)
        lease.take(on_wait)
        try:
            yield lease.keep
        finally:
            lease.give_back()

    def _put(self, name: str, write: Callable[[str, dict[str, str]], None]) -> None:
        """Write under a name at once: under a temporary one first, where storage does not."""
        path = self._path(name)
        with self._errors("write"):
            self._parents(path)
            if self._is_whole:
                write(path, self._options(name))
                return
            folder, _, last = path.rpartition("/")
            temporary = f"{folder}/.{last}.{secrets.token_hex(4)}.tmp"
            write(temporary, {})
            self._fs.mv(temporary, path)

    def _parents(self, path: str) -> None:
        """Make folders, where there are any: object storage has names only."""
        if not self._is_whole:
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)

    def _options(self, name: str) -> dict[str, str]:
        """Give what S3 says of an object to those who fetch it."""
        if not self._is_s3:
            return {}
        return {"ContentType": content_type(name), "CacheControl": cache_control(name)}

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextlib.contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        """Say what storage refuses; each kind raises what its own library does."""
        try:
            yield
        except (WheelwrightError, FileExistsError, ImportError):
            raise
        except Exception as error:
            said = str(error) or type(error).__name__
            raise OutputError(
                f"{self.address} cannot be {'read' if doing == 'read' else 'written'}: {said}",
                next_step="are the address, the region and the credentials right?",
            ) from error
