"""Patterns for property tests: random code in which random parts have become metavariables."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import MANY, ONE, ROOM, decode
from transforms.engine.patterns.parts import Item, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

COMPOUND = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.While,
    ast.With,
)
_SHARE = 0.25
# Fields in which a name stands that is no expression.
_NAMES = {
    ast.Attribute: "attr",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.arg: "arg",
    ast.keyword: "arg",
    ast.alias: "asname",
    ast.ExceptHandler: "name",
    ast.ImportFrom: "module",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
}
_LISTS = {
    ast.List: "elts",
    ast.FunctionDef: "decorator_list",
    ast.ClassDef: "decorator_list",
    ast.With: "items",
    ast.AsyncWith: "items",
    ast.ImportFrom: "names",
    ast.If: "body",
    ast.For: "body",
    ast.While: "body",
}


@dataclass
class Holed:
    """Code in which parts have become metavariables.

    Attributes:
        tree: the code, with the metavariables in it.
        bound: for each metavariable, the code that stood there, or the codes.
    """

    tree: ast.stmt
    bound: dict[str, str | list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The pattern as its author would write it."""
        return decode(ast.unparse(self.tree))


def shown(node: ast.AST | list[ast.AST]) -> str | list[str]:
    """Show what was bound so that it can be compared: without positions and contexts."""
    if isinstance(node, list):
        return [str(shown(item)) for item in node]
    if isinstance(node, Slot):
        return _slot(node.parameter, node.default, node.stars)
    if isinstance(node, Item):
        return _item(node.key, node.value)
    copied = copy.deepcopy(node)
    for inner in ast.walk(copied):
        if hasattr(inner, "ctx"):
            inner.ctx = ast.Load()
    return ast.dump(copied)


def holed(statement: ast.stmt, random: Random) -> Holed:
    """Put metavariables into a copy of a statement."""
    result = Holed(copy.deepcopy(statement))
    _Digger(result, random).visit(result.tree)
    return result


class _Digger(ast.NodeTransformer):
    """Inner parts become metavariables first, or stay; what is bound never has one inside."""

    def __init__(self, result: Holed, random: Random) -> None:
        self._bound = result.bound
        self._random = random

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, (ast.JoinedStr, ast.MatchValue, ast.MatchMapping, ast.MatchClass)):
            return node
        if isinstance(node, ast.Name) and "_wheelwright_" in node.id:
            return node
        if isinstance(node, ast.expr) and self._fits(node) and self._random.random() < _SHARE / 3:
            return ast.Name(ONE + self._name(shown(node)), ast.Load())
        before = list(ast.iter_child_nodes(node))
        for kind, name in _LISTS.items():
            if isinstance(node, kind) and self._random.random() < _SHARE:
                self._cut(node, name)
        if isinstance(node, ast.Call):
            self._cut_arguments(node)
        elif isinstance(node, ast.arguments):
            self._cut_parameters(node)
        elif isinstance(node, ast.Dict):
            self._cut_items(node)
        is_whole = len(before) == len(list(ast.iter_child_nodes(node)))
        field_name = _NAMES.get(type(node), "")
        value = getattr(node, field_name, None)
        if isinstance(value, str) and "_wheelwright_" not in value and is_whole:
            self._rename(node, field_name, value)
        return self.generic_visit(node)

    def _rename(self, node: ast.AST, name: str, value: str) -> None:
        if self._random.random() < _SHARE:
            there = ast.parse(value, mode="eval").body
            setattr(node, name, ONE + self._name(shown(there)))

    def _name(self, value: str | list[str]) -> str:
        """Choose a new metavariable, or one that is bound to the same already."""
        same = [name for name, there in self._bound.items() if there == value]
        # Of no things at all, nothing says of which kind they are.
        if value and same and self._random.random() < 0.5:
            return self._random.choice(same)
        name = f"x{len(self._bound)}"
        self._bound[name] = value
        return name

    @staticmethod
    def _fits(node: ast.expr) -> bool:
        """Tell whether a name, printed in the place of this expression, can be read back."""
        return not isinstance(node, (ast.Starred, ast.FormattedValue))

    def _range(self, values: list[ast.AST]) -> tuple[int, int]:
        first, last = sorted(self._random.choices(range(len(values) + 1), k=2))
        return first, last

    def _cut(self, node: ast.AST, name: str) -> None:
        """Make a range of a list one `$$x`."""
        values = getattr(node, name)
        first, last = self._range(values)
        if isinstance(node, ast.ImportFrom) and values[0].name == "*":
            return
        many = MANY + self._name([str(shown(item)) for item in values[first:last]])
        made: ast.AST = ast.Name(many, ast.Load())
        if name == "names":
            made = ast.alias(many, None)
        elif name == "items":
            made = ast.withitem(made, None)  # type: ignore[arg-type]
        elif name == "body":
            made = ast.Expr(made)  # type: ignore[arg-type]
        values[first:last] = [made]

    def _cut_arguments(self, node: ast.Call) -> None:
        if self._random.random() < _SHARE:
            first, last = self._range([*node.args])
            taken: list[ast.AST] = [*node.args[first:last]]
            if last == len(node.args) and self._random.random() < 0.5:
                taken += node.keywords
                node.keywords = []
            many = MANY + self._name([str(shown(item)) for item in taken])
            node.args[first:last] = [ast.Name(many, ast.Load())]

    def _cut_parameters(self, node: ast.arguments) -> None:
        """Make keyword-only parameters, or those without a kind of their own, one `$$x`."""
        if self._random.random() > _SHARE or node.posonlyargs:
            return
        if node.kwonlyargs:
            taken = [*zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            texts = [_slot(*each) for each in taken]
            node.kwonlyargs, node.kw_defaults = [ast.arg(MANY + self._name(texts))], [None]
        elif not node.vararg:
            first, _ = self._range([*node.args])
            defaults = [None] * (len(node.args) - len(node.defaults)) + [*node.defaults]
            texts = [_slot(*each) for each in zip(node.args, defaults, strict=True)][first:]
            texts += [_slot(node.kwarg, None, "**")] if node.kwarg else []
            before = [each for each in defaults[:first] if each]
            room: list[ast.expr] = [ast.Name(ROOM, ast.Load())] if before else []
            node.args[first:] = [ast.arg(MANY + self._name(texts))]
            node.defaults, node.kwarg = [*before, *room], None

    def _cut_items(self, node: ast.Dict) -> None:
        """Make all items but the last `key: value` and those behind it one `$$x`."""
        keyed = [index for index, key in enumerate(node.keys) if key]
        if keyed and self._random.random() < _SHARE:
            last = keyed[-1]
            texts = [_item(*each) for each in zip(node.keys, node.values, strict=True)][:last]
            node.keys[:last] = [ast.Name(MANY + self._name(texts), ast.Load())]
            node.values[:last] = [ast.Name(ROOM, ast.Load())]


def _slot(parameter: ast.arg | None, default: ast.expr | None, stars: str = "") -> str:
    parts = [shown(part) for part in (parameter, default) if part]
    return f"{stars} parameter {parts}"


def _item(key: ast.expr | None, value: ast.expr) -> str:
    return f"{shown(key) if key else '**'}: {shown(value)}"


def header_text(holes: Holed) -> str:
    """Give the header of a compound statement as a pattern."""
    header = copy.copy(holes.tree)
    for name, value in (("body", [ast.Pass()]), ("orelse", []), ("decorator_list", [])):
        if hasattr(header, name):
            setattr(header, name, value)
    return decode(ast.unparse(header)).removesuffix("\n    pass")


def statements_of(module: ast.Module, most_lines: int) -> Iterator[ast.stmt]:
    """Give the statements of a module that are short and that `ast` prints as they are."""
    for node in ast.walk(module):
        if isinstance(node, ast.stmt) and (node.end_lineno or 0) - node.lineno < most_lines:
            yield node
