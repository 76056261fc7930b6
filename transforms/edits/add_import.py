"""Import something at the top of a module, where isort would put it.

Before::

    import os

    from a import c

    x = os.sep

`AddImport(inside="m", code="from a import b")` gives::

    import os

    from a import b, c

    x = os.sep

`AddImport(inside="m", code="import torch")` gives::

    import os

    import torch
    from a import c

    x = os.sep
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.engine.edit import Found, already_there, check_declaration, scope_node, scope_paths
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import Pattern, dedent
from transforms.engine.syntax.bindings import Binding, asks_for_typing, bindings, typing_block
from transforms.engine.writing.import_order import Import, module_of
from transforms.engine.writing.import_sites import import_sites

if TYPE_CHECKING:
    from transforms.engine.syntax.scope import Scope
    from transforms.engine.syntax.source import Source, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class AddImport:
    """A module imports a name that it does not have.

    The order is that of isort's profile `black`; the project's own package is the first name of
    `inside`. Where the module already imports from there, the name joins that statement. Several
    patches may import the same: it is written once.

    Attributes:
        inside: dotted path of a module.
        code: one import statement, with its comment if it needs one.
        type_checking: put it under the module's `if TYPE_CHECKING`.
        versions: the releases this edit is for; empty for all of the patch's.

    Raises:
        PatternError: `code` is not one import statement that binds names.
        ValueError: `inside` is no dotted path.
    """

    inside: str
    code: str
    type_checking: bool = False
    versions: str = ""
    _import: Import = field(init=False, repr=False, compare=False)
    _comment: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the code, so that a wrong one fails where it is written."""
        check_declaration(inside=self.inside)
        (new, *others) = Pattern.parse(self.code, statements=True).nodes
        if others or not isinstance(new, Import):
            raise PatternError(f"not one import statement: {self.code!r}")
        alone = isinstance(new, ast.Import) or any(item.asname for item in new.names)
        if len(new.names) > 1 and alone:
            raise PatternError(
                f"isort puts these on lines of their own, so each is an AddImport: {self.code!r}"
            )
        if "$" in self.code.partition("#")[0]:
            raise PatternError(f"nothing binds a metavariable here: {self.code!r}")
        if new.names[0].name == "*":
            raise PatternError(f"nobody can tell which names this binds: {self.code!r}")
        object.__setattr__(self, "_import", new)
        _, mark, comment = dedent(self.code).rpartition("#")
        object.__setattr__(self, "_comment", f"#{comment}" if mark else "")

    def paths(self, tree: Tree) -> tuple[str, ...] | Problem:
        """Give the file of the module."""
        return scope_paths(self.inside, tree)

    def match(self, source: Source, tree: Tree) -> Found:
        """Find the place; a module that has the import already is not changed."""
        located = scope_node(self.inside, source, tree)
        if isinstance(located, Problem):
            return Found(problem=located)
        scope, module = located
        if not isinstance(module, ast.Module):
            return self._drift(scope, f"{scope.dotted} is not a module: name the module around it")
        missing, taken = self._missing(module)
        if taken is not None:
            reason = f"the module binds {taken.name!r} otherwise"
            line = getattr(taken.node, "lineno", 0)
            first = source.data.splitlines()[line - 1].decode().strip()
            return self._drift(scope, reason, closest=first, line=line)
        if not missing:
            return Found(problem=already_there(scope, self.code))
        body = module.body
        if self.type_checking:
            blocks = _typing_blocks(module)
            if len(blocks) != 1:
                lines = ", ".join(str(block[0].lineno - 1) for block in blocks)
                reason = f"the module has {len(blocks)} `if TYPE_CHECKING` blocks" + (
                    f": at lines {lines}" if lines else " to write it into"
                )
                return self._drift(scope, reason)
            (body,) = blocks
        new = _with_names(self._import, missing)
        first_party = self.inside.split(".")[0]
        sites = import_sites(new, self._comment, body, source, first_party)
        return Found(sites=tuple(replace(site, shared=True) for site in sites))

    def _missing(self, module: ast.Module) -> tuple[list[ast.alias], Binding | None]:
        """Give the names that are yet to be imported, and what else binds one of them."""
        bound = list(bindings(module))
        # An import under `if` or `try` may not happen.
        always = {id(statement) for statement in module.body}
        if self.type_checking:
            always |= {id(item) for block in _typing_blocks(module) for item in block}
        missing: list[ast.alias] = []
        for alias in self._import.names:
            name = alias.asname or alias.name.split(".")[0]
            there = [item for item in bound if item.name == name]
            same = [item for item in there if _is_same(self._import, alias, item)]
            if not any(id(item.statement) in always for item in same):
                others = [item for item in there if not _may_stay(self._import, alias, item)]
                if others:
                    return missing, others[0]
                missing.append(alias)
        return missing, None

    def _drift(self, scope: Scope, reason: str, *, closest: str = "", line: int = 0) -> Found:
        problem = Problem(
            status=Status.DRIFTED,
            reason=reason,
            path=scope.path,
            looked_for=self.code,
            closest=closest,
            line=line,
        )
        return Found(problem=problem)


def _typing_blocks(module: ast.Module) -> list[list[ast.stmt]]:
    return [
        typing_block(item)
        for item in module.body
        if isinstance(item, ast.If) and asks_for_typing(item.test) and typing_block(item)
    ]


def _is_same(new: Import, alias: ast.alias, there: Binding) -> bool:
    """Tell whether a binding is the very import that is wanted."""
    node, statement = there.node, there.statement
    return (
        isinstance(node, ast.alias)
        and isinstance(statement, Import)
        and type(statement) is type(new)
        and (isinstance(new, ast.Import) or module_of(statement) == module_of(new))
        and (node.name, node.asname or node.name) == (alias.name, alias.asname or alias.name)
    )


def _may_stay(new: Import, alias: ast.alias, there: Binding) -> bool:
    """Tell whether a binding of the same name is no contradiction.

    A type checker's import of the same thing is none, and neither are two modules of one package.
    """
    if _is_same(new, alias, there):
        return there.for_typing
    packages = isinstance(new, ast.Import) and isinstance(there.statement, ast.Import)
    return (
        packages
        and alias.asname is None
        and isinstance(there.node, ast.alias)
        and there.node.asname is None
    )


def _with_names(new: Import, names: list[ast.alias]) -> Import:
    if isinstance(new, ast.ImportFrom):
        return ast.ImportFrom(module=new.module, names=names, level=new.level)
    return ast.Import(names=names)
