"""The order of fields that are a constructor's parameters: none without a default behind one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.alternatives import definitions
from transforms.engine.syntax.enclosing import last_name

if TYPE_CHECKING:
    from collections.abc import Sequence

# `dataclasses` and pydantic, attrs, and vLLM's own `@config` around pydantic's.
_DECORATORS = frozenset({"attrs", "config", "dataclass", "define", "frozen", "mutable"})
_BASES = frozenset({"NamedTuple", "Struct"})
# With others, such as pydantic's `Field(...)`, Python itself sees a default.
_SPECIFIERS = frozenset({"attrib", "field", "ib"})
_DEFAULTS = frozenset({"default", "default_factory", "factory"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is a positional parameter of the class's constructor.

    Attributes:
        node: its statement.
        name: its name.
        has_default: whether a call may leave it out.
    """

    node: ast.AnnAssign
    name: str
    has_default: bool


def orders_fields(node: ast.ClassDef) -> bool:
    """Tell whether a class's fields are, in their order, parameters of its constructor."""
    makers = [item for item in node.decorator_list if last_name(item) in _DECORATORS]
    given = [word for item in makers if isinstance(item, ast.Call) for word in item.keywords]
    if not makers:
        if not any(last_name(base) in _BASES for base in node.bases):
            return False
        given = node.keywords
    return not any(_is_true(word) for word in given if word.arg == "kw_only")


def positional(body: Sequence[ast.stmt]) -> list[Field]:
    """Give the fields that are positional parameters, in the order of the source."""
    fields = []
    for statement in body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        kind = _annotation(statement.annotation)
        if kind == "KW_ONLY":
            break
        if kind == "ClassVar" or _is_left_out(statement.value):
            continue
        fields.append(Field(statement, statement.target.id, _has_default(statement.value)))
    return fields


def inherited(node: ast.ClassDef, module: ast.AST) -> list[Field]:
    """Give the positional fields of a class's bases, as far as they stand in its module."""
    above = {
        item.name: item
        for item in definitions(module)
        if isinstance(item, ast.ClassDef) and item.lineno < node.lineno
    }
    fields: dict[str, Field] = {}
    for base in reversed(node.bases):
        there = above.get(last_name(base))
        if there is not None and orders_fields(there):
            found = [*inherited(there, module), *positional(there.body)]
            fields |= {field.name: field for field in found}
    return list(fields.values())


def out_of_order(first: Sequence[Field], body: Sequence[ast.stmt]) -> tuple[str, str]:
    """Find a field that has no default, behind one that has.

    Args:
        first: the fields that come before those of the body.
        body: a class's body.

    Returns:
        The name of the one without a default, and of the one with; empty for none.
    """
    # A field that is declared again keeps its place.
    fields = {field.name: field for field in first}
    fields |= {field.name: field for field in positional(body)}
    with_default = ""
    for field in fields.values():
        if field.has_default:
            with_default = with_default or field.name
        elif with_default:
            return field.name, with_default
    return "", ""


def _annotation(node: ast.expr) -> str:
    """Give what an annotation says first, e.g. ``ClassVar``; it may be a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.partition("[")[0].rpartition(".")[2].strip()
    return last_name(node)


def _has_default(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and last_name(value.func) in _SPECIFIERS:
        return any(word.arg in _DEFAULTS for word in value.keywords) or bool(value.args)
    return value is not None


def _is_left_out(value: ast.expr | None) -> bool:
    """Tell whether a field says of itself that it is no positional parameter."""
    if not isinstance(value, ast.Call):
        return False
    said = {word.arg: word.value for word in value.keywords}
    init, kw_only = said.get("init"), said.get("kw_only")
    return (isinstance(init, ast.Constant) and init.value is False) or (
        isinstance(kw_only, ast.Constant) and kw_only.value is True
    )


def _is_true(word: ast.keyword) -> bool:
    return isinstance(word.value, ast.Constant) and word.value.value is True
