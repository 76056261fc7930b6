"""Parts of syntax that `ast` has no node for: a header, one parameter, one item of a dictionary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BODY_FIELDS = frozenset({"body", "orelse", "decorator_list"})
"""What is no part of a compound statement's header, by the names of `ast`'s fields."""


_ORDER = ("/", "*", "**")
_NOTHING = ast.Pass()
_NO_VALUE = ast.Constant(None)


class Header(ast.stmt):
    """A compound statement of which only the header counts, from its keyword to its colon."""

    _fields = ("statement",)

    # Before CPython 3.13, `copy` makes one without arguments first.
    def __init__(self, statement: ast.stmt | ast.ExceptHandler = _NOTHING) -> None:
        super().__init__(statement)  # type: ignore[call-arg, arg-type]
        self.statement = statement


class Slot(ast.AST):
    """One parameter of a function, or a bare `*` or `/` between its parameters.

    Attributes:
        stars: what stands before its name: nothing, `*`, `**`; or `/`.
        parameter: its name and annotation; None for a bare `*` or `/`.
        default: the default's expression; None where it has none.
    """

    _fields = ("stars", "parameter", "default")

    def __init__(
        self,
        stars: str = "",
        parameter: ast.arg | None = None,
        default: ast.expr | None = None,
    ) -> None:
        super().__init__(stars, parameter, default)  # type: ignore[call-arg]
        self.stars = stars
        self.parameter = parameter
        self.default = default


class Item(ast.AST):
    """One item of a dictionary display.

    Attributes:
        key: None for `**value`.
        value: its value.
    """

    _fields = ("key", "value")

    def __init__(self, key: ast.expr | None = None, value: ast.expr = _NO_VALUE) -> None:
        super().__init__(key, value)  # type: ignore[call-arg]
        self.key = key
        self.value = value


def slots(given: ast.arguments) -> list[Slot]:
    """Give a function's parameters as they are written, with the bare `/` and `*` between them."""
    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    defaults += given.defaults
    found = [Slot("", node, value) for node, value in zip(positional, defaults, strict=True)]
    if given.posonlyargs:
        found.insert(len(given.posonlyargs), Slot("/"))
    if given.vararg or given.kwonlyargs:
        found.append(Slot("*", given.vararg))
    keywords = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    found += [Slot("", node, value) for node, value in keywords]
    if given.kwarg:
        found.append(Slot("**", given.kwarg))
    return found


def arguments(written: Sequence[Slot]) -> ast.arguments:
    """Give the node for parameters as they are written.

    Raises:
        ValueError: no function can have these parameters, in this order.
    """
    marks = [_ORDER.index(slot.stars) for slot in written if slot.stars]
    if marks != sorted(set(marks)) or "**" in {slot.stars for slot in written[:-1]}:
        raise ValueError(f"no function can have {' '.join(slot.stars for slot in written)!r}")
    parts: dict[str, list[Slot]] = {"/": [], "": [], "*": []}
    section = ""
    given = ast.arguments([], [], None, [], [], None, [])
    for slot in written:
        if slot.stars == "/":
            parts["/"], parts[""] = parts[""], []
        elif slot.stars == "*":
            section, given.vararg = "*", slot.parameter
        elif slot.stars == "**":
            given.kwarg = slot.parameter
        else:
            parts[section].append(slot)
    given.posonlyargs = _nodes(parts["/"])
    given.args = _nodes(parts[""])
    given.defaults = [slot.default for slot in (*parts["/"], *parts[""]) if slot.default]
    given.kwonlyargs = _nodes(parts["*"])
    given.kw_defaults = [slot.default for slot in parts["*"]]
    return given


def _nodes(part: Sequence[Slot]) -> list[ast.arg]:
    return [slot.parameter for slot in part if slot.parameter]


def items(display: ast.Dict) -> list[Item]:
    """Give the items of a dictionary display."""
    return [Item(*pair) for pair in zip(display.keys, display.values, strict=True)]


def header_fields(statement: ast.AST) -> Iterator[str]:
    """Give the names of the fields that a compound statement's header consists of."""
    return (name for name in statement._fields if name not in BODY_FIELDS)


def header_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of a compound statement's header, the statement itself first."""
    yield statement
    for name in header_fields(statement):
        value = getattr(statement, name, None)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield from ast.walk(item)


def dotted_name(text: str) -> ast.expr | None:
    """Give the expression that a dotted name is; None where the text is none, e.g. `*`."""
    first, *rest = text.split(".")
    if not all(part.isidentifier() for part in (first, *rest)):
        return None
    node: ast.expr = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


def name_text(node: object) -> str | None:
    """Give the dotted name that an expression is; None where it is something else."""
    if isinstance(node, ast.Attribute):
        before = name_text(node.value)
        return f"{before}.{node.attr}" if before else None
    return node.id if isinstance(node, ast.Name) else None
