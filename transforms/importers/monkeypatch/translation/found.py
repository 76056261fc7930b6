"""Where a target is in vLLM: its module's file and its definition."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.outcome import Problem
from transforms.engine.syntax.alternatives import alternatives
from transforms.engine.syntax.scope import Scope, locate
from transforms.engine.syntax.source import Source, SourceError
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.result import CannotError

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A target where it is defined.

    Attributes:
        target: it.
        source: the file of its module.
        node: what defines it; None where the module or class has no such name.
        owner: the class that it is a member of; None for a name of the module.
    """

    target: Target
    source: Source = field(repr=False)
    node: ast.AST | None
    owner: ast.ClassDef | None

    @property
    def inside(self) -> str:
        """The dotted path that edits give."""
        return ".".join((self.target.module, *self.target.path))

    @property
    def line(self) -> int:
        """The line of the module's statement that the definition is part of, or would be."""
        line = getattr(self.owner or self.node, "lineno", 0)
        for statement in self.source.module.body:
            if statement.lineno <= line <= (statement.end_lineno or line):
                return statement.lineno
        return len(self.source.data)

    @property
    def around(self) -> str:
        """The dotted path of what it is a name of."""
        return ".".join((self.target.module, *self.target.path[:-1]))


def find(target: Target, setting: Setting) -> Found:
    """Find a target where it is defined.

    Raises:
        CannotError: its module or class is not in this release, or is defined more than once.
    """
    where = _definition(target, setting)
    try:
        source = setting.source(where.module)
        module = source.module
    except SourceError as error:
        raise CannotError(error.reason) from error
    owner: ast.AST = module
    if len(where.path) > 1:
        found = locate(Scope(source.path, where.path[:-1]), source, setting.tree)
        if isinstance(found, Problem):
            raise CannotError(found.reason)
        owner = found
    if not isinstance(owner, (ast.Module, ast.ClassDef)):
        raise CannotError(f"{'.'.join(where.path[:-1])} is no class")
    there = alternatives(owner, where.path[-1], source)
    node: ast.AST | None = None
    if there:
        located = locate(Scope(source.path, where.path), source, setting.tree)
        if isinstance(located, Problem):
            raise CannotError(located.reason)
        node = located
    return Found(
        target=where,
        source=source,
        node=node,
        owner=owner if isinstance(owner, ast.ClassDef) else None,
    )


def _definition(target: Target, setting: Setting) -> Target:
    """Follow the owner of a target to its definition; what is bound is a name of that one."""
    if len(target.path) == 1:
        return target
    owner = defined_at(type(target)(module=target.module, path=target.path[:-1]), setting)
    return owner.member(target.path[-1])
