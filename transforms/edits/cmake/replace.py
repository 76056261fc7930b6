"""Replace commands of a CMake file by others.

Before::

    function(find_python EXE)
      file(REAL_PATH ${EXE} EXE)  # no links
      if(NOT EXISTS ${EXE} OR
         EXE STREQUAL "")
        message(FATAL_ERROR "none")
      endif()
    endfunction()

`Replace(path="a.cmake", find="file($kind ${EXE} $to)", replace='file($kind "${EXE}" $to)')`
gives::

    function(find_python EXE)
      file(REAL_PATH "${EXE}" EXE)  # no links
      if(NOT EXISTS ${EXE} OR
         EXE STREQUAL "")
        message(FATAL_ERROR "none")
      endif()
    endfunction()

`Replace(path="a.cmake", inside="find_python", find='''
if(NOT EXISTS $exe $$more)
  $$body
endif()''', replace='''
if(NOT EXISTS $exe $$more)
  $$body
else()
  message(STATUS "found")
endif()''')` gives::

    function(find_python EXE)
      file(REAL_PATH ${EXE} EXE)  # no links
      if(NOT EXISTS ${EXE} OR
         EXE STREQUAL "")
        message(FATAL_ERROR "none")
      else()
        message(STATUS "found")
      endif()
    endfunction()
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.cmake.pattern import Pattern, outside_of
from transforms.engine.cmake.reading import is_readable, requirements
from transforms.engine.cmake.scope import (
    check_declaration,
    count_problem,
    scope_of,
)
from transforms.engine.cmake.sites import replacement_site
from transforms.engine.cmake.syntax import Hole
from transforms.engine.edit import Found
from transforms.engine.native import file_paths
from transforms.engine.outcome import Problem
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Every match of a pattern becomes something else.

    What the replacement does not change stays as it is written, comments and line breaks included.

    Attributes:
        path: the file in the tree, e.g. `CMakeLists.txt`.
        find: a pattern of one or more commands.
        replace: what takes their place; may use what `find` binds.
        inside: a function or macro of the file; empty for all of it.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` or `replace` is not CMake, a metavariable is unbound, or it could not
            be seen that the edit is done. Without the packages that read CMake, this is seen when
            the edit is matched.
        ValueError: `path` is not inside of the tree, `inside` is no name, or `count` is less
            than 1.
    """

    path: str
    find: str
    replace: str
    inside: str = ""
    count: int = 1
    versions: str = ""

    def __post_init__(self) -> None:
        """Read both patterns, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        if is_readable():
            self._patterns()

    @property
    def requires(self) -> tuple[str, ...]:
        """What reads CMake."""
        return requirements()

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the sites; what the edit itself would write is not one of them."""
        scope = scope_of(self.inside, self.find, source, tree)
        if isinstance(scope, Problem):
            return Found(problem=scope)
        pattern, template = self._patterns()
        already = template.matches(scope.statements)
        matches = pattern.matches(scope.statements)
        if pattern.matches(template.statements):
            matches = outside_of(matches, already)
        problem = count_problem(
            matches=matches,
            expected=self.count,
            already=len(already),
            pattern=pattern,
            scope=scope,
        )
        sites = tuple(replacement_site(match, template, source) for match in matches)
        return Found(sites=sites, problem=problem)

    def _patterns(self) -> tuple[Pattern, Pattern]:
        pattern, template = Pattern.parse(self.find), Pattern.parse(self.replace)
        pattern.check_found()
        template.check_written(pattern)
        if all(isinstance(statement, Hole) for statement in template.statements):
            raise PatternError(
                f"says nothing of its own, so none can see it done: {self.replace!r}"
            )
        if pattern.fits(template):
            raise PatternError(
                f"what {self.replace!r} writes cannot be told from {self.find!r}: "
                "say more about one of them"
            )
        return pattern, template
