"""Put commands above or below others in a CMake file.

Before::

    function(setup)
      check()  # first
      start()
    endfunction()

`InsertBefore(path="a.cmake", anchor="start()", code="prepare()")` gives::

    function(setup)
      check()  # first
      prepare()
      start()
    endfunction()

`InsertAfter(path="a.cmake", inside="setup", anchor="check()", code='''
if(MSVC)
  message(STATUS "MSVC")
endif()
''')` gives::

    function(setup)
      check()  # first
      if(MSVC)
        message(STATUS "MSVC")
      endif()
      start()
    endfunction()
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cmake.pattern import Pattern, joined, outside_of
from transforms.engine.cmake.reading import is_readable, requirements
from transforms.engine.cmake.scope import (
    check_declaration,
    count_problem,
    scope_of,
)
from transforms.engine.cmake.sites import insertion_site
from transforms.engine.edit import Found
from transforms.engine.native import file_paths
from transforms.engine.outcome import Problem

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Insert:
    """What both kinds of insertion share; see `InsertBefore` and `InsertAfter`."""

    path: str
    anchor: str
    code: str
    inside: str = ""
    count: int = 1
    versions: str = ""

    def __post_init__(self) -> None:
        """Read the anchor and the code, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        if is_readable():
            _patterns(self)

    @property
    def requires(self) -> tuple[str, ...]:
        """What reads CMake."""
        return requirements()

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertBefore(_Insert):
    """Put commands above every match of an anchor.

    Attributes:
        path: the file in the tree, e.g. `CMakeLists.txt`.
        anchor: a pattern of one or more commands; they stay as they are.
        code: the lines to add, comments and the empty lines around them included; may use what
            `anchor` binds.
        inside: a function or macro of the file; empty for all of it.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `anchor` or `code` is not CMake, or a metavariable is unbound. Without the
            packages that read CMake, this is seen when the edit is matched.
        ValueError: `path` is not inside of the tree, `inside` is no name, or `count` is less
            than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand above yet."""
        return _match(self, source, tree, after=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertAfter(_Insert):
    """Put commands below every match of an anchor, behind all of a block.

    Attributes:
        path: the file in the tree, e.g. `CMakeLists.txt`.
        anchor: a pattern of one or more commands; they stay as they are.
        code: the lines to add, comments and the empty lines around them included; may use what
            `anchor` binds.
        inside: a function or macro of the file; empty for all of it.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `anchor` or `code` is not CMake, or a metavariable is unbound. Without the
            packages that read CMake, this is seen when the edit is matched.
        ValueError: `path` is not inside of the tree, `inside` is no name, or `count` is less
            than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand below yet."""
        return _match(self, source, tree, after=True)


def _patterns(edit: _Insert) -> tuple[Pattern, Pattern]:
    anchor, code = Pattern.parse(edit.anchor), Pattern.parse(edit.code)
    anchor.check_found()
    code.check_written(anchor)
    return anchor, code


def _match(edit: _Insert, source: Source, tree: Tree, *, after: bool) -> Found:
    scope = scope_of(edit.inside, edit.anchor, source, tree)
    if isinstance(scope, Problem):
        return Found(problem=scope)
    anchor, code = _patterns(edit)
    done = joined(anchor, code) if after else joined(code, anchor)
    already = done.matches(scope.statements)
    matches = outside_of(anchor.matches(scope.statements), already)
    problem = count_problem(
        matches=matches,
        expected=edit.count,
        already=len(already),
        pattern=anchor,
        scope=scope,
    )
    sites = tuple(insertion_site(match, code, source, after=after) for match in matches)
    return Found(sites=sites, problem=problem)
