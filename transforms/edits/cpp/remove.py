"""Remove code of C++ or CUDA.

Before::

    #include <cuda.h>
    #include <unistd.h>
    void run(int n) {
      sync();  // wait
      start(n, true); stop();
    }

`Remove(path="m.cu", find="#include <unistd.h>")` gives::

    #include <cuda.h>
    void run(int n) {
      sync();  // wait
      start(n, true); stop();
    }

`Remove(path="m.cu", inside="run", find="sync();")` gives::

    #include <cuda.h>
    #include <unistd.h>
    void run(int n) {
      start(n, true); stop();
    }

`Remove(path="m.cu", find="start($$arguments);")` gives::

    #include <cuda.h>
    #include <unistd.h>
    void run(int n) {
      sync();  // wait
      stop();
    }
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.cpp.searched import check_declaration, searched
from transforms.engine.cpp.writing import removal_sites
from transforms.engine.edit import Found
from transforms.engine.native import file_paths
from transforms.engine.optional_packages import CPP_GUARD
from transforms.engine.outcome import Problem

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Every match of a pattern goes; its lines too, with the comment behind, if no more is there.

    Code that is gone looks the same whether this edit removed it or upstream did: both are
    `obsolete`. But where one thing differs in one place only, upstream may have changed what
    should go: that is `drifted`, and says what it is.

    Attributes:
        path: the file in the tree, e.g. ``csrc/core/math.hpp``.
        find: a pattern: tokens with balanced brackets, and whole directives.
        inside: the only definition that is searched, e.g. ``vllm::Class::method``, the namespaces
            in front left out or not, or ``#define NAME``; empty for the whole file.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a bracket belongs to none, or nothing says where `find` begins or ends.
        ValueError: `path` is no file of C++, `inside` is no name, or `count` is less than 1.
    """

    path: str
    find: str
    inside: str = ""
    count: int = 1
    versions: str = ""
    _pattern: CppPattern = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the pattern, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        object.__setattr__(self, "_pattern", CppPattern.parse(self.find))

    @property
    def requires(self) -> tuple[str, ...]:
        """What the check of edited C++ needs."""
        return CPP_GUARD

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the code; where there is none and nothing like it, the work is done."""
        where = searched(self.inside, source, tree)
        if isinstance(where, Problem):
            return Found(problem=where)
        pattern = self._pattern
        matches = where.matches(pattern)
        if not matches and not where.has_alike(pattern):
            reason = "what it would remove is not there, and nothing like it"
            return Found(problem=where.obsolete(pattern, reason))
        problem = where.count_problem(pattern, matches, self.count, 0)
        sites = removal_sites(source, where.code, matches, pattern)
        return Found(sites=tuple(sites), problem=problem)
