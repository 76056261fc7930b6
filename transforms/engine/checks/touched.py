"""The touched files as the checks see them: before and after, and where one is in the other."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from transforms.engine.apply import NOTICE
from transforms.engine.syntax.source import Source, SourceError, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True)
class Change:
    """What one site made of one place.

    Attributes:
        patch: the full name of the patch.
        old: the bytes of the pristine file that were replaced.
        new: the bytes of the edited file that took their place.
    """

    patch: str
    old: Span
    new: Span


@dataclass(frozen=True)
class Touched:
    """A Python module that patches changed or added.

    Attributes:
        file: the module before and after.
        oldest: the oldest Python that it must compile on.
        before: the pristine module; empty for an added one.
        after: the edited module.
    """

    file: EditedFile
    oldest: tuple[int, int]
    before: Source = field(init=False)
    after: Source = field(init=False)

    def __post_init__(self) -> None:
        """Make the sources; nothing is parsed yet."""
        object.__setattr__(self, "before", Source(self.file.path, self.file.before or b""))
        object.__setattr__(self, "after", Source(self.file.path, self.file.after))

    @property
    def path(self) -> str:
        """Where the module is in the tree."""
        return self.file.path

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Where each site is in both files, in the order of the file."""
        found: list[Change] = []
        shift = 0
        for patch, site in self.file.sites:
            start = site.start + shift
            new = Span(start, start + len(site.replacement))
            found.append(Change(patch, Span(site.start, site.end), new))
            shift += len(site.replacement) - (site.end - site.start)
        return tuple(found)

    @cached_property
    def module(self) -> ast.Module | SyntaxError | ValueError:
        """The edited module's syntax, as the oldest Python has it, or why it has none."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.file.after, feature_version=self.oldest)
        except (SyntaxError, ValueError) as error:
            return error

    @cached_property
    def pristine(self) -> ast.Module | None:
        """The pristine module's syntax; None where it has none."""
        try:
            return self.before.module
        except SourceError:
            return None

    def patches(self, name: str = "") -> str:
        """Name the patches that changed the module.

        Args:
            name: those come alone that took away bytes with this identifier, if there are any.
        """
        wanted = name.encode()
        takers = {
            change.patch
            for change in self.changes
            if wanted and wanted in self.before.data[change.old.start : change.old.end]
        }
        every = {change.patch for change in self.changes}
        return ", ".join(sorted((takers or every) - {NOTICE}) or sorted(every))


def touched_modules(files: Sequence[EditedFile], oldest: tuple[int, int]) -> list[Touched]:
    """Give the Python modules among the touched files."""
    return [Touched(file, oldest) for file in files if file.path.endswith(".py")]


@dataclass(frozen=True, slots=True)
class _EditedTree:
    """The pristine tree with the edited files in it.

    Attributes:
        after: the bytes of the edited files, by path.
        tree: the pristine tree.
        only_touched: give no other files than the edited ones when asked for all.
    """

    after: dict[str, bytes]
    tree: Tree
    only_touched: bool

    def __contains__(self, path: object) -> bool:
        return path in self.after or path in self.tree

    def __iter__(self) -> Iterator[str]:
        yield from self.after
        if not self.only_touched:
            yield from (path for path in self.tree if path not in self.after)

    def read(self, path: str) -> bytes:
        return self.after[path] if path in self.after else self.tree.read(path)


def edited_tree(files: Sequence[EditedFile], tree: Tree, *, only_touched: bool = False) -> Tree:
    """Give the tree as it will be shipped.

    Args:
        files: all touched files.
        tree: the pristine tree.
        only_touched: a rule that looks at the whole tree has seen all other files already.
    """
    return _EditedTree({file.path: file.after for file in files}, tree, only_touched)
