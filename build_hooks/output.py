"""Write results so that nobody ever sees half of one: a temporary name, then a rename."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from typing import TYPE_CHECKING, BinaryIO

from build_hooks.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `target` when the block ends well.

    Whatever ends the block otherwise (an error, a full disk, Ctrl-C) leaves the old file, or none.

    Args:
        target: the file to write; its folder is made where it does not exist.

    Raises:
        OutputError: the folder cannot be written, or there is no space.
    """
    # The name is chosen before the file exists, so that no signal can come between the two.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        with contextlib.suppress(NotADirectoryError):
            temporary.unlink(missing_ok=True)


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write several files, all of them or none.

    Args:
        files: what goes into each; none of them exists.

    Raises:
        OutputError: one of them cannot be written.
    """
    with contextlib.ExitStack() as stack:
        for path, data in files.items():
            stack.enter_context(replacing(path)).write(data)


def require_writable(path: Path) -> None:
    """Refuse a target before the work is done, not behind it.

    Raises:
        OutputError: its folder is missing or read-only, or it is a folder itself.
    """
    reason = ""
    if not path.parent.is_dir():
        reason = f"there is no folder {path.parent}"
    elif path.is_dir():
        reason = "it is a folder"
    elif not os.access(path.parent, os.W_OK):
        reason = f"the folder {path.parent} is read-only"
    if reason:
        raise OutputError(f"{path} cannot be written: {reason}", next_step="choose another path")


def _failed(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    if isinstance(error, FileExistsError):
        reason = "its folder is a file"
    return OutputError(
        f"{target} cannot be written: {reason}",
        next_step="free space or choose another folder; nothing was left half-written",
    )
