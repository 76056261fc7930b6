"""Read what somebody edited by hand in a repository that `apply` wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.repository.git import git, git_code
from build_hooks.repository.series import ARTIFACT, ONLY, PATCH, PLATFORMS, RELEASE, SKIP

if TYPE_CHECKING:
    from pathlib import Path

_TRAILERS = (RELEASE, PLATFORMS, PATCH, ARTIFACT, ONLY, SKIP)
_FORMAT = "%x01".join(
    ["%H", *(f"%(trailers:key={key},valueonly,separator=%x2C)" for key in _TRAILERS)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPath:
    """One file that was edited.

    Attributes:
        path: where it is in the tree.
        upstream: its bytes as upstream ships it; None for a new file.
        patched: its bytes after the patches of the series; None for a new file.
        edited: its bytes in the working tree.
    """

    path: str
    upstream: bytes | None
    patched: bytes | None
    edited: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedTree:
    """What a repository was made from, and what was edited in it since.

    Attributes:
        release: the vLLM version.
        artifact: the name of the file or folder that upstream's files are from.
        platforms: the platforms whose patches it holds.
        only: the patches that alone were asked for.
        skip: the patches that were left out.
        patches: their names, in order.
        files: the edited files, ordered by path; at least one.
    """

    release: str
    artifact: str
    platforms: tuple[str, ...]
    only: tuple[str, ...]
    skip: tuple[str, ...]
    patches: tuple[str, ...]
    files: tuple[EditedPath, ...]


def read_edited(folder: Path) -> EditedTree:
    """Find what was edited since the last commit that `apply` wrote, committed or not.

    Args:
        folder: the repository.

    Raises:
        UsageError: it is no such repository, nothing was edited, or something was done that no
            edit can say: a file was deleted, made executable or replaced by a link, or a merge
            has not been finished.
    """
    series = _read_series(folder)
    paths = _edited(folder, series)
    if not paths:
        raise UsageError(f"nothing was edited in {folder} since the last commit that `apply` wrote")
    return EditedTree(
        release=series.release,
        artifact=series.artifact,
        platforms=series.platforms,
        only=series.only,
        skip=series.skip,
        patches=series.patches,
        files=tuple(
            EditedPath(
                path=path,
                upstream=_blob(folder, series.upstream, path),
                patched=_blob(folder, series.last, path),
                edited=_working(folder, path),
            )
            for path in paths
        ),
    )


def edited_since(folder: Path) -> list[str]:
    """Give the paths of what was edited since the last commit that `apply` wrote, in their order.

    Args:
        folder: the repository.

    Raises:
        UsageError: as for `read_edited`; that nothing was edited is no error.
    """
    return _edited(folder, _read_series(folder))


def _edited(folder: Path, series: _Series) -> list[str]:
    unmerged = git(folder, "diff", "--name-only", "--diff-filter=U").decode().split()
    if unmerged:
        raise UsageError(f"{folder} has a merge in progress: {', '.join(unmerged)}")
    raw = git(folder, "diff", "--raw", "-z", "--no-renames", "--no-abbrev", series.last).decode()
    fields = raw.split("\0")[:-1]
    changed = [_changed(folder, *pair) for pair in zip(fields[::2], fields[1::2], strict=True)]
    added = git(folder, "ls-files", "-z", "--others", "--exclude-standard").decode()
    return sorted({*changed, *added.split("\0")[:-1]})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What `apply` wrote: upstream's commit, the last one, and what their trailers say."""

    upstream: str
    last: str
    release: str
    artifact: str
    platforms: tuple[str, ...]
    only: tuple[str, ...]
    skip: tuple[str, ...]
    patches: tuple[str, ...]


def _read_series(folder: Path) -> _Series:
    """Find upstream's commit and the last one that `apply` wrote, by their trailers."""
    code, output = git_code(folder, "log", "--reverse", f"--format={_FORMAT}")
    rows = [] if code else [line.split("\1") for line in output.decode().splitlines() if line]
    upstream = next((row for row in rows if row[1]), None)
    if upstream is None or not (folder / ".git").exists():
        raise UsageError(
            f"{folder} is not a repository that `apply` wrote", next_step="run `apply` first"
        )
    series = [row for row in rows if row[3]]
    return _Series(
        upstream=upstream[0],
        last=(series or [upstream])[-1][0],
        release=upstream[1],
        artifact=upstream[4].partition(" sha256:")[0],
        platforms=_names(upstream[2]),
        only=_names(upstream[5]),
        skip=_names(upstream[6]),
        patches=tuple(row[3] for row in series),
    )


def _names(joined: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in joined.split(",") if part.strip())


def _changed(folder: Path, status: str, path: str) -> str:
    """Refuse what no edit can say; `status` is `:old_mode new_mode old new letter` (git-diff)."""
    old_mode, new_mode, *_, letter = status.removeprefix(":").split()
    if letter == "D":
        raise UsageError(
            f"{path} was deleted in {folder}: no edit deletes a file",
            next_step="restore it, and change what uses it instead",
        )
    if letter == "T" or (letter == "M" and old_mode != new_mode):
        raise UsageError(
            f"{path} has another mode in {folder}: {new_mode}, it was {old_mode}",
            next_step="restore it: edits change contents only",
        )
    return path


def _blob(folder: Path, commit: str, path: str) -> bytes | None:
    code, output = git_code(folder, "cat-file", "blob", f"{commit}:{path}")
    return None if code else output


def _working(folder: Path, path: str) -> bytes:
    file = folder / path
    if file.is_symlink():
        raise UsageError(f"{path} is a link in {folder}: a wheel holds files only")
    return file.read_bytes()
