"""A platform in a copy of the project that changes what no wheel holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.build_hooks.project import Project

NAME = "native"
_SET = """
from transforms.edits import PatchSet

PATCH_SET = PatchSet(name="native", summary="s", source="sdist", builds="sdist")
"""
_PATCH = """
from transforms.edits import AddModule, Patch, ReplaceText

EDITS = [{edits}]
PATCH = Patch(why="it breaks", upstream="u", drop_when="d", versions=">=0.9", edits=EDITS)
"""
_LICENSE = "ReplaceText(path='LICENSE', find='Apache', replace='The Apache')"
_PYTHON = "ReplaceText(path='vllm/__init__.py', find='vllm._version', replace='vllm .  _version')"
_HEADER = "AddModule(path='csrc/native.h')"
PATCHES = {"license_text": _LICENSE, "python": _PYTHON, "header": _HEADER}
BOTH = f"{_LICENSE}, {_PYTHON}"


def add_platform(project: Project, **patches: str) -> None:
    """Write the platform into a project.

    Args:
        project: a copy of this one.
        patches: the edits of each patch; those of `PATCHES` where none are named.
    """
    folder = project.root / "transforms" / "platforms" / NAME
    (folder / "runtime" / "csrc").mkdir(parents=True)
    (folder / "__init__.py").write_text(_SET, encoding="utf-8")
    chosen = patches or PATCHES
    for stem, edits in chosen.items():
        text = _PATCH.format(edits=edits)
        (folder / f"{stem}.py").write_text(text, encoding="utf-8")
    if any(_HEADER in edits for edits in chosen.values()):
        (folder / "runtime" / "csrc" / "native.h").write_text("// a header\n", encoding="utf-8")
