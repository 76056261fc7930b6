# SPDX-License-Identifier: Apache-2.0
"""Write results whole or not at all: to temporary names first, which are renamed at the end."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .failure import UnwritableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def whole_files(folder: Path, names: Iterable[str], *, force: bool) -> Iterator[dict[str, Path]]:
    """Give a temporary path for each file, and put all in their places when the block has ended.

    Where the block raises, no file is written and what was there stays.

    Args:
        folder: where the files go; it is made if it is not there.
        names: the files' names.
        force: replace files that are there.

    Raises:
        UsageError: a file is there already, and `force` is not given.
        UnwritableError: the folder or a file cannot be written.
    """
    names = list(names)
    there = [name for name in names if (folder / name).exists()]
    if there and not force:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise UsageError(
            f"{folder / there[0]}{more} would be overwritten", next_step="--force replaces them"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".wheelwright-", dir=folder) as temporary:
            paths = {name: Path(temporary) / name for name in names}
            yield paths
            for name, path in paths.items():
                path.replace(folder / name)
    except OSError as error:
        place = error.filename or folder
        raise UnwritableError(f"{place} cannot be written: {error.strerror or error}") from error


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[Path]:
    """Do for one file what `whole_files` does for several."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", next_step="name a file")
    with whole_files(path.parent, [path.name], force=force) as paths:
        yield paths[path.name]
