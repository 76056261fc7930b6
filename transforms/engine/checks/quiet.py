"""Changes that can neither unbind a name nor use a new one: most of what a wide rule does.

They are known from the edited module's syntax and the bytes that were replaced, so that the
pristine module need not be parsed.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.checks.touched import Change, Touched
    from transforms.engine.source import Span

# What binds names or makes a scope of its own, and f-strings, whose inside has no positions.
_LOUD = (
    ast.NamedExpr,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.JoinedStr,
    ast.Starred,
)
_COMMENT = re.compile(rb"\s*(?:#[^\r\n]*(?:\r\n|\r|\n|\Z)\s*)*\Z")
_ANNOTATION = re.compile(rb"\s*:(?P<annotation>.+?)(?P<equals>\s*=\s*)?\Z", re.DOTALL)


def is_quiet(module: Touched) -> bool:
    """Tell whether no change to a module can have unbound a name or used a new one.

    A change is quiet that

    - replaces comments and white space by such, or
    - takes the annotation from a parameter or a variable, or
    - puts one expression in the place of another that uses at least the same names; since it is
      one that is read where it stands now, what stood there was read, too.

    Args:
        module: an edited module that parses.
    """
    tree = module.module
    if module.file.before is None or not isinstance(tree, ast.Module):
        return False
    rest = [change for change in module.changes if not _is_comment(change, module)]
    if not all(_may_be_quiet(change, module) for change in rest):
        return False
    return all(_is_quiet_in(tree, change, module) for change in rest)


def _texts(change: Change, module: Touched) -> tuple[bytes, bytes]:
    old = module.before.data[change.old.start : change.old.end]
    return old, module.after.data[change.new.start : change.new.end]


def _is_comment(change: Change, module: Touched) -> bool:
    old, new = _texts(change, module)
    return bool(_COMMENT.match(old) and _COMMENT.match(new))


def _may_be_quiet(change: Change, module: Touched) -> bool:
    """Rule out most changes by their bytes alone."""
    old, new = _texts(change, module)
    if not new.strip(b" \t="):
        return _removed_annotation(old) is not None
    names = _names(new)
    return names is not None and names <= (_names(old) or frozenset())


def _names(text: bytes) -> frozenset[str] | None:
    """Give the names that an expression reads; None where it is none, or does more than read."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return None
    nodes = list(ast.walk(tree))
    if any(isinstance(node, _LOUD) for node in nodes):
        return None
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    # In an annotation or in `__all__`, a string names things, too.
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return frozenset(names | {text for text in texts if isinstance(text, str)})


def _removed_annotation(old: bytes) -> frozenset[str] | None:
    annotated = _ANNOTATION.match(old)
    return _names(annotated["annotation"]) if annotated else None


def _is_quiet_in(tree: ast.Module, change: Change, module: Touched) -> bool:
    _, new = _texts(change, module)
    for node in _across(tree, change.new, module):
        if not new.strip(b" \t="):
            # `x: int = 0` became `x = 0`; nothing else than an annotation can have stood there.
            if isinstance(node, ast.arg):
                bare: ast.expr | ast.arg | None = node
            else:
                bare = node.targets[0] if isinstance(node, ast.Assign) else None
            if bare is not None and module.after.span(bare).end == change.new.start:
                return True
        elif (
            isinstance(node, ast.expr)
            and isinstance(getattr(node, "ctx", None), (ast.Load, type(None)))
            and module.after.span(node) == change.new
        ):
            return True
    return False


def _across(tree: ast.Module, span: Span, module: Touched) -> Iterator[ast.AST]:
    """Give the nodes whose lines hold a span, without the inside of f-strings."""
    first, last = module.after.line_of(span.start), module.after.line_of(span.end)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        begin, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if begin is not None and end is not None:
            decorators = getattr(node, "decorator_list", [])
            begin = min([begin, *(item.lineno for item in decorators)])
            if begin > last or end < first:
                continue
            yield node
        if not isinstance(node, ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)
