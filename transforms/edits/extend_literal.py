"""Give a list, tuple, set, dict or `Literal` further elements.

Before::

    SUPPORTED = ["cuda", "rocm"]

    WORKERS = {
        "cuda": Worker,  # the default
    }

    def f(kind: Literal["auto", "flash"]):
        return kind in SUPPORTED

`ExtendLiteral(inside="m", name="SUPPORTED", add='"musa"')` gives::

    SUPPORTED = ["cuda", "rocm", "musa"]

    WORKERS = {
        "cuda": Worker,  # the default
    }

    def f(kind: Literal["auto", "flash"]):
        return kind in SUPPORTED

`ExtendLiteral(inside="m", name="WORKERS", add='"musa": MusaWorker')` gives::

    SUPPORTED = ["cuda", "rocm"]

    WORKERS = {
        "cuda": Worker,  # the default
        "musa": MusaWorker,
    }

    def f(kind: Literal["auto", "flash"]):
        return kind in SUPPORTED

`ExtendLiteral(inside="m.f", find='Literal["auto", $$others]', add='"mate"')` gives::

    SUPPORTED = ["cuda", "rocm"]

    WORKERS = {
        "cuda": Worker,  # the default
    }

    def f(kind: Literal["auto", "flash", "mate"]):
        return kind in SUPPORTED
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import (
    Found,
    already_there,
    check_declaration,
    count_problem,
    scope_node,
    scope_paths,
)
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern, dedent
from transforms.engine.patterns.unify import unify
from transforms.engine.syntax.assignment import assigned_value
from transforms.engine.syntax.canonical import canonical
from transforms.engine.syntax.elements import display_elements
from transforms.engine.syntax.literal import (
    is_dict,
    is_literal,
    literal_elements,
    members,
    without,
    wrapped,
)
from transforms.engine.syntax.source import Source, SourceError, walk_addressable
from transforms.engine.writing.element_sites import insert_elements

if TYPE_CHECKING:
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendLiteral:
    """A literal gains elements behind those that it has, written like its neighbours.

    A literal is a display, `frozenset(...)`, `set(...)`, `tuple(...)` or `list(...)` around one or
    nothing, or `Literal[...]`.

    Attributes:
        inside: dotted path of a module, class or function.
        add: the elements, with commas between them: `"a", *B`; of a dict `"a": 1, **B`.
        name: the name that the literal is assigned to, directly in the scope; or
        find: a pattern of the literal, anywhere in the scope.
        count: how many literals `find` finds.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `find` or `add` is not Python, `find` is no literal, or `add` holds an
            element twice.
        ValueError: `inside` is no dotted path, `name` is no name, `count` is less than 1, or both
            or none of `name` and `find` are given.
    """

    inside: str
    add: str
    name: str | None = None
    find: str | None = None
    count: int = 1
    versions: str = ""
    _pattern: Pattern | None = field(init=False, repr=False, compare=False)
    _added: ast.List | ast.Dict = field(init=False, repr=False, compare=False)
    _texts: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the pattern and the elements, so that wrong ones fail where they are written."""
        check_declaration(inside=self.inside, count=self.count)
        if (self.name is None) == (self.find is None):
            raise ValueError("give one of `name` and `find`, to say which literal is meant")
        if self.name is not None and not self.name.isidentifier():
            raise ValueError(f"`name` must be one name, without dots, not {self.name!r}")
        if self.name is not None and self.count != 1:
            raise ValueError("a `name` has one literal: `count` is for `find`")
        pattern = None if self.find is None else Pattern.parse(self.find)
        if pattern and not is_literal(pattern.nodes[0]):
            raise PatternError(f"`find` must be a list, tuple, set, dict or Literal: {self.find!r}")
        source, added = _parsed(self.add)
        spelled = [canonical(item) for item in members(added)]
        if len(set(spelled)) < len(spelled):
            raise PatternError(f"`add` holds an element twice: {self.add!r}")
        object.__setattr__(self, "_pattern", pattern)
        object.__setattr__(self, "_added", added)
        object.__setattr__(self, "_texts", tuple(display_elements(added, source).texts))

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the literals that have none of the elements yet."""
        located = scope_node(self.inside, source, tree, self._pattern)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, node = located
        if self._pattern is None:
            value = assigned_value(self.name or "", node, scope, source)
            literals = [] if isinstance(value, Problem) else [value]
            problem = value if isinstance(value, Problem) else None
        else:
            literals, problem = self._found(self._pattern, node), None
        waiting = [literal for literal in literals if not self._present(literal)]
        done = [literal for literal in literals if len(self._present(literal)) == self._size]
        for literal in literals:
            reason = self._reason_against(literal)
            if reason:
                return Found(problem=self._drift(reason, literal, scope, source))
        if problem is None and self._pattern:
            problem = count_problem(
                matched=len(waiting),
                expected=self.count,
                already=len(done),
                pattern=self._pattern,
                scope=scope,
                node=node,
                source=source,
            )
        elif problem is None and done:
            problem = already_there(scope, f"{self.name} with {self.add}", done[0].lineno)
        sites = []
        for literal in waiting:
            elements = literal_elements(literal, source)
            texts = wrapped(literal, self._texts)
            sites.append(insert_elements(elements, len(elements.items), texts))
        return Found(sites=tuple(sites), problem=problem)

    @property
    def _size(self) -> int:
        return len(self._texts)

    def _found(self, pattern: Pattern, scope: ast.AST) -> list[ast.expr]:
        """Give the literals that the pattern fits on, with the new elements or without."""
        spelled = {canonical(item) for item in members(self._added)}
        (wanted,) = (without(top, ()) for top in pattern.nodes if isinstance(top, ast.expr))
        return [
            node
            for node in walk_addressable(scope)
            if isinstance(node, ast.expr)
            and is_literal(node)
            and any(
                unify(wanted, without(node, left_out), {}) is not None for left_out in ((), spelled)
            )
        ]

    def _present(self, literal: ast.expr) -> list[str]:
        """Give the new elements that a literal has."""
        there = {canonical(item) for item in members(literal)}
        pairs = zip(self._texts, members(self._added), strict=True)
        return [text for text, item in pairs if canonical(item) in there]

    def _reason_against(self, literal: ast.expr) -> str:
        """Say why a literal cannot gain the elements; empty where it can."""
        if not is_literal(literal):
            return f"{self.name!r} is no list, tuple, set, dict or Literal"
        if is_dict(literal) != isinstance(self._added, ast.Dict):
            return f"{'a dict' if is_dict(literal) else 'no dict'} cannot gain {self.add!r}"
        present = self._present(literal)
        if present and len(present) < self._size:
            return f"it has some of what this would add: {', '.join(present)}"
        if isinstance(self._added, ast.Dict) and not present:
            keys = {canonical(item[0]) for item in members(literal) if isinstance(item, list)}
            for text, key in zip(self._texts, self._added.keys, strict=True):
                if key and canonical(key) in keys:
                    return f"it has another value for the key of {text}"
        return ""

    def _drift(self, reason: str, literal: ast.expr, scope: Scope, source: Source) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=reason,
            path=scope.path,
            scope=scope.dotted,
            looked_for=self.find or f"{self.name} = ...",
            closest=source.first_line(literal),
            line=literal.lineno,
        )


def _parsed(add: str) -> tuple[Source, ast.List | ast.Dict]:
    """Parse elements as those of a list or of a dict."""
    code = dedent(add)
    for text in (f"{{{code}\n}}", f"[{code}\n]"):
        source = Source("add", text.encode())
        try:
            (statement,) = source.module.body
        except (SourceError, ValueError):
            continue
        display = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(display, (ast.List, ast.Dict)) and members(display):
            return source, display
    raise PatternError(f"`add` must be elements with commas between them, not {add!r}")
