"""Write results so that nobody ever sees half of one: a temporary name, then a rename."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from build_hooks.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE_MODE = 0o666


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `target` when the block ends well.

    Whatever ends the block otherwise (an error, a full disk, Ctrl-C) leaves the old file, or none.

    Args:
        target: the file to write; its folder is made where it does not exist.

    Raises:
        OutputError: the folder cannot be written, or there is no space.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _failed(target, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        _publish(temporary, target)
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _publish(temporary: Path, target: Path) -> None:
    # `mkstemp` makes private files; a new one has the mode that the user's umask asks for.
    if target.exists():
        shutil.copymode(target, temporary)
    else:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(_FILE_MODE & ~mask)
    temporary.replace(target)


def _failed(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    if isinstance(error, FileExistsError):
        reason = "its folder is a file"
    return OutputError(
        f"{target} cannot be written: {reason}",
        next_step="free space or choose another folder; nothing was left half-written",
    )
