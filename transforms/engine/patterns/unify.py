"""Fit patterns on source code: the same syntax, with metavariables bound to what stands there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.patterns.metavariables import ONE, many_name, one_name
from transforms.engine.patterns.parts import Header, dotted_name, header_fields, items, slots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Bound = ast.AST | list[ast.AST]
Bindings = dict[str, Bound]
_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})


def unify(pattern: object, node: object, bindings: Bindings) -> Bindings | None:
    """Fit a pattern's node on a source node.

    Returns:
        The bindings extended by this fit, or None where it does not fit. `bindings` itself is
        never changed; it is what is returned where nothing new is bound.
    """
    if isinstance(pattern, ast.AST):
        if isinstance(pattern, ast.Name) and pattern.id.startswith(ONE):
            # `f($x)` is a call with one argument, and `f(*args)` is not.
            name = pattern.id[len(ONE) :]
            alone = isinstance(node, ast.expr) and not isinstance(node, ast.Starred)
            return _bind(name, node, bindings) if alone else None  # type: ignore[arg-type]
        if type(pattern) is type(node) or isinstance(pattern, Header):
            return _unify_nodes(pattern, node, bindings)
        return None
    if isinstance(pattern, list):
        return unify_lists(pattern, node, bindings) if isinstance(node, list) else None
    if isinstance(pattern, str) and isinstance(node, str):
        return _unify_names(pattern, node, bindings)
    return bindings if type(pattern) is type(node) and pattern == node else None


def _unify_names(pattern: str, node: str, bindings: Bindings) -> Bindings | None:
    """Fit a name that is no expression, e.g. of an attribute or a module; `$x` binds it as one."""
    name = one_name(pattern)
    if name is None:
        return bindings if pattern == node else None
    bound = dotted_name(node)
    return None if bound is None else _bind(name, bound, bindings)


def _unify_nodes(pattern: ast.AST, node: object, bindings: Bindings) -> Bindings | None:
    if isinstance(pattern, ast.Constant) and isinstance(node, ast.Constant):
        same = type(pattern.value) is type(node.value) and pattern.value == node.value
        return bindings if same else None
    if isinstance(pattern, Header):
        there = node.statement if isinstance(node, Header) else node
        return _unify_fields(pattern.statement, there, header_fields(pattern.statement), bindings)
    if isinstance(pattern, ast.arguments) and isinstance(node, ast.arguments):
        return unify_lists(slots(pattern), slots(node), bindings)
    if isinstance(pattern, ast.Dict) and isinstance(node, ast.Dict):
        return unify_lists(items(pattern), items(node), bindings)
    return _unify_fields(pattern, node, pattern._fields, bindings)


def _unify_fields(
    pattern: ast.AST, node: object, names: Iterable[str], bindings: Bindings
) -> Bindings | None:
    if type(pattern) is not type(node):
        return None
    current: Bindings | None = bindings
    for name in names:
        if name in _IGNORED_FIELDS or current is None:
            continue
        wanted, there = getattr(pattern, name, None), getattr(node, name, None)
        if name == "keywords" and isinstance(pattern, (ast.Call, ast.ClassDef)):
            current = _unify_arguments(pattern, node, current)
        elif name in {"args", "bases"} and isinstance(wanted, list):
            # The parameters of a function are no list, and arguments come with the keywords.
            continue
        elif name == "names" and isinstance(pattern, ast.ImportFrom):
            current = _unify_imported(pattern.names, getattr(node, "names", []), current)
        else:
            current = unify(wanted, there, current)
    return current


def _arguments(node: object) -> tuple[list[ast.expr], list[ast.keyword]]:
    if isinstance(node, ast.Call):
        return node.args, node.keywords
    if isinstance(node, ast.ClassDef):
        return node.bases, node.keywords
    return [], []


def _unify_arguments(pattern: ast.AST, node: object, bindings: Bindings) -> Bindings | None:
    """Fit arguments: keywords by their names, and a last `$$x` takes those that are not named."""
    positional, keywords = _arguments(pattern)
    positional_there, keywords_there = _arguments(node)
    if not keywords:
        return unify_lists(positional, [*positional_there, *keywords_there], bindings)
    free = [keyword for keyword in keywords if one_name(keyword.arg)]
    named = {keyword.arg for keyword in keywords if keyword not in free}
    listed = [keyword for keyword in keywords_there if keyword.arg in named]
    rest = [keyword for keyword in keywords_there if keyword.arg not in named]
    fixed = _by_name([keyword for keyword in keywords if keyword not in free])
    current = unify_lists(fixed, _by_name(listed), bindings)
    if current is None:
        return None
    return _in_any_order(
        free,
        rest,
        current,
        lambda left, bound: unify_lists(positional, [*positional_there, *left], bound),
    )


def _unify_imported(
    pattern: Sequence[ast.alias], nodes: Sequence[ast.alias], bindings: Bindings
) -> Bindings | None:
    """Fit the names of an import: their order does not matter, and `$$x` takes those left over."""
    many = next((name for name in map(many_name, pattern) if name), None)
    wanted = [alias for alias in pattern if not many_name(alias)]
    wanted.sort(key=lambda alias: one_name(alias.name) is not None)

    def rest(left: Sequence[ast.AST], bound: Bindings) -> Bindings | None:
        if many is not None:
            return _bind(many, list(left), bound)
        return None if left else bound

    return _in_any_order(wanted, nodes, bindings, rest)


def _in_any_order(
    pattern: Sequence[ast.AST],
    nodes: Sequence[ast.AST],
    bindings: Bindings,
    rest: Callable[[Sequence[ast.AST], Bindings], Bindings | None],
) -> Bindings | None:
    """Fit each of a pattern on another node, and what is left over on the rest."""
    if not pattern:
        return rest(nodes, bindings)
    for index, node in enumerate(nodes):
        bound = unify(pattern[0], node, bindings)
        if bound is not None:
            others = [*nodes[:index], *nodes[index + 1 :]]
            found = _in_any_order(pattern[1:], others, bound, rest)
            if found is not None:
                return found
    return None


def unify_lists(
    pattern: Sequence[object], nodes: Sequence[object], bindings: Bindings
) -> Bindings | None:
    """Fit a list on a list; a `$$x` takes as much as it can."""
    current = bindings
    for index, wanted in enumerate(pattern):
        name = many_name(wanted)
        if name is not None:
            return _unify_many(name, pattern[index + 1 :], nodes[index:], current)
        fitted = unify(wanted, nodes[index], current) if index < len(nodes) else None
        if fitted is None:
            return None
        current = fitted
    return current if len(nodes) == len(pattern) else None


def _unify_many(
    name: str, pattern: Sequence[object], nodes: Sequence[object], bindings: Bindings
) -> Bindings | None:
    """Bind as many nodes as there can be in front of those that fit the rest of a pattern."""
    for length in range(len(nodes), -1, -1):
        taken = [node for node in nodes[:length] if isinstance(node, ast.AST)]
        bound = _bind(name, taken, bindings)
        found = None if bound is None else unify_lists(pattern, nodes[length:], bound)
        if found is not None:
            return found
    return None


def _bind(name: str, value: Bound, bindings: Bindings) -> Bindings | None:
    known = bindings.get(name)
    if known is not None:
        return bindings if _same(known, value) else None
    return {**bindings, name: value}


def _same(left: Bound, right: Bound) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return equal(_by_name(left), _by_name(right))
    return equal(left, right)


def _by_name(nodes: Sequence[ast.AST]) -> list[ast.AST]:
    """Bring what may stand in any order into one: keyword arguments behind others, and imports."""

    def key(node: ast.AST) -> tuple[bool, str]:
        if isinstance(node, ast.alias):
            return (True, f"{node.name} {node.asname}")
        return (True, node.arg or "") if isinstance(node, ast.keyword) else (False, "")

    return sorted(nodes, key=key)


def equal(left: object, right: object) -> bool:
    """Tell whether two pieces of syntax are the same code."""
    if isinstance(left, ast.AST):
        return unify(left, right, {}) is not None
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(equal, left, right))
    return type(left) is type(right) and left == right
