"""Checks on the edited files, after applying and before anything is shipped.

Each touched file compiles on the oldest Python that the release supports, no name has become
unbound, the calls of the rest of the tree still fit the functions that changed, native code has no
new syntax errors, and matching again finds its work done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.checks.cmake_syntax import broken_cmake
from transforms.engine.checks.compiled import uncompilable
from transforms.engine.checks.names import unbound_names
from transforms.engine.checks.native_syntax import refused_syntax
from transforms.engine.checks.settled import unsettled
from transforms.engine.checks.signatures import broken_calls
from transforms.engine.checks.touched import edited_tree, touched_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.patch import Patch
    from transforms.engine.syntax.source import Tree


def check_edited(
    files: Sequence[EditedFile],
    patches: Mapping[str, Patch],
    tree: Tree,
    release: str,
    *,
    oldest: tuple[int, int],
) -> list[str]:
    """Check what was written.

    Args:
        files: all touched files.
        patches: all patches by full name.
        tree: the pristine tree.
        release: the vLLM version of the tree.
        oldest: the oldest Python that the release supports, e.g. ``(3, 10)``.

    Returns:
        One line for each failure, those of one kind together and ordered; empty where all is well.
    """
    modules = touched_modules(files, oldest)
    return [
        *uncompilable(modules, oldest),
        *broken_cmake(files),
        *unbound_names(modules, oldest),
        *broken_calls(modules, edited_tree(files, tree)),
        *refused_syntax(files),
        *unsettled(files, patches, tree, release, modules),
    ]
