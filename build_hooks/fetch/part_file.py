"""An unfinished download on disk, hashed while it grows.

It is written without buffers: whatever stops the process, the file holds a true beginning of what
was sent, and the next process goes on from there. A disk that refuses a byte leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from build_hooks.errors import OutputError
from build_hooks.fetch.cache import output_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

_CHUNK = 1 << 20


class PartFile:
    """The `.part` file of a download, open for as long as the download runs.

    Args:
        path: the file; what it already holds is kept and hashed first.
    """

    __slots__ = ("_descriptor", "_digest", "_doomed", "length", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = 0
        self._digest = hashlib.sha256()
        self._doomed = False
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Open the file and read what it holds.

        Raises:
            OutputError: it cannot be opened.
        """
        with output_errors("cannot write the download", self.path):
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.path, flags, 0o644)
            while chunk := os.read(self._descriptor, _CHUNK):
                self._digest.update(chunk)
                self.length += len(chunk)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, and remove it if it is doomed."""
        with output_errors("cannot write the download", self.path):
            os.close(self._descriptor)
            if self._doomed:
                self.path.unlink(missing_ok=True)

    def append(self, data: bytes) -> None:
        """Write and hash the next bytes.

        Args:
            data: what came.

        Raises:
            OutputError: the disk refuses them; the file will be removed.
        """
        with self._writing():
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._digest.update(data)
        self.length += len(data)

    def reset(self) -> None:
        """Forget what came so far."""
        with self._writing():
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._digest = hashlib.sha256()
        self.length = 0

    def doom(self) -> None:
        """Have the file removed when it is closed: its bytes are not what they must be."""
        self._doomed = True

    def finish(self) -> str:
        """Bring the bytes safely to disk and give their sha256.

        Raises:
            OutputError: the disk refuses them; the file will be removed.
        """
        with self._writing():
            os.fsync(self._descriptor)
        return self._digest.hexdigest()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with output_errors("cannot write the download", self.path):
                yield
        except OutputError:
            self.doom()
            raise
