"""Let a module start where something that it imports is not there.

Before::

    import os

    import fcntl

    x = os.sep

`GuardImport(inside="m", find="import fcntl")` gives::

    import os

    try:
        import fcntl
    except ImportError:
        fcntl = None

    x = os.sep

`GuardImport(inside="m", find="import fcntl", condition='os.name == "posix"')` gives::

    import os

    if os.name == "posix":
        import fcntl
    else:
        fcntl = None

    x = os.sep
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    check_declaration,
    count_problem,
    outside_of,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.bound_text import forms
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern, dedent
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.enclosing import block_of
from transforms.engine.syntax.indentation import indented
from transforms.engine.writing.import_order import Import
from transforms.engine.writing.placement import statements_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.patterns.pattern import Match
    from transforms.engine.site import Site
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree

# What also catches an `ImportError`, from the nearest to the widest.
_WIDER = {
    "ModuleNotFoundError": ("ModuleNotFoundError", "ImportError", "Exception", "BaseException"),
    "ImportError": ("ImportError", "Exception", "BaseException"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardImport:
    """Imports stand behind a `try`, or behind a condition.

    Attributes:
        inside: dotted path of a module, class or function; its whole subtree is searched.
        find: one or more consecutive import statements, which must stand there once.
        condition: an expression; the import is done only where it holds. Empty for a `try`.
        error: the exception that the `try` catches, e.g. ``(ImportError, OSError)``.
        fallback: statements for where the import is not done; by default, each name becomes None,
            and where it is empty, nothing is done.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` is no import, or one of the other texts is not Python; or `fallback` is
            left out for `import a.b`, which would make all of `a` None.
        ValueError: `inside` is no dotted path.
    """

    inside: str
    find: str
    condition: str = ""
    error: str = "ImportError"
    fallback: str | None = None
    versions: str = ""
    _pattern: Pattern = field(init=False, repr=False, compare=False)
    _written: Pattern = field(init=False, repr=False, compare=False)
    _fallback: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse all texts, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        pattern = Pattern.parse(self.find, statements=True)
        if not all(isinstance(node, Import) for node in pattern.nodes):
            raise PatternError(f"not import statements only: {self.find!r}")
        for text in (self.condition, self.error):
            if text and not Pattern.parse(text).is_expression:
                raise PatternError(f"not an expression: {text!r}")
        fallback = self.fallback
        if fallback is None:
            fallback = "\n".join(f"{name} = None" for name in _bound(pattern))
        if fallback.strip():
            Template.parse(fallback, frozenset(), statements=True)
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_fallback", dedent(fallback))
        written = Pattern.parse(self._guarded(dedent(self.find)), statements=True)
        object.__setattr__(self, "_written", written)

    def _guarded(self, imports: str) -> str:
        body, other = indented(imports, "    "), indented(self._fallback, "    ")
        if not self.condition:
            return f"try:\n{body}\nexcept {self.error}:\n{other or '    pass'}"
        orelse = f"\nelse:\n{other}" if other else ""
        return f"if {self.condition}:\n{body}{orelse}"

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the imports that nothing guards yet."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        already = self._written.matches(node)
        matches = outside_of(self._pattern.matches(node), already)
        guarded = [(match, self._guard_of(match, node)) for match in matches]
        if len(guarded) == 1 and not already and guarded[0][1]:
            return Found(problem=self._obsolete(scope, guarded[0][1]))
        problem = count_problem(
            matched=len(matches),
            expected=1,
            already=len(already),
            pattern=self._pattern,
            scope=scope,
            node=node,
            source=source,
        )
        if problem is not None:
            return Found(problem=problem)
        return Found(sites=(self._site(matches[0], node, source),))

    def _obsolete(self, scope: Scope, line: int) -> Problem:
        return Problem(
            status=Status.OBSOLETE,
            reason=f"it is guarded already, at line {line}",
            path=scope.path,
            scope=scope.dotted,
            looked_for=self.find,
        )

    def _guard_of(self, match: Match, scope: ast.AST) -> int:
        """Give the line of the statement that already guards imports; 0 where none does."""
        first = match.nodes[0]
        condition = Pattern.parse(self.condition).nodes[0] if self.condition else None
        for outer in ast.walk(scope):
            if not isinstance(outer, (ast.Try, ast.If)) or first not in outer.body:
                continue
            if isinstance(outer, ast.If):
                if condition is not None and equal(condition, outer.test):
                    return outer.lineno
            elif condition is None and any(map(self._catches, outer.handlers)):
                return outer.lineno
        return 0

    def _catches(self, handler: ast.ExceptHandler) -> bool:
        if handler.type is None:
            return True
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        wanted = Pattern.parse(self.error).nodes[0]
        errors = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
        names = {ast.unparse(item) for item in caught}
        wider = [_WIDER.get(name, (name,)) for name in map(ast.unparse, errors)]
        return all(names & set(enough) for enough in wider)

    def _site(self, match: Match, scope: ast.AST, source: Source) -> Site:
        statements = [node for node in match.nodes if isinstance(node, ast.stmt)]
        since = source.span(statements[0]).start
        imports = forms(list(statements), source, since)[0]
        text = self._guarded(imports)
        site = statements_site(statements, text, source, takes_comment=True)
        above, below = _neighbours(statements, scope)
        return replace(_spaced(site, source, above=above, below=below), line=site.line)


def _bound(pattern: Pattern) -> Iterator[str]:
    """Give the names that imports bind."""
    for node in pattern.nodes:
        for alias in node.names if isinstance(node, Import) else ():
            if alias.name == "*" or ("." in alias.name and not alias.asname):
                raise PatternError(
                    f"say in `fallback` what happens without {alias.name!r}: "
                    f"{pattern.text!r} does not tell which names it is for"
                )
            yield alias.asname or alias.name


def _neighbours(
    statements: Sequence[ast.stmt], scope: ast.AST
) -> tuple[ast.stmt | None, ast.stmt | None]:
    """Give the statements before and behind others in their block."""
    block, first = block_of(scope, statements[0])
    behind = block[first + len(statements) :]
    return block[first - 1] if first else None, behind[0] if behind else None


def _spaced(site: Site, source: Source, *, above: ast.stmt | None, below: ast.stmt | None) -> Site:
    """Put blank lines between a guarded import and its plain neighbours, as isort does."""
    start, replacement = site.start, site.replacement
    if isinstance(above, Import) and source.line_of(source.span(above).end) + 1 == site.line:
        line_start = source.line_start(site.line)
        margin = source.data[line_start:start]
        if not margin.strip():
            start, replacement = line_start, source.newline + margin + replacement
    if isinstance(below, Import) and below.lineno == source.line_of(site.end) + 1:
        replacement += source.newline
    return replace(site, start=start, replacement=replacement)
