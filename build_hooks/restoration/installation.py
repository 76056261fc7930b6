"""Give an installed vLLM upstream's files back, in place: all of them, or none."""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from build_hooks.errors import IntegrityError, OutputError
from build_hooks.manifest import FOLDER, IN_PACKAGE, MANIFEST, WHEEL_SBOM
from build_hooks.output import write_all
from build_hooks.record import row_of
from build_hooks.restoration.files import refuse, upstream_files
from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_CACHE = "__pycache__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An installed wheel that this project built.

    Attributes:
        site: the folder that it is installed in.
        info: its `.dist-info` folder.
        manifest: what it says of itself.
    """

    site: Path
    info: Path
    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What restoring did.

    Attributes:
        files: the files that are upstream's again.
        removed: the files that upstream does not have, and that are gone.
    """

    files: tuple[str, ...]
    removed: tuple[str, ...]


def find_installation(package: Path) -> Installation:
    """Read what the installed package says of itself.

    Args:
        package: its folder.

    Raises:
        IntegrityError: it is none that can be restored.
    """
    site = package.parent
    if (site / IN_PACKAGE).is_file():
        raise IntegrityError(
            f"the vllm in {site} was compiled from a patched sdist, and holds no diffs",
            next_step="restore the sdist that it was compiled from: restore SDIST -o DIR",
        )
    found = sorted(site.glob(f"*.dist-info/{MANIFEST}"))
    if len(found) != 1:
        names = ", ".join(path.parent.parent.name for path in found) or "none"
        raise IntegrityError(
            f"expected one vllm with a manifest in {site}, found {names}",
            next_step="install a wheel that this project built, alone",
        )
    try:
        manifest: Any = json.loads(found[0].read_bytes())
        files = [(str(file["path"]), file["sha256_after"]) for file in manifest["files"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IntegrityError(f"{found[0]} cannot be read: {error}") from error
    for path, _ in files:
        if not (site / path).resolve().is_relative_to(package.resolve()):
            raise IntegrityError(f"{found[0]} names {path}, which is not in the package")
    return Installation(site=site, info=found[0].parent.parent, manifest=manifest)


def restore_installation(installation: Installation) -> Restored:
    """Put upstream's bytes in the place of every changed file, and remove what was added.

    New bytes are written beside the old ones and renamed, so that links to an installer's cache
    are not written through. Byte code of these files goes, and so does what the build says of
    itself. RECORD is brought up to date. What an interrupted run left can be restored again.

    Args:
        installation: the installation.

    Raises:
        IntegrityError: a file was edited since, or a diff was; nothing is changed.
        OutputError: a file cannot be written.
    """
    site, info = installation.site, installation.info
    before = _upstreams(installation)
    changed = {site / path: data for path, data in before.items() if data is not None}
    added = [site / path for path, data in before.items() if data is None]
    own = [path for path in _own(info) if path.is_file()]
    stale = sorted({path for file in (*changed, *added) for path in _byte_code(file)})
    gone = [*added, *stale, *own]
    record = info / "RECORD"
    rows = _record(installation, set(gone), changed)
    for folder in sorted({path.parent for path in (*changed, *gone, record) if path.exists()}):
        if not os.access(folder, os.W_OK):
            raise OutputError(
                f"{folder} is read-only", next_step="nothing was written; run as its owner"
            )
    write_all({**changed, record: rows})
    # The manifest goes last: it says how to go on after an interruption.
    for path in gone:
        path.unlink(missing_ok=True)
    _remove_empty({path.parent for path in gone}, site)
    return Restored(
        files=tuple(sorted(path for path, data in before.items() if data is not None)),
        removed=tuple(sorted(path for path, data in before.items() if data is None)),
    )


def _upstreams(installation: Installation) -> dict[str, bytes | None]:
    """Give upstream's bytes by path; None for what upstream does not have.

    Each file is as it was built or, where an earlier run was interrupted, upstream's already.
    """
    manifest, site = installation.manifest, installation.site
    files: dict[str, bytes] = {}
    done: dict[str, bytes | None] = {}
    problems = []
    for file in manifest["files"]:
        path = file["path"]
        try:
            data = (site / path).read_bytes()
        except FileNotFoundError:
            if file["sha256_before"] is not None:
                problems.append(f"{path} is missing")
            done[path] = None
            continue
        digest = hashlib.sha256(data).hexdigest()
        if digest == file["sha256_after"]:
            files[path] = data
        elif digest == file["sha256_before"]:
            done[path] = data
        else:
            problems.append(f"{path} was edited since")
    what = f"the vllm in {site}"
    refuse(problems, what)
    diffs = {name: _of_others(diff, done) for name, diff in _diffs(installation).items()}
    return {**done, **upstream_files(manifest, diffs, files, what)}


def _diffs(installation: Installation) -> dict[str, bytes]:
    """Give the diffs by the full names of their patches, in the order in which they apply."""
    patches = installation.manifest["patches"]
    names = [item["name"] for item in patches if item["outcome"] == "applied"]
    paths = {name: installation.info / FOLDER / f"{name}.diff" for name in (*names, NOTICE)}
    missing = [f"{path} is missing" for path in paths.values() if not path.is_file()]
    refuse(missing, f"the vllm in {installation.site}")
    return {name: path.read_bytes() for name, path in paths.items()}


def _of_others(diff: bytes, paths: Iterable[str]) -> bytes:
    """Leave some files out of a diff."""
    heads = tuple(f"diff --git a/{path} b/{path}\n".encode() for path in paths)
    parts = re.split(rb"^(?=diff --git )", diff, flags=re.MULTILINE)
    return b"".join(part for part in parts if not (heads and part.startswith(heads)))


def _own(info: Path) -> list[Path]:
    """Give the files by which the build describes itself, the manifest last."""
    listed = [path for path in sorted((info / FOLDER).rglob("*")) if path.is_file()]
    listed.sort(key=lambda path: path == info / MANIFEST)
    return [info / WHEEL_SBOM, *listed]


def _byte_code(file: Path) -> Iterator[Path]:
    """Give the byte code that interpreters have compiled of a module."""
    if file.suffix == ".py":
        yield from (file.parent / _CACHE).glob(f"{glob.escape(file.stem)}.*.pyc")


def _record(installation: Installation, gone: set[Path], changed: Mapping[Path, bytes]) -> bytes:
    """Give RECORD as it is for what is left."""
    record = installation.info / "RECORD"
    try:
        with record.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise IntegrityError(f"{record} cannot be read: {error}") from error
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        path = installation.site / row[0]
        if path in changed:
            new = row_of(changed[path])
            writer.writerow([row[0], new.digest, str(new.size)])
        elif path not in gone:
            writer.writerow(row)
    return text.getvalue().encode()


def _remove_empty(folders: Iterable[Path], site: Path) -> None:
    """Remove folders in which nothing is left, and those above them."""
    for folder in folders:
        for each in (folder, *folder.parents):
            if each == site or not each.is_dir() or any(each.iterdir()):
                break
            each.rmdir()
