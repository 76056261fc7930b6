"""Put code of C++ or CUDA above or below other code.

Before::

    #include <cuda.h>
    void run(int n) {
      check(n);  // at first
      start(n);
    }

`InsertAfter(path="m.cu", anchor="#include <cuda.h>", code='#include "windows.h"')` gives::

    #include <cuda.h>
    #include "windows.h"
    void run(int n) {
      check(n);  // at first
      start(n);
    }

`InsertAfter(path="m.cu", inside="run", anchor="check($n);", code='''
if ($n == 0) {
  return;
}''')` gives::

    #include <cuda.h>
    void run(int n) {
      check(n);  // at first
      if (n == 0) {
        return;
      }
      start(n);
    }

`InsertBefore(path="m.cu", inside="run", anchor="start($n);", code="prepare($n);")` gives::

    #include <cuda.h>
    void run(int n) {
      check(n);  // at first
      prepare(n);
      start(n);
    }
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.cpp.searched import check_declaration, outside_of, searched
from transforms.engine.cpp.template import CppTemplate
from transforms.engine.cpp.writing import insertion_site
from transforms.engine.edit import Found
from transforms.engine.native import file_paths
from transforms.engine.optional_packages import CPP_GUARD
from transforms.engine.outcome import Problem
from transforms.engine.patterns.pattern import blank_lines_around

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
    _pattern: CppPattern = field(init=False, repr=False, compare=False)
    _template: CppTemplate = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the anchor and the code, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        pattern = CppPattern.parse(self.anchor)
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", CppTemplate.parse(self.code, pattern.names))

    @property
    def requires(self) -> tuple[str, ...]:
        """What the check of edited C++ needs."""
        return CPP_GUARD

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertBefore(_Insert):
    """Put code above every match of an anchor.

    Attributes:
        path: the file in the tree, e.g. ``csrc/core/math.hpp``.
        anchor: a pattern: tokens with balanced brackets, and whole directives; it stays as it is.
        code: what is added, with the empty lines around it; may use what `anchor` binds.
        inside: the only definition that is searched, e.g. ``vllm::Class::method``, the namespaces
            in front left out or not, or ``#define NAME``; empty for the whole file.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a bracket belongs to none, a metavariable is unbound, or nothing says where
            `anchor` begins or ends.
        ValueError: `path` is no file of C++, `inside` is no name, or `count` is less than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand before yet."""
        return _match(self, source, tree, after=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertAfter(_Insert):
    """Put code below every match of an anchor.

    Attributes:
        path: the file in the tree, e.g. ``csrc/core/math.hpp``.
        anchor: a pattern: tokens with balanced brackets, and whole directives; it stays as it is.
        code: what is added, with the empty lines around it; may use what `anchor` binds.
        inside: the only definition that is searched, e.g. ``vllm::Class::method``, the namespaces
            in front left out or not, or ``#define NAME``; empty for the whole file.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a bracket belongs to none, a metavariable is unbound, or nothing says where
            `anchor` begins or ends.
        ValueError: `path` is no file of C++, `inside` is no name, or `count` is less than 1.
    """

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the anchors that the code does not stand behind yet."""
        return _match(self, source, tree, after=True)


def _match(edit: _Insert, source: Source, tree: Tree, *, after: bool) -> Found:
    where = searched(edit.inside, source, tree)
    if isinstance(where, Problem):
        return Found(problem=where)
    pattern, template = edit._pattern, edit._template  # noqa: SLF001 - one module
    parts = (pattern.text, edit.code) if after else (edit.code, pattern.text)
    already = where.matches(CppPattern.joined(*parts))
    matches = outside_of(where.matches(pattern), already)
    problem = where.count_problem(pattern, matches, edit.count, len(already))
    blank = blank_lines_around(edit.code)
    sites = []
    for match in matches:
        margin = where.margin(match)
        text = template.write(where.code, match.bindings, margin)
        sites.append(
            insertion_site(source, where.code, match, pattern, text, blank=blank, after=after)
        )
    return Found(sites=tuple(sites), problem=problem)
