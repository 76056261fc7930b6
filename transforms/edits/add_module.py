"""Add a whole file to the tree, e.g. `AddModule(path="vllm/wheelwright.py")`.

The file's text stands in the platform's folder `runtime/`, below the same path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, check_path
from transforms.engine.outcome import Problem, Status
from transforms.engine.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModule:
    """The tree gains a file that upstream does not have.

    Attributes:
        path: where the file goes, relative to the root of the tree.
        data: the file's bytes; filled in from `runtime/` when the platform is loaded.
        shared: other patches may add the very same file, which is then written once.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        ValueError: `path` is not inside of the tree.
    """

    path: str
    data: bytes = b""
    shared: bool = False
    versions: str = ""

    def __post_init__(self) -> None:
        """Refuse a path that is not inside of the tree."""
        check_path(self.path)

    def bind(self, runtime: Mapping[str, bytes]) -> AddModule:
        """Take the file's bytes from the platform's runtime files.

        Raises:
            ValueError: there is no such runtime file.
        """
        if self.path not in runtime:
            raise ValueError(f"runtime/{self.path} does not exist")
        return replace(self, data=runtime[self.path])

    def paths(self, tree: Tree) -> tuple[str, ...]:  # noqa: ARG002
        """Give the path of the new file."""
        return (self.path,)

    def match(self, source: Source, tree: Tree) -> Found:
        """Make the new file, unless upstream has one of that name."""
        if self.path not in tree:
            site = Site(
                path=self.path,
                start=0,
                end=0,
                replacement=self.data,
                line=1,
                adds_file=True,
                shared=self.shared,
            )
            return Found(sites=(site,))
        same = source.data == self.data
        status = Status.OBSOLETE if same else Status.DRIFTED
        reason = "the file is already there" if same else "this release has such a file of its own"
        return Found(problem=Problem(status=status, reason=reason, path=self.path))
