"""Remove commands of a CMake file.

Before::

    set(A 1)
    # Only where there is a GPU.
    if(WITH_GPU)
      set(B 2)  # two
    endif()

`Remove(path="a.cmake", find="set(B $value)")` gives::

    set(A 1)
    # Only where there is a GPU.
    if(WITH_GPU)
    endif()

`Remove(path="a.cmake", find='''
if(WITH_GPU)
  $$body
endif()''')` gives::

    set(A 1)
    # Only where there is a GPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cmake.closest import HARDLY_CHANGED, closest_to
from transforms.engine.cmake.pattern import Pattern
from transforms.engine.cmake.reading import is_readable, requirements
from transforms.engine.cmake.scope import (
    check_declaration,
    count_problem,
    scope_of,
)
from transforms.engine.cmake.sites import removal_site
from transforms.engine.edit import Found
from transforms.engine.native import file_paths, obsolete
from transforms.engine.outcome import Problem

if TYPE_CHECKING:
    from transforms.engine.cmake.scope import Scope
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Every match of a pattern goes, with its lines and the comment behind it.

    Comments above it stay: they are upstream's. Code that is gone looks the same whether this edit
    removed it or upstream did: both are `obsolete`. But where commands differ from the pattern in
    one word only, upstream may have changed what should go: that is `drifted`.

    Attributes:
        path: the file in the tree, e.g. `CMakeLists.txt`.
        find: a pattern of one or more commands.
        inside: a function or macro of the file; empty for all of it.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` is not CMake, or would begin or end anywhere. Without the packages
            that read CMake, this is seen when the edit is matched.
        ValueError: `path` is not inside of the tree, `inside` is no name, or `count` is less
            than 1.
    """

    path: str
    find: str
    inside: str = ""
    count: int = 1
    versions: str = ""

    def __post_init__(self) -> None:
        """Read the pattern, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        if is_readable():
            self._pattern()

    @property
    def requires(self) -> tuple[str, ...]:
        """What reads CMake."""
        return requirements()

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the commands; where there are none and nothing like them, the work is done."""
        scope = scope_of(self.inside, self.find, source, tree)
        if isinstance(scope, Problem):
            return Found(problem=scope)
        pattern = self._pattern()
        matches = pattern.matches(scope.statements)
        if not matches and not _hardly_changed(pattern, scope):
            reason = "what it would remove is not there, and nothing like it"
            return Found(problem=obsolete(self.path, self.inside, self.find, reason))
        problem = count_problem(
            matches=matches, expected=self.count, already=0, pattern=pattern, scope=scope
        )
        return Found(sites=tuple(removal_site(match, source) for match in matches), problem=problem)

    def _pattern(self) -> Pattern:
        pattern = Pattern.parse(self.find)
        pattern.check_found()
        return pattern


def _hardly_changed(pattern: Pattern, scope: Scope) -> bool:
    close = closest_to(pattern.statements, scope.statements, scope.source, HARDLY_CHANGED)
    return bool(close.difference)
