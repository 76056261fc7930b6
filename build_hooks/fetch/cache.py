"""The download cache: a file is found by its sha256, and is whole or is not there.

`<root>/sha256/<first two digits>/<digest>/<file name>`, beside it `.part` (an unfinished download,
which the next one resumes), `.lock` (held while one process downloads) and `.stamp`. The stamp says
which size, modification time and inode had the right digest, so that a cached file of hundreds of
megabytes is trusted without reading it: hashing is the largest cost of a build on a warm cache.

The stamp protects from accidents, not from someone who can write the user's own cache.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from build_hooks.errors import OutputError
from build_hooks.output import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

State = Literal["good", "missing", "corrupt"]

_FOLDER = "vllm-wheelwright"
_CHUNK = 1 << 20
_SHOWN_NEXT = "free some space or choose another folder with the setting `cache`"


def cache_root(
    setting: Path | None, environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Path:
    """Say where downloads are kept.

    The user's setting, else the platform's convention: the XDG Base Directory Specification on
    Linux and other Unix, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows. A dozen lines,
    so that `platformdirs` need not be a build requirement.

    Args:
        setting: the setting `cache`.
        environment: the environment variables.
        platform: as `sys.platform`.

    Raises:
        OutputError: there is no setting and no home folder.
    """
    if setting is not None:
        return setting.absolute()
    given = environment.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    if platform == "darwin":
        given = ""
    if given and Path(given).is_absolute():  # the specification ignores relative paths
        return Path(given) / _FOLDER
    try:
        home = Path.home()
    except RuntimeError as error:
        message = f"no folder for downloads: {error}"
        raise OutputError(message, next_step="set `cache` (VLLM_WHEELWRIGHT_CACHE)") from error
    conventions = {"darwin": "Library/Caches", "win32": "AppData/Local"}
    return home / conventions.get(platform, ".cache") / _FOLDER


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one file in the cache, and what may lie beside it.

    Args:
        path: where the file is once it is whole.
        sha256: what it must hash to.
    """

    path: Path
    sha256: str

    @property
    def part(self) -> Path:
        """Give the path of an unfinished download."""
        return self._beside(".part")

    @property
    def stamp(self) -> Path:
        """Give the path of the note that says which file had the right digest."""
        return self._beside(".stamp")

    @property
    def lock(self) -> Path:
        """Give the path of the file that one process at a time holds locked."""
        return self._beside(".lock")

    def state(self, *, rehash: bool = False) -> State:
        """Say whether the file is here and is what it must be.

        Args:
            rehash: read and hash the file even if the stamp says that it is good.

        Raises:
            OutputError: the file is there and cannot be read.
        """
        with output_errors("cannot read the cached", self.path):
            try:
                status = self.path.stat()
            except FileNotFoundError:
                return "missing"
            if not rehash and self._read_stamp() == _identity(self.sha256, status):
                return "good"
            if hash_file(self.path) != self.sha256:
                return "corrupt"
        # A cache that may only be read still serves: it is then hashed every time.
        with suppress(OutputError):
            self._write_stamp()
        return "good"

    def discard(self) -> None:
        """Remove the file and all that lies beside it except the lock.

        Raises:
            OutputError: the folder may not be written.
        """
        with output_errors("cannot remove the corrupt", self.path):
            for path in (self.stamp, self.path, self.part):
                path.unlink(missing_ok=True)

    @contextmanager
    def claim(self, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep every other process from writing this slot; wait while another one does.

        The operating system releases the claim of a process that dies.

        Args:
            on_wait: called once if another process holds the claim.

        Raises:
            OutputError: the folder cannot be made, or its file system has no locks.
        """
        with output_errors("cannot write the cache folder", self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            with output_errors("cannot lock", self.lock):
                stack.enter_context(holding(self.lock, on_wait))
            yield

    def commit(self) -> Path:
        """Turn the finished and verified `.part` into the file, and stamp it.

        Raises:
            OutputError: it cannot be renamed or stamped; no half-written file is left.
        """
        with output_errors("cannot keep the download", self.path):
            self.part.replace(self.path)
        self._write_stamp()
        return self.path

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def _read_stamp(self) -> object:
        try:
            return json.loads(self.stamp.read_bytes())
        except (OSError, ValueError):  # no stamp that can be read: the file is hashed instead
            return None

    def _write_stamp(self) -> None:
        with output_errors("cannot read the cached", self.path):
            identity = _identity(self.sha256, self.path.stat())
        with replacing(self.stamp) as file:
            file.write(json.dumps(identity).encode())


@dataclass(frozen=True, slots=True)
class Cache:
    """The whole cache.

    Args:
        root: its folder; need not exist.
    """

    root: Path

    def slot(self, sha256: str, filename: str) -> Slot:
        """Give the place of a file, whether or not it is there.

        Args:
            sha256: of the file.
            filename: its name, without any folder.
        """
        return Slot(self.root / "sha256" / sha256[:2] / sha256 / filename, sha256)

    def adopt(self, path: Path, filename: str) -> Path:
        """Move a finished file whose digest only its bytes tell into its place.

        Args:
            path: the file, on the cache's own file system.
            filename: the name that it is to have.

        Raises:
            OutputError: it cannot be read or moved.
        """
        with output_errors("cannot read", path):
            slot = self.slot(hash_file(path), filename)
        with slot.claim():
            if slot.state() == "good":
                with output_errors("cannot remove", path):
                    path.unlink()
                return slot.path
            with output_errors("cannot keep the download", slot.path):
                path.replace(slot.part)
            return slot.commit()


@contextmanager
def holding(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock on a file, which is made where it is not; a process that dies lets go of it.

    Args:
        path: the file.
        on_wait: called once if another process holds the lock.

    Raises:
        OSError: the file cannot be made, or its file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(descriptor, on_wait)
        yield
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """Give the sha256 of a file, in bounded memory.

    Args:
        path: what to read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def output_errors(doing: str, path: Path) -> Iterator[None]:
    """Turn what the file system refuses into an error that says what and where.

    Args:
        doing: what was tried, as the start of a sentence that ends with the path.
        path: on what.

    Raises:
        OutputError: for every OSError inside.
    """
    try:
        yield
    except OSError as error:
        message = f"{doing} {path}: {error.strerror or error}"
        raise OutputError(message, next_step=_SHOWN_NEXT) from error


def _identity(sha256: str, status: os.stat_result) -> dict[str, str | int]:
    return {
        "sha256": sha256,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "inode": status.st_ino,
    }


if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import time

    def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
        waited = False
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError as error:
                if error.errno not in {errno.EACCES, errno.EDEADLOCK}:
                    raise
            if not waited:
                on_wait()
            waited = True
            time.sleep(0.2)

else:
    import fcntl

    def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
