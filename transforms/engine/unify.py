"""Fit patterns on source code: the same syntax, with metavariables bound to what stands there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.metavariables import many_name, one_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Bound = ast.AST | list[ast.AST]
Bindings = dict[str, Bound]
_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})
_ARGUMENTS = frozenset({"args", "bases", "keywords"})


def unify(pattern: object, node: object, bindings: Mapping[str, Bound]) -> Bindings | None:
    """Fit a pattern's node on a source node.

    Returns:
        The bindings extended by this fit, or None where it does not fit.
    """
    name = one_name(pattern)
    if name is not None:
        # `f($x)` is a call with one argument, and `f(*args)` is not.
        if isinstance(node, ast.Starred) or not isinstance(node, ast.expr):
            return None
        return _bind(name, node, bindings)
    if isinstance(pattern, ast.AST):
        return _unify_nodes(pattern, node, bindings) if type(node) is type(pattern) else None
    if isinstance(pattern, list):
        return unify_lists(pattern, node, bindings) if isinstance(node, list) else None
    same = type(pattern) is type(node) and pattern == node
    return dict(bindings) if same else None


def _unify_nodes(pattern: ast.AST, node: object, bindings: Mapping[str, Bound]) -> Bindings | None:
    current: Bindings | None = dict(bindings)
    for name in pattern._fields:
        if name in _IGNORED_FIELDS:
            continue
        if isinstance(pattern, (ast.Call, ast.ClassDef)) and name in _ARGUMENTS:
            if name != "keywords":
                current = _unify_arguments(pattern, node, current or {})
        else:
            wanted, there = getattr(pattern, name, None), getattr(node, name, None)
            current = unify(wanted, there, current or {})
        if current is None:
            return None
    return current


def _arguments(node: object) -> tuple[list[ast.expr], list[ast.keyword]]:
    if isinstance(node, ast.Call):
        return node.args, node.keywords
    if isinstance(node, ast.ClassDef):
        return node.bases, node.keywords
    return [], []


def _unify_arguments(
    pattern: ast.AST, node: object, bindings: Mapping[str, Bound]
) -> Bindings | None:
    """Fit arguments: keywords by their names, and a last `$$x` takes those that are not named."""
    positional, keywords = _arguments(pattern)
    positional_there, keywords_there = _arguments(node)
    named = {keyword.arg for keyword in keywords}
    rest = [keyword for keyword in keywords_there if keyword.arg not in named]
    current = unify_lists(positional, [*positional_there, *rest], bindings)
    if current is None:
        return None
    listed = [keyword for keyword in keywords_there if keyword.arg in named]
    return unify_lists(_by_name(keywords), _by_name(listed), current)


def unify_lists(
    pattern: Sequence[object], nodes: Sequence[object], bindings: Mapping[str, Bound]
) -> Bindings | None:
    """Fit a list on a list; a `$$x` takes as much as it can."""
    if not pattern:
        return dict(bindings) if not nodes else None
    name = many_name(pattern[0])
    if name is None:
        if not nodes:
            return None
        head = unify(pattern[0], nodes[0], bindings)
        return None if head is None else unify_lists(pattern[1:], nodes[1:], head)
    for length in range(len(nodes), -1, -1):
        taken = [node for node in nodes[:length] if isinstance(node, ast.AST)]
        bound = _bind(name, taken, bindings)
        tail = None if bound is None else unify_lists(pattern[1:], nodes[length:], bound)
        if tail is not None:
            return tail
    return None


def _bind(name: str, value: Bound, bindings: Mapping[str, Bound]) -> Bindings | None:
    known = bindings.get(name)
    if known is not None:
        return dict(bindings) if _same(known, value) else None
    return {**bindings, name: value}


def _same(left: Bound, right: Bound) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return equal(_by_name(left), _by_name(right))
    return equal(left, right)


def _by_name(items: Sequence[ast.AST]) -> list[ast.AST]:
    """Bring keyword arguments, behind all others, into an order that does not matter."""

    def key(item: ast.AST) -> tuple[bool, str]:
        return (True, item.arg or "") if isinstance(item, ast.keyword) else (False, "")

    return sorted(items, key=key)


def equal(left: object, right: object) -> bool:
    """Tell whether two pieces of syntax are the same code."""
    if isinstance(left, ast.AST):
        return unify(left, right, {}) is not None
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right
