"""Give a class's name to a subclass that changes some of its members.

Before::

    class Cache(Base):
        def find(self, key):
            return self.items[key]

    CACHES = {"default": Cache}

`SubclassAndRebind(inside="m.Cache", code="def find(self, key): return super().find(local(key))")` gives::

    class Cache(Base):
        def find(self, key):
            return self.items[key]


    class Cache(Cache):
        def find(self, key): return super().find(local(key))

    CACHES = {"default": Cache}

`SubclassAndRebind(inside="m.Cache", name="LocalCache", code="local = True")` gives::

    class Cache(Base):
        def find(self, key):
            return self.items[key]


    class LocalCache(Cache):
        local = True


    Cache = LocalCache

    CACHES = {"default": Cache}
"""  # noqa: E501 - an example is one line

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, already_there, check_declaration
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import dedent
from transforms.engine.patterns.template import Template
from transforms.engine.patterns.unify import equal
from transforms.engine.syntax.alternatives import definitions
from transforms.engine.syntax.enclosing import following, last_name
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.members import bindings, bound_to
from transforms.engine.syntax.scope import Scope, locate, resolve
from transforms.engine.syntax.source import parse
from transforms.engine.writing.placement import insertion_after
from transforms.engine.writing.subclass import base_text, keyword_texts, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class SubclassAndRebind:
    """A subclass stands directly behind a class, and takes over its name.

    The class itself stays as it is. All that looks its name up afterwards has the subclass: what
    imports it, what derives from it, a registry further below. The subclass has the class's
    keywords (but no metaclass, which it inherits) and type parameters. With the class's own name it
    is pickled and registered under that name, and its `__private` members are those of the class.

    What cannot be seen is code in other modules that says `super(Name, self)`.

    Attributes:
        inside: dotted path of a class.
        code: the members, as in a class's body; they may use `super()`.
        name: the subclass's name; None for that of the class.
        decorators: what the subclass is decorated with, one line each. None where the class has no
            decorators but those that only change it (such as `@dataclass`): any other might have
            kept the class, e.g. in a registry, so that the patch must say what to do; `""` says
            that nothing is needed.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not Python or would call itself for ever, or `decorators` are none.
        ValueError: `inside` is no dotted path of a class, or `name` is no other name.
    """

    inside: str
    code: str
    name: str | None = None
    decorators: str | None = None
    versions: str = ""
    _members: tuple[ast.AST, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        parent = self.inside.rpartition(".")[2]
        if self.name is not None and (not self.name.isidentifier() or self.name == parent):
            raise ValueError(f"`name` must be another name than {parent!r}, not {self.name!r}")
        members = Template.parse(self.code, frozenset(), statements=True).pattern.nodes
        own = {name for member in members for name in bindings(member)}
        for node in (inner for member in members for inner in ast.walk(member)):
            if isinstance(node, ast.Attribute) and node.attr in own and _is_name(node, parent):
                raise PatternError(
                    f"{parent}.{node.attr} is the new member itself in {self.code!r}: "
                    f"write super().{node.attr}"
                )
        if self.decorators:
            text = f"{dedent(self.decorators)}\nclass C: pass"
            (only, *more) = Template.parse(text, frozenset(), statements=True).pattern.nodes
            if more or not getattr(only, "decorator_list", None):
                raise PatternError(f"`decorators` must be decorators only: {self.decorators!r}")
        object.__setattr__(self, "_members", members)

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the module of `inside`."""
        scope = resolve(self.inside, tree)
        return scope if isinstance(scope, Problem) else (scope.path,)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the class; one that has this subclass behind it already is not changed."""
        scope = resolve(self.inside, tree)
        if isinstance(scope, Problem):
            return Found(problem=scope)
        outer = locate(Scope(scope.path, scope.names[:-1]), source, tree)
        # A subclass of the same name would make the scope ambiguous.
        present = None if isinstance(outer, Problem) else self._present(scope, outer, source)
        if present is not None:
            return Found(problem=present)
        node = locate(scope, source, tree)
        if isinstance(node, Problem):
            return Found(problem=node)
        if not isinstance(node, ast.ClassDef) or isinstance(outer, Problem):
            return Found(problem=self._drift(scope, "is not a class", node))
        reason, line = next(self._refusals(node, outer, source), ("", 0))
        if reason:
            return Found(problem=self._drift(scope, reason, node, line))
        return Found(sites=(self._site(scope, node, source),))

    def _refusals(
        self, node: ast.ClassDef, outer: ast.AST, source: Source
    ) -> Iterator[tuple[str, int]]:
        """Say why the class cannot be derived from so, and the line."""
        if self.name and any(bound_to(self.name, outer)):
            yield f"has a {self.name!r} beside it", node.lineno
        adds_fields = any(isinstance(member, ast.AnnAssign) for member in self._members)
        decorated = self.decorators is not None
        yield from refusals(node, source, decorated=decorated, adds_fields=adds_fields)

    def _site(self, scope: Scope, node: ast.ClassDef, source: Source) -> Site:
        blank_lines = 1 if scope.names[1:] else 2
        text = self._text(node, source, blank_lines)
        return insertion_after(node, text, source, blank_lines=blank_lines)

    def _text(self, node: ast.ClassDef, source: Source, blank_lines: int) -> str:
        name = self.name or node.name
        bases = ", ".join([base_text(node, source), *keyword_texts(node, source)])
        lines = [f"class {name}({bases}):", indented(dedent(self.code), "    ")]
        if self.decorators:
            lines.insert(0, dedent(self.decorators))
        if name != node.name:
            lines.append("\n" * blank_lines + f"{node.name} = {name}")
        return "\n".join(lines)

    def _present(self, scope: Scope, outer: ast.AST, source: Source) -> Problem | None:
        name = scope.names[-1] if scope.names else ""
        first = next((item for item in definitions(outer) if item.name == name), None)
        if not isinstance(first, ast.ClassDef):
            return None
        written = parse(self._text(first, source, 1)).body
        there = following(source.module, first)[: len(written)]
        if not equal(written, there):
            return None
        return already_there(scope, line=there[0].lineno)

    def _drift(self, scope: Scope, reason: str, node: ast.AST, line: int = 0) -> Problem:
        return Problem(
            status=Status.DRIFTED,
            reason=f"{scope.dotted or scope.path} {reason}",
            path=scope.path,
            scope=scope.dotted,
            looked_for=f"class {scope.names[-1]}" if scope.names else "",
            line=line or getattr(node, "lineno", 0),
        )


def _is_name(node: ast.Attribute, name: str) -> bool:
    return isinstance(node.value, (ast.Name, ast.Attribute)) and last_name(node.value) == name
