"""Write a series of commits as a new git repository, whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from typing import TYPE_CHECKING

from build_hooks.errors import OutputError, UsageError
from build_hooks.repository.git import git, git_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from build_hooks.repository.series import Commit

BRANCH = "wheelwright"
_AUTHOR = "vllm-wheelwright <vllm-wheelwright@localhost>"
# Bytes stay as they are, whatever upstream's own .gitattributes ask for.
_ATTRIBUTES = "* -text -ident -filter -working-tree-encoding\n"


def require_new(folder: Path) -> None:
    """Refuse a folder that holds anything, so that nobody's work is lost.

    Raises:
        UsageError: the folder is not empty; says whether it holds changes of its own.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file", next_step="name a new folder")
    if not any(folder.iterdir()):
        return
    if (folder / ".git").exists():
        code, output = git_code(folder, "status", "--porcelain")
        changes = [] if code else output.decode(errors="replace").splitlines()
        if changes:
            raise UsageError(
                f"{folder} has changes that are in no commit: {len(changes)}, the first of them "
                f"{changes[0].strip()!r}",
                next_step="turn them into patches with `capture`, or name a new folder",
            )
    raise UsageError(f"{folder} is not empty", next_step="name a new folder, or remove it")


def write_repository(
    folder: Path,
    commits: Iterable[Commit],
    *,
    timestamp: int,
    is_executable: Callable[[str], bool],
) -> list[str]:
    """Write commits as a repository with a checked-out working tree.

    The same commits give the same commit ids, everywhere and at any time.

    Args:
        folder: where it goes; absent or empty.
        commits: in order.
        timestamp: the time of every commit, in seconds since 1970 UTC.
        is_executable: tells of a path whether the file may be executed.

    Returns:
        The subject of each commit.

    Raises:
        UsageError: the folder holds something, or git is not installed.
        OutputError: it cannot be written; nothing is left behind.
    """
    require_new(folder)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    subjects: list[str] = []
    try:
        temporary.mkdir(parents=True)
        git(temporary, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
        for name, value in (("core.autocrlf", "false"), ("core.fileMode", "true")):
            git(temporary, "config", name, value)
        info = temporary / ".git" / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text(_ATTRIBUTES, encoding="utf-8")
        stream = b"".join(_stream(commits, timestamp, is_executable, subjects))
        git(temporary, "fast-import", "--quiet", data=stream)
        git(temporary, "reset", "--quiet", "--hard", BRANCH)
        if folder.exists():
            folder.rmdir()
        temporary.replace(folder)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {error.strerror or error}",
            next_step="free space or choose another folder; nothing was left half-written",
        ) from error
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)
    return subjects


def _stream(
    commits: Iterable[Commit],
    timestamp: int,
    is_executable: Callable[[str], bool],
    subjects: list[str],
) -> Iterator[bytes]:
    """Write commits as `git fast-import` reads them (its manual page is the format)."""
    for commit in commits:
        subjects.append(commit.message.partition("\n")[0])
        yield f"commit refs/heads/{BRANCH}\n".encode()
        yield f"committer {_AUTHOR} {timestamp} +0000\n".encode()
        yield _data(commit.message.encode())
        for path, data in commit.files.items():
            mode = "100755" if is_executable(path) else "100644"
            yield f"M {mode} inline {_quoted(path)}\n".encode()
            yield _data(data)
        yield b"\n"


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _data(data: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(data), data)
