"""What a name of a patch module holds, as far as can be said without running it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something of vLLM that can be read, or bound anew.

    Attributes:
        module: the dotted name of the module that has it in its namespace. For what a module has
            imported, that is the importing module: to bind it there changes nothing elsewhere.
        path: the names that lead to it inside the module, e.g. ``("Request", "__init__")``; empty
            for the module itself.
    """

    module: str
    path: tuple[str, ...] = ()

    @property
    def dotted(self) -> str:
        """The target as messages show it, e.g. ``vllm.v1.request:Request.__init__``."""
        return f"{self.module}:{'.'.join(self.path)}" if self.path else self.module

    def member(self, name: str) -> Target:
        """Give something inside of it."""
        return Target(module=self.module, path=(*self.path, name))

    @property
    def holder(self) -> Target:
        """What it is inside of."""
        return Target(module=self.module, path=self.path[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """An object of vLLM, read from where it is before anything was patched."""

    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A function, lambda or class that the plugin defines.

    Attributes:
        module: the plugin's module.
        node: its definition.
        names: what the functions around it have bound; without the names of the module, which
            it can always ask for.
        made_in: the qualified name of the function that made it, or of the class that it is a
            member of; empty for the module itself.
    """

    module: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda = field(hash=False)
    names: Mapping[str, Value] = field(default_factory=dict, hash=False, compare=False)
    made_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnName:
    """Something of the plugin that is not read, because no root imports its module.

    Attributes:
        target: where it is; the path is empty for the module itself.
    """

    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value that is known: a literal, or what folding made of an expression."""

    value: object = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """A module or object of neither vLLM nor the plugin, by the dotted name that imports it."""

    dotted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a call gives: `partial(f, 1)`, `staticmethod(f)`, `property(f)`, `Queue()`.

    What a decorator makes of a function is one as well, with the function behind its arguments.

    Attributes:
        function: what is called.
        positional: its positional arguments.
        keywords: its keyword arguments.
        node: the call, as the plugin wrote it.
    """

    function: Value
    node: ast.expr = field(hash=False)
    positional: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A tuple, list or set that is written out.

    Attributes:
        items: its elements.
        node: the display.
    """

    items: tuple[Value, ...]
    node: ast.expr = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """One of several values, by a condition that no build can know.

    Attributes:
        values: all of them, without repetition.
    """

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a function is given when it runs, which is after the imports.

    Attributes:
        name: the parameter.
        function: the function.
        is_first: it is the first one, which a method calls `self` or `cls`.
    """

    name: str
    function: ast.AST = field(hash=False)
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An attribute or item of something that is known only when the plugin runs.

    Attributes:
        of: what has it.
        name: the attribute; an item is `[...]`.
    """

    of: Value
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing: the attribute was deleted, or one of two branches does not put it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What cannot be said without running the plugin.

    Attributes:
        node: the expression.
        why: one line for the table.
    """

    why: str
    node: ast.expr | None = field(default=None, hash=False)


Value = (
    Upstream
    | Own
    | OwnName
    | Constant
    | External
    | Applied
    | Collected
    | Either
    | Parameter
    | Part
    | Absent
    | Unknown
)
