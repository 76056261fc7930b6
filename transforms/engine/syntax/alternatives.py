"""Several definitions of one name: which one a scope means, and how messages tell them apart."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import Span, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.syntax.source import Source

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
ACCESSORS = ("getter", "setter", "deleter")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One definition of a name.

    Attributes:
        node: the class or function.
        under: the headers of what it stands under in its scope, e.g. ``if TYPE_CHECKING``, ``try``.
    """

    node: Definition
    under: tuple[str, ...] = ()

    @property
    def accessor(self) -> str:
        """Say which part of a property this is: getter, setter or deleter; empty for none."""
        for item in self.node.decorator_list:
            name, owner = _name_and_owner(item)
            if name in ACCESSORS and owner == self.node.name:
                return name
            if name.endswith("property"):
                return "getter"
        return ""

    @property
    def is_stub(self) -> bool:
        """Tell whether this is one of the signatures that `@overload` lists, without code."""
        return any(_name_and_owner(item)[0] == "overload" for item in self.node.decorator_list)

    def described(self, source: Source) -> str:
        """Give its line, what it stands under, and its decorators, on one line."""
        stands = f" under {', '.join(self.under)}" if self.under else ""
        texts = [source.text(source.span(item)) for item in self.node.decorator_list]
        decorators = "".join(f" @{_first_line(text)}" for text in texts)
        return f"line {self.node.lineno}:{stands}{decorators or ('' if stands else ' plain')}"


def definitions(scope: ast.AST) -> Iterator[Definition]:
    """Give the classes and functions that a scope defines, those in `if` and `try` included."""
    for block in blocks(scope):
        for statement in block:
            if isinstance(statement, Definition):
                yield statement
            else:
                yield from definitions(statement)


def alternatives(scope: ast.AST, name: str, source: Source) -> list[Alternative]:
    """Give all definitions of a name directly in a scope, in the order of the source.

    Args:
        scope: a module, class or function; what stands in its `if`, `try`, `with`, loops and
            `match` belongs to it.
        name: the name of a class or function.
        source: the file.
    """
    found = [item for item in _defined(scope, (), source) if item.node.name == name]
    return sorted(found, key=lambda item: item.node.lineno)


def narrowed(found: Sequence[Alternative], accessor: str) -> list[Alternative]:
    """Leave out the definitions that a scope does not mean.

    Args:
        found: all definitions of a name.
        accessor: the accessor that the scope names; empty for none.

    Returns:
        Those that are meant; a scope holds only where it is one.
    """
    if accessor:
        return [item for item in found if item.accessor == accessor]
    implementations = [item for item in found if not item.is_stub]
    return implementations if len(implementations) == 1 else list(found)


def next_step(found: Sequence[Alternative], inside: str, name: str) -> str:
    """Say what an author can write instead of a scope that has several definitions."""
    accessors = {item.accessor for item in found} - {""}
    if len(accessors) == len(found):
        named = " or ".join(f"{name}.{each}" for each in ACCESSORS if each in accessors)
        return f"write the accessor, {named}, in `inside`"
    return f"search {inside} as a whole, with a pattern that only one of them has, or with `count`"


def _name_and_owner(decorator: ast.expr) -> tuple[str, str]:
    if isinstance(decorator, ast.Attribute):
        return decorator.attr, getattr(decorator.value, "id", "")
    return getattr(decorator, "id", ""), ""


def _defined(scope: ast.AST, under: tuple[str, ...], source: Source) -> Iterator[Alternative]:
    for header, block in _branches(scope, source):
        inside = (*under, header) if header else under
        for statement in block:
            if isinstance(statement, Definition):
                yield Alternative(statement, inside)
            else:
                yield from _defined(statement, inside, source)


def _branches(node: ast.AST, source: Source) -> Iterator[tuple[str, Sequence[ast.stmt]]]:
    """Give each block of a statement with the header that it stands under."""
    if isinstance(node, (ast.Module, Definition)):
        yield "", node.body
        return
    line = getattr(node, "lineno", 0)
    header = _header(line, source)
    yield header, getattr(node, "body", ())
    for child in getattr(node, "handlers", ()):
        yield _header(child.lineno, source), child.body
    for child in getattr(node, "cases", ()):
        yield _header(child.pattern.lineno, source), child.body
    orelse = getattr(node, "orelse", ())
    if isinstance(orelse, list) and orelse:
        is_elif = _header(orelse[0].lineno, source).startswith("elif ")
        yield "" if is_elif else f"else of {header}", orelse
    yield f"finally of {header}", getattr(node, "finalbody", ())


def _header(line: int, source: Source) -> str:
    """Give the line that a block stands under, without its colon and comment."""
    start, end = source.line_start(line), source.line_start(line + 1)
    text = source.text(Span(start, end)).partition(" #")[0].strip()
    return text.removesuffix(":").rstrip()


def _first_line(text: str) -> str:
    first, more, _ = text.partition("\n")
    return f"{first.rstrip()}..." if more else first
