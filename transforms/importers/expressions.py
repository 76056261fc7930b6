"""Changed expressions: the smallest one that says what it is, as a pattern."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.calls import explain_keywords
from transforms.importers.generalised import spellings
from transforms.importers.pieces import atoms, head_span, header
from transforms.importers.proof import Change, changed
from transforms.importers.recognised import recognised

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.proof import Files

# Fewer names and values than this could be any code.
_SPECIFIC = 3
_NOT_CODE = frozenset({"ctx", "type_comment", "kind"})
_Explained = tuple[list["Edit"], list[Change]]


def explain(files: Files, inside: str, before: ast.AST, after: ast.AST) -> _Explained | None:
    """Find edits for all that differs between two pieces of syntax, the smallest that hold.

    Args:
        files: the file before and after.
        inside: the scope of the edits.
        before: an expression, or a statement of which only the part before its blocks is compared.
        after: what it becomes.

    Returns:
        The edits and what they change; None where there are none for it.
    """
    if head_span(before, files.before) and head_span(after, files.after):
        change = change_of(files, before, after)
        if files.is_covered(change):
            return [], [change]
    mark = len(files.taken)
    parts = _parts(files, inside, before, after)
    if parts is not None and _is_all(files, before, after, parts[1]):
        return parts
    del files.taken[mark:]
    if not isinstance(before, ast.expr) or not isinstance(after, ast.expr):
        return None
    if atoms(before) < _SPECIFIC:
        return None
    return (
        _as_recognised(files, inside, before, after)
        or _keywords(files, inside, before, after)
        or _as_a_whole(files, inside, before, after)
    )


def _as_recognised(
    files: Files, inside: str, before: ast.expr, after: ast.expr
) -> _Explained | None:
    change = change_of(files, before, after)
    for make in recognised(files, inside, before, after):
        edit = files.accepts(make, change)
        if edit is not None:
            return [edit], [change]
    return None


def _as_a_whole(files: Files, inside: str, before: ast.expr, after: ast.expr) -> _Explained | None:
    change = change_of(files, before, after)
    for find, replace in spellings(files, before, after):
        edit = files.replaces(inside, find, replace, change)
        if edit is not None:
            return [edit], [change]
    return None


def _keywords(files: Files, inside: str, before: ast.expr, after: ast.expr) -> _Explained | None:
    if not isinstance(before, ast.Call) or not isinstance(after, ast.Call):
        return None
    mark = len(files.taken)
    found = explain_keywords(
        files, inside, before, after, lambda left, right: explain(files, inside, left, right)
    )
    if found is not None and _is_all(files, before, after, found[1]):
        return found
    del files.taken[mark:]
    return None


def _parts(files: Files, inside: str, before: ast.AST, after: ast.AST) -> _Explained | None:
    """Explain each child that differs; None where the nodes themselves differ."""
    if type(before) is not type(after) or isinstance(before, (ast.JoinedStr, ast.Constant)):
        return None
    children = _children(before, after)
    if children is None:
        return None
    edits: list[Edit] = []
    changes: list[Change] = []
    for left, right in children:
        if _same_bytes(files, left, right):
            continue
        found = explain(files, inside, left, right)
        if found is None:
            return None
        edits += found[0]
        changes += found[1]
    return edits, changes


def _children(before: ast.AST, after: ast.AST) -> list[tuple[ast.AST, ast.AST]] | None:
    """Pair the children of two nodes; None where one has no counterpart."""
    pairs: list[tuple[ast.AST, ast.AST]] = []
    for (name, left), (_, right) in zip(header(before), header(after), strict=True):
        lefts = left if isinstance(left, list) else [left]
        rights = right if isinstance(right, list) else [right]
        if name in _NOT_CODE:
            continue
        if len(lefts) != len(rights):
            return None
        for one, other in zip(lefts, rights, strict=True):
            if isinstance(one, ast.AST) and isinstance(other, ast.AST):
                pairs.append((one, other))
            elif one != other or type(one) is not type(other):
                return None
    return pairs


def _same_bytes(files: Files, before: ast.AST, after: ast.AST) -> bool:
    left, right = head_span(before, files.before), head_span(after, files.after)
    if left is None or right is None:
        return False
    return files.before.data[slice(*left)] == files.after.data[slice(*right)]


def change_of(files: Files, before: ast.AST, after: ast.AST) -> Change:
    """Give the change that makes of one piece of code the other."""
    left, right = head_span(before, files.before), head_span(after, files.after)
    if left is None or right is None:
        raise ValueError(f"a node of {type(before).__name__} has no place")
    return Change(*left, files.after.data[slice(*right)])


def _is_all(files: Files, before: ast.AST, after: ast.AST, changes: list[Change]) -> bool:
    """Tell whether nothing else differs: no comment, no line break, no order of arguments."""
    left, right = head_span(before, files.before), head_span(after, files.after)
    if left is None or right is None:
        return True
    inner = tuple(
        Change(each.start - left.start, each.end - left.start, each.text) for each in changes
    )
    now = changed(files.before.data[slice(*left)], inner)
    return now == files.after.data[slice(*right)]
