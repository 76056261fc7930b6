r"""Replace code of C++ or CUDA by other code.

Before::

    namespace vllm {
    inline uint32_t next_pow_2(uint32_t const num) {
      if (num <= 1) return num;
      return 1 << (32 - __builtin_clz(num - 1));  // at most 2^31
    }
    }  // namespace vllm
    #define BITS(x) (32 - \
                     __builtin_clz(x))

`Replace(path="m.cu", inside="next_pow_2", find="1 << ($$bits)", replace="1u << ($$bits)")` gives::

    namespace vllm {
    inline uint32_t next_pow_2(uint32_t const num) {
      if (num <= 1) return num;
      return 1u << (32 - __builtin_clz(num - 1));  // at most 2^31
    }
    }  // namespace vllm
    #define BITS(x) (32 - \
                     __builtin_clz(x))

`Replace(path="m.cu", find="__builtin_clz($n)", replace="count_zeros($n)", count=2)` gives::

    namespace vllm {
    inline uint32_t next_pow_2(uint32_t const num) {
      if (num <= 1) return num;
      return 1 << (32 - count_zeros(num - 1));  // at most 2^31
    }
    }  // namespace vllm
    #define BITS(x) (32 - \
                     count_zeros(x))

`Replace(path="m.cu", find="if ($n <= 1) return $n;", replace='''
#ifndef _MSC_VER
if ($n <= 1) return $n;
#endif''')` gives::

    namespace vllm {
    inline uint32_t next_pow_2(uint32_t const num) {
    #ifndef _MSC_VER
      if (num <= 1) return num;
    #endif
      return 1 << (32 - __builtin_clz(num - 1));  // at most 2^31
    }
    }  // namespace vllm
    #define BITS(x) (32 - \
                     __builtin_clz(x))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.cpp.pattern import CppPattern
from transforms.engine.cpp.searched import check_declaration, outside_of, searched
from transforms.engine.cpp.template import CppTemplate
from transforms.engine.cpp.writing import replacement_site
from transforms.engine.edit import Found
from transforms.engine.native import file_paths
from transforms.engine.optional_packages import CPP_GUARD
from transforms.engine.outcome import Problem
from transforms.engine.patterns.metavariables import PatternError

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Every match of a pattern becomes something else.

    White space, comments and line splices do not count; every other token does: `or` is not `||`.
    `$x` binds the shortest run of tokens and whole groups that is not empty and has no `,` and no
    `;` outside of groups; `$$x` binds any run. Directives are matched whole; what has none matches
    inside of one, such as the body of a macro, or outside of all. What begins or ends both `find`
    and `replace` stays as upstream has it.

    Attributes:
        path: the file in the tree, e.g. ``csrc/core/math.hpp``.
        find: a pattern: tokens with balanced brackets, and whole directives.
        replace: what takes its place; may use what `find` binds.
        inside: the only definition that is searched, e.g. ``vllm::Class::method``, the namespaces
            in front left out or not, or ``#define NAME``; empty for the whole file.
        count: how many sites there are.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: a bracket belongs to none, a metavariable is unbound, nothing says where
            `find` begins or ends, or it could not be seen that the edit is done.
        ValueError: `path` is no file of C++, `inside` is no name, or `count` is less than 1.
    """

    path: str
    find: str
    replace: str
    inside: str = ""
    count: int = 1
    versions: str = ""
    _pattern: CppPattern = field(init=False, repr=False, compare=False)
    _template: CppTemplate = field(init=False, repr=False, compare=False)
    # What is written, to look for; None where it is nothing that could be looked for.
    _written: CppPattern | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read both patterns, so that a wrong one fails where it is written."""
        check_declaration(path=self.path, inside=self.inside, count=self.count)
        pattern = CppPattern.parse(self.find)
        template = CppTemplate.parse(self.replace, pattern.names)
        written = template.pattern()
        finds_itself = pattern.matches(template.code)
        if finds_itself and (written is None or written.matches(pattern.code)):
            raise PatternError(
                f"what {self.replace!r} writes cannot be told from {self.find!r}: "
                "say more about one of them"
            )
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_template", template)
        object.__setattr__(self, "_written", written)

    @property
    def requires(self) -> tuple[str, ...]:
        """What the check of edited C++ needs."""
        return CPP_GUARD

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file, or say that there is none."""
        return file_paths(self.path, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the sites; what the edit itself would write is not one of them."""
        where = searched(self.inside, source, tree)
        if isinstance(where, Problem):
            return Found(problem=where)
        pattern = self._pattern
        already = where.matches(self._written) if self._written else []
        matches = where.matches(pattern)
        if pattern.matches(self._template.code):
            matches = outside_of(matches, already)
        if not (matches or self._written or where.has_alike(pattern)):
            reason = "what it would change is not there, and nothing like it"
            return Found(problem=where.obsolete(pattern, reason))
        problem = where.count_problem(pattern, matches, self.count, len(already))
        sites = (
            replacement_site(source, where.code, match, pattern, self._template)
            for match in matches
        )
        return Found(sites=tuple(sites), problem=problem)
