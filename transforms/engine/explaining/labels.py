"""Syntax as a flat list of labels, outer nodes first, so that two pieces of it can be compared."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import MANY as MANY_PREFIX
from transforms.engine.patterns.metavariables import ONE as ONE_PREFIX
from transforms.engine.patterns.metavariables import ROOM, many_name, one_name
from transforms.engine.syntax.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

_IGNORED = frozenset({"ctx", "kind", "type_comment", "type_params"})
_BLOCKS = frozenset({"decorator_list", "body", "orelse", "finalbody", "handlers", "cases"})
# Fields that would else look like a continuation of the one before.
_MARKED = frozenset({"orelse", "finalbody"})
_OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_COMMON_TEXTS = frozenset({"self", "cls", "None", "True", "False", "0", "1"})
ONE = "$"
MANY = "$$"
STATEMENTS = "statements"
_COMMON_KINDS = frozenset(
    {ONE, MANY, "BinOp", "UnaryOp", "BoolOp", "Compare", "AugAssign", "JoinedStr"}
)


@dataclass(frozen=True, slots=True)
class Label:
    """One node without what is below it.

    Attributes:
        kind: the node's type; `ONE` and `MANY` for metavariables.
        text: its own names, literal or operator.
    """

    kind: str
    text: str = ""

    @property
    def is_telling(self) -> bool:
        """Tell whether code that has it too is likely to be about the same thing."""
        return bool(self.text) and self.kind not in _COMMON_KINDS and self.text not in _COMMON_TEXTS

    @property
    def is_open(self) -> bool:
        """Tell whether a metavariable stands for its name, as in `def $f():`."""
        return ONE_PREFIX in self.text


@dataclass(frozen=True, slots=True)
class Labels:
    """Some code as labels.

    Attributes:
        labels: in the order of the source, outer ones first.
        ends: for each label, the index behind the last one below it.
        nodes: for each label, its node; None for a mark between two fields.
    """

    labels: list[Label] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    nodes: list[ast.AST | None] = field(default_factory=list)

    def add(self, more: Labels) -> None:
        """Put further labels behind these."""
        self.ends.extend(end + len(self.labels) for end in more.ends)
        self.labels.extend(more.labels)
        self.nodes.extend(more.nodes)

    def part(self, start: int, end: int) -> Labels:
        """Give the labels of a range; a subtree that reaches farther is cut off."""
        ends = [min(each, end) - start for each in self.ends[start:end]]
        return Labels(self.labels[start:end], ends, self.nodes[start:end])


def flatten(nodes: Sequence[ast.AST], *, blocks: bool = True) -> Labels:
    """Write code as labels.

    Args:
        nodes: a pattern's or a file's.
        blocks: whether blocks and decorators of statements are included, or only their headers.
    """
    flat = Labels()
    waiting: list[ast.AST | str | int] = list(reversed(nodes))
    while waiting:
        item = waiting.pop()
        if isinstance(item, int):
            flat.ends[item] = len(flat.labels)
            continue
        label, below = _label(item, blocks=blocks)
        if label is not None:
            waiting.append(len(flat.labels))
            flat.labels.append(label)
            flat.ends.append(0)
            flat.nodes.append(item if isinstance(item, ast.AST) else None)
        waiting.extend(reversed(below))
    return flat


def _label(item: ast.AST | str, *, blocks: bool) -> tuple[Label | None, list[ast.AST | str]]:
    """Give a node's label, and what stands below it: nodes, and the marks of some fields."""
    if isinstance(item, str) or (leaf := _leaf(item)):
        return (Label(item) if isinstance(item, str) else leaf), []
    if isinstance(item, ast.Name) and item.id == ROOM:
        return None, []
    texts: list[str] = []
    below: list[ast.AST | str] = []
    for name in item._fields:
        if name not in _IGNORED and (blocks or name not in _BLOCKS):
            values = _items(name, getattr(item, name, None))
            texts += [text for value in values if (text := _text(value))]
            below += [name] if name in _MARKED and values else []
            below += [value for value in values if isinstance(value, ast.AST) and not _text(value)]
    # A parameter list says nothing that its `def` does not.
    return None if isinstance(item, ast.arguments) else Label(
        type(item).__name__, " ".join(texts)
    ), below


def _leaf(item: ast.AST) -> Label | None:
    """Give the label of a node that is compared as a whole; None for all others."""
    if one_name(item) is not None:
        return Label(ONE)
    is_parameter = isinstance(item, ast.arg) and item.arg.startswith(MANY_PREFIX)
    if is_parameter or many_name(item) is not None:
        return Label(MANY, STATEMENTS if isinstance(item, ast.stmt) else "")
    if isinstance(item, ast.JoinedStr):
        # The nodes inside have no positions to rely on.
        return Label("JoinedStr", canonical(item))
    return Label("Constant", repr(item.value)) if isinstance(item, ast.Constant) else None


def _text(value: object) -> str:
    """Write a plain value or an operator; nodes that can hold others are labels of their own."""
    if isinstance(value, _OPERATORS):
        return type(value).__name__
    return "" if value is None or isinstance(value, ast.AST) else str(value)


def _items(name: str, values: object) -> list[object]:
    if not isinstance(values, list):
        return [values]
    if name == "keywords":
        # Their order says nothing.
        return sorted(values, key=lambda item: item.arg or "")
    return values
