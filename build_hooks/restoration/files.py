"""Upstream's bytes of every changed file, from a patched build and its own diffs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from build_hooks.errors import IntegrityError
from build_hooks.inspection import open_output
from build_hooks.verification.description import diffs_of
from build_hooks.verification.reversal import DiffError, taken_back
from build_hooks.verification.sdist import verify_sdist
from build_hooks.verification.upstream import find_upstream
from build_hooks.verification.wheel import verify_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from build_hooks.settings import Settings

_NEXT = "nothing was written; install or build it anew"


def files_in(path: Path, settings: Settings) -> tuple[dict[str, Any], dict[str, bytes | None]]:
    """Give what upstream has in place of what a wheel or sdist changes.

    It is verified before, and held against upstream's own file where the cache has that.

    Args:
        path: the wheel or sdist.
        settings: where the cache is.

    Returns:
        Its manifest, and upstream's bytes by path; None for files that the build has added.

    Raises:
        ArtifactError: it is not usable.
        IntegrityError: it is not as it was built.
    """
    verify = verify_wheel if path.suffix == ".whl" else verify_sdist
    manifest, problems, _ = verify(path, lambda found: find_upstream(found, settings))
    refuse([f"{item.path} {item.problem}" for item in problems], path.name)
    tree = open_output(path)
    files = {file["path"]: tree.read(file["path"]) for file in manifest["files"]}
    return manifest, upstream_files(manifest, diffs_of(tree, manifest), files, path.name)


def upstream_files(
    manifest: Mapping[str, Any],
    diffs: Mapping[str, bytes],
    files: Mapping[str, bytes],
    what: str,
) -> dict[str, bytes | None]:
    """Take all diffs back, last first, and hold the result against upstream's hashes.

    Args:
        manifest: what the build says of itself.
        diffs: its diffs by the full names of their patches, in the order in which they apply.
        files: the files that it has changed or added, as it has them.
        what: its name, for messages.

    Returns:
        Upstream's bytes by path; None for files that the build has added.

    Raises:
        IntegrityError: the diffs do not lead back to upstream's bytes.
    """
    before: dict[str, bytes | None] = dict(files)
    problems = []
    for name, diff in reversed([*diffs.items()]):
        there = {path: data for path, data in before.items() if data is not None}
        try:
            before.update(taken_back(diff, there))
        except DiffError as error:
            problems.append(f"{name}.diff {error}")
    if not problems:
        wanted = {file["path"]: file["sha256_before"] for file in manifest["files"]}
        problems = [
            f"{path} is not upstream's when its diffs are taken back"
            for path, data in before.items()
            if (None if data is None else hashlib.sha256(data).hexdigest()) != wanted[path]
        ]
    refuse(problems, what)
    return before


def refuse(problems: Iterable[str], what: str) -> None:
    """Refuse to restore what is not as it was built.

    Args:
        problems: what is wrong, a line each; where there are none, nothing happens.
        what: the name of what is restored.

    Raises:
        IntegrityError: there are problems.
    """
    found = list(problems)
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise IntegrityError(f"{what} is not as it was built:\n{lines}", next_step=_NEXT)
