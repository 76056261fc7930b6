"""Compare two wheels or two sdists that should be the same bytes, and say where they are not."""

from __future__ import annotations

import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.inspection import Problem, described_in, in_order, open_output, read_manifest
from build_hooks.manifest import FOLDER
from build_hooks.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from build_hooks.artifact.sdist import SdistTree
    from build_hooks.artifact.wheel import WheelTree

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """In what two files differ.

    Attributes:
        same: whether they are the same bytes.
        differences: the members that differ, and how; never empty where the bytes do.
        patches: the patches that do something else in one than in the other, by name.
    """

    same: bool
    differences: tuple[Problem, ...] = ()
    patches: tuple[str, ...] = ()


def compare(built: Path, rebuilt: Path) -> Compared:
    """Compare what was built with what was rebuilt.

    Args:
        built: the older wheel or sdist.
        rebuilt: the newer one.

    Raises:
        ArtifactError: one of them is no usable archive.
    """
    if _same_bytes(built, rebuilt):
        return Compared(same=True)
    before, after = open_output(built), open_output(rebuilt)
    found = in_order(_members(before, after)) or [*_archives(built, rebuilt)]
    return Compared(
        same=False,
        differences=tuple(found),
        patches=tuple(sorted(_patches(before, after))),
    )


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while chunk := left.read(_CHUNK):
            if chunk != right.read(_CHUNK):
                return False
    return True


def _members(before: WheelTree | SdistTree, after: WheelTree | SdistTree) -> Iterator[Problem]:
    for path in {*before, *after}:
        if path not in after:
            yield Problem(path=path, problem="is not in what was rebuilt")
        elif path not in before:
            yield Problem(path=path, problem="is only in what was rebuilt")
        elif before.read(path) != after.read(path):
            yield Problem(path=path, problem="differs")
        elif before.is_executable(path) != after.is_executable(path):
            yield Problem(path=path, problem="has another mode")


def _patches(before: WheelTree | SdistTree, after: WheelTree | SdistTree) -> Iterator[str]:
    """Name the patches whose diffs add or remove something else.

    What stands around that is other patches' doing, and so is the digest, which one of them writes.
    """
    folder = f"{described_in(before)}{FOLDER}/"
    for path in {*before, *after}:
        if path.startswith(folder) and path.endswith(".diff"):
            done = [_does(tree, path) if path in tree else None for tree in (before, after)]
            if done[0] != done[1]:
                yield path.removeprefix(folder).removesuffix(".diff")


def _does(tree: WheelTree | SdistTree, path: str) -> list[bytes]:
    digest = str(read_manifest(tree)["digest"]).encode()
    lines = tree.read(path).replace(digest, b"").splitlines()
    return [line for line in lines if line[:1] in (b"+", b"-")]


def _archives(built: Path, rebuilt: Path) -> Iterator[Problem]:
    """Say how two archives differ whose members hold the same bytes."""
    headers = _headers(built), _headers(rebuilt)
    names = [[name for name, _ in found] for found in headers]
    if names[0] != names[1]:
        yield Problem(path=built.name, problem="has its members in another order")
        return
    changed: dict[str, list[str]] = {}
    for (name, one), (_, other) in zip(*headers, strict=True):
        for key in one:
            if one[key] != other[key]:
                changed.setdefault(key, []).append(name)
    for key, members in changed.items():
        count = counted(len(members), "member")
        yield Problem(path=members[0], problem=f"has another {key}, of {count} that do")
    if not changed:
        yield Problem(path=built.name, problem="holds the same members, compressed otherwise")


def _headers(path: Path) -> list[tuple[str, dict[str, object]]]:
    """Give what an archive says of each member beside its bytes, in the archive's order."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return [(info.filename, _of_zip(info)) for info in wheel.infolist()]
    with tarfile.open(path) as sdist:
        return [(info.name, _of_tar(info)) for info in sdist]


def _of_zip(info: zipfile.ZipInfo) -> dict[str, object]:
    return {
        "time": info.date_time,
        "mode": info.external_attr,
        "compressed size": info.compress_size,
        "place": info.header_offset,
    }


def _of_tar(info: tarfile.TarInfo) -> dict[str, object]:
    return {
        "time": info.mtime,
        "mode": info.mode,
        "kind": (info.type, info.linkname),
        "owner": (info.uid, info.gid, info.uname, info.gname),
    }


def shown(differences: Iterable[Problem], limit: int) -> list[str]:
    """Give the lines that name members that differ, `limit` of them at most."""
    lines = [f"{item.path} {item.problem}" for item in differences]
    more = len(lines) - limit
    return [*lines[:limit], f"... and {more} more: --json names all"] if more > 0 else lines
