"""Load patch modules from any folder, not only from that of a platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.platforms import RAISED, PatchModuleError
from transforms.engine.patch import Patch, bind_runtime

if TYPE_CHECKING:
    from pathlib import Path

# What is left for the author: a patch is tried before anybody has filled it in.
_EMPTY = re.compile(r'^    (why|upstream|drop_when)="",  # ', re.MULTILINE)


def patch_of(text: str, where: str, *, tried: bool = False) -> Patch:
    """Run a patch module, and give its patch.

    Args:
        text: the module.
        where: how messages call it.
        tried: fields that are left for the author count as filled in.

    Raises:
        PatchModuleError: it raises, or declares no patch.
    """
    text = _EMPTY.sub(r'    \1="only tried",  # ', text) if tried else text
    names: dict[str, object] = {"__name__": where.removesuffix(".py"), "__file__": where}
    try:
        exec(compile(text, where, "exec"), names)  # noqa: S102 - patches are code of the user's
    except RAISED as error:
        raise PatchModuleError(
            f"{where} cannot be loaded: {type(error).__name__}: {error}",
            next_step="correct it there",
        ) from error
    patch = names.get("PATCH")
    if not isinstance(patch, Patch):
        raise PatchModuleError(f"{where} declares no PATCH")
    return patch


def load_folder(folder: Path) -> dict[str, Patch]:
    """Load all patches of a folder, with the files that they add.

    Args:
        folder: patch modules, and `runtime/` with what they add, as the importers write them.

    Raises:
        UsageError: it is no folder, or holds no patch.
        PatchModuleError: a module of it raises, or a file that it adds is not there.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    paths = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    if not paths:
        raise UsageError(f"{folder} holds no patch", next_step="name what an importer wrote")
    patches = {
        path.stem: patch_of(path.read_text(encoding="utf-8"), str(path), tried=True)
        for path in paths
    }
    runtime = folder / "runtime"
    files = {
        path.relative_to(runtime).as_posix(): path.read_bytes()
        for path in sorted(runtime.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    try:
        return bind_runtime(patches, files)
    except ValueError as error:
        raise PatchModuleError(f"{folder}: {error}") from error
