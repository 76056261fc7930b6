"""What a subclass that takes over a class's name must have, and where it cannot."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.members import is_enum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.syntax.source import Source

# They return the class that they are given, and a subclass inherits what they did to it.
_ONLY_CHANGE = frozenset({"config", "dataclass", "runtime_checkable", "total_ordering"})
_FIELDS = frozenset({"config", "dataclass"})
_TYPE_VARIABLES = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})


def base_text(node: ast.ClassDef, source: Source) -> str:
    """Write a class as a base, with the type variables that keep it generic."""
    names = _type_parameters(node, source)
    return f"{node.name}[{', '.join(names)}]" if names else node.name


def keyword_texts(node: ast.ClassDef, source: Source) -> list[str]:
    """Give the keywords that a class is made with; a metaclass is inherited."""
    return [
        source.text(source.span(keyword)).replace("\r\n", "\n").replace("\r", "\n")
        for keyword in node.keywords
        if keyword.arg != "metaclass"
    ]


def refusals(
    node: ast.ClassDef, source: Source, *, decorated: bool, adds_fields: bool
) -> Iterator[tuple[str, int]]:
    """Say why a subclass cannot take over the name of a class.

    Args:
        node: the class.
        source: its file.
        decorated: whether its author says what the subclass is decorated with.
        adds_fields: whether the subclass annotates names.

    Yields:
        What is to be said of the class, and the line.
    """
    if is_enum(node, source.module):
        yield "is an Enum, which cannot be derived from", node.lineno
    if any(last_name(base) == "TypedDict" for base in node.bases):
        yield "is a TypedDict, which has no behaviour to change", node.lineno
    if getattr(node, "type_params", ()):
        yield (
            "has type parameters of Python 3.12, which a subclass of its name would lose",
            (node.lineno),
        )
    for decorator in node.decorator_list:
        name = last_name(decorator)
        reason = ""
        if name == "final":
            reason = "is final, which is to say that nothing derives from it"
        elif name in _FIELDS and adds_fields and not decorated:
            reason = f"is a @{name}: for new fields, decorate the subclass as well"
        elif name not in _ONLY_CHANGE and not decorated:
            reason = (
                f"is decorated with @{name}, which may keep the class itself: say in `decorators` "
                'what the subclass is decorated with, or "" for nothing'
            )
        if reason:
            yield reason, decorator.lineno
    for line in _explicit_supers(node.name, source.module):
        reason = (
            f"is named in super({node.name}, ...) at line {line}: that would call itself "
            "for ever, since the name would be the subclass's"
        )
        yield reason, line


def _explicit_supers(name: str, module: ast.AST) -> Iterator[int]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and last_name(node.func) == "super":
            given = node.args[:1]
            named = bool(given) and isinstance(given[0], (ast.Name, ast.Attribute))
            if named and last_name(given[0]) == name:
                yield node.lineno


def _type_parameters(node: ast.ClassDef, source: Source) -> list[str]:
    """Give the type variables of a generic class, in its own order.

    Without `Generic[...]`, they are those that its bases name, as far as this module makes them.
    """
    listed = [base for base in node.bases if isinstance(base, ast.Subscript)]
    for base in listed:
        if last_name(base) in {"Generic", "Protocol"}:
            elements = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            return [source.text(source.span(element)) for element in elements]
    known = {
        target.id
        for statement in source.module.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and last_name(statement.value.func) in _TYPE_VARIABLES
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    named = [
        inner.id
        for base in listed
        for inner in ast.walk(base.slice)
        if isinstance(inner, ast.Name) and inner.id in known
    ]
    return list(dict.fromkeys(named))
