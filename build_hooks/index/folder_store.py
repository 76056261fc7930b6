"""An index in a folder: temporary names and renames, and a lock that the kernel takes back."""

from __future__ import annotations

import contextlib
import shutil
import time
from functools import partial
from typing import TYPE_CHECKING

from build_hooks.errors import OutputError
from build_hooks.fetch.cache import hash_file, holding
from build_hooks.output import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

# What a writer that was killed left behind; nobody writes one file for longer.
_ABANDONED = 24 * 3600
_CHUNK = 1 << 20


class FolderStore:
    """The files below a folder; hidden ones are nobody's business.

    Args:
        root: the folder; need not exist.
    """

    def __init__(self, root: Path) -> None:
        self.address = str(root)
        self._root = root

    def names(self, prefix: str = "") -> dict[str, int]:
        """Give the names below a prefix that ends with a slash, with their sizes in bytes."""
        found = {}
        with self._errors():
            for path in sorted((self._root / prefix).rglob("*")):
                parts = path.relative_to(self._root).parts
                if not any(part.startswith(".") for part in parts) and path.is_file():
                    found["/".join(parts)] = path.stat().st_size
        return found

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Give the bytes of those files that are there."""
        found = {}
        for name in names:
            with self._errors(), contextlib.suppress(FileNotFoundError, NotADirectoryError):
                found[name] = (self._root / name).read_bytes()
        return found

    def digest(self, name: str) -> str:
        """Give the sha256 of a file that is there, in bounded memory."""
        with self._errors():
            return hash_file(self._root / name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of a file that is there, piece by piece."""
        with self._errors(), (self._root / name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def write(self, name: str, data: bytes) -> None:
        """Write a file, or take the place of an old one at once."""
        with replacing(self._root / name) as file:
            file.write(data)

    def send(self, name: str, path: Path) -> None:
        """Write a file of this machine; large ones too."""
        with replacing(self._root / name) as file, path.open("rb") as source:
            shutil.copyfileobj(source, file, _CHUNK)

    def create(self, name: str, data: bytes) -> bool:
        """Write a file that is not there; inside of `claim`, where nobody else writes it."""
        if (self._root / name).exists():
            return False
        self.write(name, data)
        return True

    @contextlib.contextmanager
    def claim(self, on_wait: Callable[[str], None]) -> Iterator[Callable[[], None]]:
        """Keep other writers from entries and pages; a process that dies holds it no longer."""
        lock = self._root / ".writer.lock"
        with contextlib.ExitStack() as stack:
            with self._errors():
                self._root.mkdir(parents=True, exist_ok=True)
                waiting = partial(on_wait, f"another process holds {lock}")
                stack.enter_context(holding(lock, waiting))
                self._sweep()
            yield lambda: None

    def _sweep(self) -> None:
        """Remove temporary files of writers that were killed."""
        old = time.time() - _ABANDONED
        for path in self._root.rglob(".*.tmp"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what the file system refuses, and where."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            raise
        except OSError as error:
            raise OutputError(
                f"{self.address} cannot be used: {error.strerror or error}",
                next_step="is it a folder that you may read and write?",
            ) from error
