"""The two trees of a release that are compiled: upstream's own, and the patched one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.pipeline import compile_patches
from build_hooks.shipping import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from build_hooks.pipeline import Plan


@dataclass(frozen=True, slots=True)
class Trees:
    """The packages of a release.

    Attributes:
        before: upstream's own.
        after: with every patch of the plan.
    """

    before: Path
    after: Path


def write_trees(plan: Plan, folder: Path) -> Trees:
    """Write the Python of both trees below a folder.

    Args:
        plan: the release and the patches.
        folder: where they go; `before` and `after` are made in it.

    Raises:
        PatchFailureError: a patch is neither applied nor excluded, or a check failed.
    """
    changed = {file.path: file.after for file in compile_patches(plan).files}
    stock = {
        path: plan.artifact.read(path)
        for path in plan.artifact
        if path.startswith(PACKAGE) and path.endswith(".py")
    }
    return Trees(
        before=_write(stock, folder / "before"), after=_write(stock | changed, folder / "after")
    )


def _write(files: Mapping[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        if path.startswith(PACKAGE) and path.endswith(".py"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return folder / PACKAGE.rstrip("/")
