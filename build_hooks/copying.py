"""Append a range of one file to another, inside the kernel where it can.

`os.copy_file_range`, by which `cp` copies, is half as fast again where source and target don't lie
alike in their blocks, as they cannot behind the first changed member of a wheel (0.13 against
0.08 s of CPU for 336 MB on ext4): it passes 64 KiB at a time. The same way through a pipe of 1 MiB
costs what `cp` does.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING

from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from typing import BinaryIO

# What stays in a processor's cache between reading and writing.
CHUNK = 1 << 17
# What any user may ask for (pipe(7)).
_PIPE = 1 << 20
# What file systems and kernels say that cannot: the bytes are then copied through memory.
UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF})


def copy_range(source: BinaryIO, target: BinaryIO, start: int, length: int) -> None:
    """Append a range of one file to another.

    Args:
        source: where to read.
        target: where to write, at its position.
        start: where the range begins in the source.
        length: its length in bytes.

    Raises:
        ArtifactError: the source has become shorter.
        OSError: the target cannot be written.
    """
    done = _in_kernel(source, target, start, length) if length > CHUNK else 0
    source.seek(start + done)
    while done < length:
        data = source.read(min(CHUNK, length - done))
        if not data:
            raise ArtifactError(f"{source.name} has become shorter while it was copied")
        target.write(data)
        done += len(data)


def _in_kernel(source: BinaryIO, target: BinaryIO, start: int, length: int) -> int:
    """Copy as much as can be without reading it; give how much that was."""
    if sys.platform != "linux":
        return 0
    try:
        files = source.fileno(), target.fileno()
    except io.UnsupportedOperation:  # they are in memory
        return 0
    target.flush()
    pipe = os.pipe()
    try:
        return _through_pipe(files, pipe, start, length)
    finally:
        for end in pipe:
            os.close(end)


if sys.platform == "linux":
    import fcntl

    def _through_pipe(
        files: tuple[int, int], pipe: tuple[int, int], start: int, length: int
    ) -> int:
        done = 0
        try:
            fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, _PIPE)
            while done < length:
                wanted = min(_PIPE, length - done)
                taken = os.splice(files[0], pipe[1], wanted, offset_src=start + done)
                if not taken:
                    break
                while taken:
                    given = os.splice(pipe[0], files[1], taken)
                    taken -= given
                    done += given
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
        return done
