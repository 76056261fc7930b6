"""The names that code takes from around it, and when it looks them up."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transforms.engine.syntax.definition import Function

_COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place where code asks for a name that it does not bind itself.

    Attributes:
        name: the name.
        node: where it stands; a `global` statement for a name that is assigned to.
        is_eager: it is looked up while the code is defined, not when it is called.
        is_annotation: it stands in an annotation.
        is_in_f_string: positions there differ between Pythons, so that nothing is written there.
        assigns: a function binds the name in the module around it.
    """

    name: str
    node: ast.AST
    is_eager: bool = False
    is_annotation: bool = False
    is_in_f_string: bool = False
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class _Around:
    """What is bound around a node, and how the node is evaluated."""

    visible: frozenset[str] = frozenset()
    # What the body of a class has bound: functions inside of it do not see that.
    in_class: frozenset[str] = frozenset()
    is_eager: bool = True
    is_annotation: bool = False
    is_in_f_string: bool = False

    def knows(self, name: str) -> bool:
        return name in self.visible or name in self.in_class


def uses(nodes: Iterable[ast.AST]) -> list[Use]:
    """Give all places where code asks for a name that it does not bind itself.

    Args:
        nodes: definitions, statements or expressions; what the statements bind at their own level
            is bound outside of this code.
    """
    return [use for node in nodes for use in _walk(node, _Around())]


def body_uses(function: Function | ast.Lambda) -> list[Use]:
    """Give the uses in a function's body alone: without decorators, defaults and annotations."""
    around = replace(_Around(), visible=_bound_in(function), is_eager=False)
    body = function.body if isinstance(function.body, list) else [function.body]
    return [*_assigned(function), *(use for node in body for use in _walk(node, around))]


def free_names(nodes: Iterable[ast.AST], *, annotations: bool = False) -> list[str]:
    """Give the names that code asks for, in the order in which it does.

    Args:
        nodes: the code.
        annotations: whether those count that only annotations ask for.
    """
    found = (item.name for item in uses(nodes) if annotations or not item.is_annotation)
    return list(dict.fromkeys(found))


def bound_by(statement: ast.AST) -> Iterator[str]:
    """Give the names that a statement binds where it stands, those in its blocks included."""
    yield from _stored([statement])


def _walk(node: ast.AST, around: _Around) -> Iterator[Use]:  # noqa: C901 - one for each kind
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and not around.knows(node.id):
            yield Use(
                name=node.id,
                node=node,
                is_eager=around.is_eager,
                is_annotation=around.is_annotation,
                is_in_f_string=around.is_in_f_string,
            )
    elif isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        yield from _walk_function(node, around)
    elif isinstance(node, ast.ClassDef):
        for item in (*node.decorator_list, *node.bases, *node.keywords):
            yield from _walk(item, around)
        bound = frozenset(_stored(node.body)) | {"__module__", "__qualname__"}
        for statement in node.body:
            yield from _walk(statement, replace(around, in_class=bound))
    elif isinstance(node, _COMPREHENSION):
        yield from _walk_comprehension(node, around)
    elif isinstance(node, ast.AnnAssign):
        yield from _walk(node.annotation, replace(around, is_annotation=True))
        yield from (
            use for item in (node.target, node.value) if item for use in _walk(item, around)
        )
    elif isinstance(node, ast.JoinedStr):
        for item in ast.iter_child_nodes(node):
            yield from _walk(item, replace(around, is_in_f_string=True))
    else:
        for item in ast.iter_child_nodes(node):
            yield from _walk(item, around)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _walk_function(node: Function | ast.Lambda, around: _Around) -> Iterator[Use]:
    arguments = node.args
    outside = [*getattr(node, "decorator_list", ()), *arguments.defaults, *arguments.kw_defaults]
    for item in outside:
        if item is not None:
            yield from _walk(item, around)
    for item in annotations_of(node):
        yield from _walk(item, replace(around, is_annotation=True))
    inner = _Around(
        visible=around.visible | _bound_in(node),
        is_eager=False,
        is_in_f_string=around.is_in_f_string,
    )
    yield from _assigned(node)
    for item in node.body if isinstance(node.body, list) else [node.body]:
        yield from _walk(item, inner)


def annotations_of(node: Function | ast.Lambda) -> list[ast.expr]:
    """Give the annotations in a function's header."""
    given = node.args
    everyone = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    found = [item.annotation for item in everyone if item is not None and item.annotation]
    returns = getattr(node, "returns", None)
    return [*found, returns] if returns is not None else found


def _assigned(node: Function | ast.Lambda) -> Iterator[Use]:
    """Give the names that a function itself binds in the module."""
    for item in _own(node.body if isinstance(node.body, list) else []):
        if isinstance(item, ast.Global):
            for name in item.names:
                yield Use(name=name, node=item, assigns=True)


def _walk_comprehension(node: ast.AST, around: _Around) -> Iterator[Use]:
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    # The first source is evaluated outside.
    yield from _walk(generators[0].iter, around)
    bound = frozenset(_stored([item.target for item in generators]))
    inner = replace(around, visible=around.visible | around.in_class | bound, in_class=frozenset())
    for number, item in enumerate(generators):
        parts = [*([item.iter] if number else []), *item.ifs]
        yield from (use for part in parts for use in _walk(part, inner))
    results = (getattr(node, name, None) for name in ("elt", "key", "value"))
    yield from (use for part in results if part is not None for use in _walk(part, inner))


def _bound_in(function: Function | ast.Lambda) -> frozenset[str]:
    given = function.args
    everyone = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    names = {item.arg for item in everyone if item is not None}
    body = function.body if isinstance(function.body, list) else [function.body]
    names |= set(_stored(body))
    for item in _own(body):
        if isinstance(item, ast.Global):
            names -= set(item.names)
    return frozenset(names)


def _stored(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that statements bind in their own frame."""
    for node in _own(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif (isinstance(node, ast.ExceptHandler) and node.name) or (
            isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name
        ):
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk what runs in one frame; the targets of comprehensions are bound in theirs."""
    waiting: Sequence[ast.AST] = list(nodes)
    while waiting:
        node, *rest = waiting
        yield node
        inner: list[ast.AST] = []
        if isinstance(node, _COMPREHENSION):
            # `:=` binds around it.
            inner = [item.target for item in ast.walk(node) if isinstance(item, ast.NamedExpr)]
        elif not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            inner = list(ast.iter_child_nodes(node))
        waiting = [*inner, *rest]
