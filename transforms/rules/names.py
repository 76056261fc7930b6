"""Where a name in a module comes from: imports, aliases and scopes, read and never run.

The question that rules ask is whether an expression such as `tr.jit` stands for `triton.jit`. The
answer follows Python's scoping: a parameter called `triton` hides the import, a class body is not
seen from its methods, `global` jumps to the module. It does not follow the flow: a name that is
bound in a scope more than once (`try` and `except`, `if` and `else`) may stand for any of these.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from transforms.engine.syntax.source import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Binder = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# What a name may be bound to: an import's path, a node of this module, or something unknown.
Bound = str | ast.AST | None
_NOWHERE: frozenset[str] = frozenset()
_PARTIAL = frozenset({"functools.partial", "functools:partial"})
_HOLDS_STATEMENTS = frozenset(
    {
        *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match),
        getattr(ast, "TryStar", ast.Try),  # since Python 3.11
    }
)


def own_statements(scope: Binder) -> Iterator[ast.stmt]:
    """Give the statements of a scope in source order, inner blocks included, inner scopes not."""
    waiting = scope.body[::-1]
    while waiting:
        statement = waiting.pop()
        yield statement
        if type(statement) in _HOLDS_STATEMENTS:
            inner = [each for block in blocks(statement) for each in block]
            waiting.extend(sorted(inner, key=_position, reverse=True))


def _position(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset


def package_of(path: str) -> tuple[str, ...]:
    """Give the package that a file's relative imports start from."""
    return tuple(path.split("/")[:-1])


class Scope:
    """A module, function or class body, and what its names stand for.

    Args:
        node: the syntax of the scope.
        parent: the scope around it; None for a module.
        package: the package that relative imports start from.
    """

    def __init__(
        self, node: Binder, parent: Scope | None = None, package: tuple[str, ...] = ()
    ) -> None:
        self.node = node
        self.parent = parent
        self.package: tuple[str, ...] = parent.package if parent else package
        self._stars: list[str] = parent._stars if parent else []  # noqa: SLF001 - one module's
        self._elsewhere: dict[str, type[ast.stmt]] = {}
        # Weak, or parent and child would keep each other, and the whole tree, alive for ever.
        self._inner: WeakValueDictionary[int, Scope] = WeakValueDictionary()
        self._resolved: dict[str, frozenset[str]] = {}

    def inner(self, node: Binder) -> Scope:
        """Give the scope of a function or class that is defined in this one."""
        scope = self._inner.get(id(node))
        if scope is None:
            scope = self._inner[id(node)] = Scope(node, self)
        return scope

    def origins(self, node: ast.expr) -> frozenset[str]:
        """Say what an expression may stand for, as dotted paths from the root of an import.

        `from m import n` gives `m:n`, so that a name which a module hands on can be told from one
        of its submodules. A call without positional arguments gives the callee's path with `()`:
        what a decorator factory returns. `functools.partial(f, ...)` stands for `f`. A class of
        the module itself begins with a dot. Empty where the expression cannot be followed.
        """
        found = _NOWHERE
        if isinstance(node, ast.Name):
            found = self._name(node.id)
        elif isinstance(node, ast.Attribute):
            found = frozenset(f"{origin}.{node.attr}" for origin in self.origins(node.value))
        elif isinstance(node, ast.IfExp):
            found = self.origins(node.body) | self.origins(node.orelse)
        elif isinstance(node, ast.Call):
            callee = self.origins(node.func)
            if not node.args:
                found = frozenset(f"{origin}()" for origin in callee)
            elif not callee.isdisjoint(_PARTIAL):
                found = self.origins(node.args[0])
        return found

    def definitions(self, name: str) -> list[Function]:
        """Give the functions that a name may stand for here."""
        bound = self.bindings.get(name)
        if bound is None:
            outer = self._around(name)
            bound = outer.bindings[name] if outer else []
        return [node for node in bound if isinstance(node, Function)]

    def _name(self, name: str) -> frozenset[str]:
        if name not in self._resolved:
            self._resolved[name] = _NOWHERE  # what a name that is bound to itself stands for
            self._resolved[name] = self._resolve(name)
        return self._resolved[name]

    def _resolve(self, name: str) -> frozenset[str]:
        bound = self.bindings.get(name)
        found = frozenset(origin for each in bound or () for origin in self._origins_of(each))
        if bound is not None and name not in self._elsewhere:
            return found
        outer = self._around(name)
        if outer is not None:
            return found | outer.origins(ast.Name(name))
        return found | {f"builtins.{name}", *(f"{star}.{name}" for star in self._stars)}

    def _origins_of(self, bound: Bound) -> frozenset[str]:
        if isinstance(bound, str):
            return frozenset({bound})
        return self.origins(bound) if isinstance(bound, ast.expr) else _NOWHERE

    def _around(self, name: str) -> Scope | None:
        """Find the scope around this one that binds a name, as code in this one sees it."""
        to_module = self._elsewhere.get(name) is ast.Global
        scope = self.parent
        while scope is not None:
            seen = not isinstance(scope.node, ast.ClassDef) and not (to_module and scope.parent)
            if seen and name in scope.bindings:
                return scope
            scope = scope.parent
        return None

    @cached_property
    def bindings(self) -> dict[str, list[Bound]]:
        """What each name of this scope is bound to."""
        found: defaultdict[str, list[Bound]] = defaultdict(list)
        if isinstance(self.node, Function):
            for parameter in _parameters(self.node.args):
                found[parameter.arg].append(None)
        for statement in own_statements(self.node):
            if isinstance(statement, ast.Import):
                for name, origin in _imported(statement):
                    found[name].append(origin)
            elif isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    origin = f"{self._absolute(statement)}:{alias.name}"
                    found[alias.asname or alias.name].append(origin)
            elif isinstance(statement, ast.Global | ast.Nonlocal):
                self._elsewhere.update(dict.fromkeys(statement.names, type(statement)))
            else:
                for name, bound in _bound_by(statement):
                    found[name].append(bound)
        self._stars += [str(origin).removesuffix(":*") for origin in found.pop("*", ())]
        return dict(found)

    def _absolute(self, statement: ast.ImportFrom) -> str:
        module = statement.module or ""
        if not statement.level:
            return module
        kept = len(self.package) - (statement.level - 1)
        return ".".join([*self.package[: max(kept, 0)], *([module] if module else [])])


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)


def _imported(statement: ast.Import) -> Iterator[tuple[str, str]]:
    for alias in statement.names:
        root = alias.name.split(".", 1)[0]
        yield (alias.asname, alias.name) if alias.asname else (root, root)


def _bound_by(statement: ast.stmt) -> Iterator[tuple[str, Bound]]:
    """Give what a statement that is no import binds, without the statements inside of it."""
    if isinstance(statement, Function):
        yield statement.name, statement
    elif isinstance(statement, ast.ClassDef):
        yield statement.name, f".{statement.name}"
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _bound_by_target(target, statement.value)
    elif isinstance(statement, ast.AnnAssign):
        yield from _bound_by_target(statement.target, statement.value)
    else:
        yield from _bound_by_block(statement)


def _bound_by_block(statement: ast.stmt) -> Iterator[tuple[str, None]]:
    """Give what a loop, `with`, `except` or `match` binds; nobody can say to what."""
    targets: list[ast.expr | None] = []
    if isinstance(statement, ast.For | ast.AsyncFor | ast.AugAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.With | ast.AsyncWith):
        targets = [item.optional_vars for item in statement.items]
    elif isinstance(statement, ast.Match):
        yield from _bound_by_cases(statement)
    for target in targets:
        if target is not None:
            yield from ((name, None) for name, _ in _bound_by_target(target, None))
    for handler in getattr(statement, "handlers", ()):
        if handler.name:
            yield handler.name, None


def _bound_by_cases(statement: ast.Match) -> Iterator[tuple[str, None]]:
    for case in statement.cases:
        for pattern in ast.walk(case.pattern):
            name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
            if isinstance(name, str):
                yield name, None


def _bound_by_target(
    target: ast.expr, value: ast.expr | None
) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        values: list[ast.expr] | list[None] = [None] * len(target.elts)
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            values = value.elts
        for each, part in zip(target.elts, values, strict=True):
            yield from _bound_by_target(each, part)
    elif isinstance(target, ast.Starred):
        yield from _bound_by_target(target.value, None)
