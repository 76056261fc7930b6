"""Does every touched module compile on the oldest Python that the release supports?

`ast.parse(feature_version=...)` refuses `match`, `except*`, `type X = ...`, type parameters and
`except A, B` on a Python that is too old. It does not refuse the rest of what CPython gained from
3.10 on, which is looked for here, in what the patches wrote:

- an unparenthesized `:=` in an index (3.10)
- `a[*b]`, `*args: *Ts`, and asynchronous comprehensions inside of others (3.11)
- f-strings that hold their own quotes, line ends, backslashes or comments (3.12, PEP 701)
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from transforms.engine.checks.old_f_strings import is_old_f_string
from transforms.engine.syntax.parsed import parsed_statement
from transforms.engine.syntax.source import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.checks.touched import Touched
    from transforms.engine.syntax.source import Span

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_F_STRING = (
    "this f-string needs Python 3.12: in its braces are its own quotes, a backslash, a comment "
    "or a line end"
)
_WALRUS_IN_INDEX, _STAR_IN_INDEX, _NEW_F_STRING = (3, 10), (3, 11), (3, 12)


def uncompilable(modules: Sequence[Touched], oldest: tuple[int, int]) -> Iterator[str]:
    """Say which touched modules do not compile, and why.

    What upstream itself has, and its oldest Python refuses, is upstream's to mend.

    Args:
        modules: the touched Python modules.
        oldest: the oldest Python that the release supports.
    """
    for module in modules:
        for reason, line in _refusals(module, oldest):
            where = f"{module.path}:{line}" if line else module.path
            python = ".".join(map(str, oldest))
            yield f"{where} does not compile after {module.patches()} (Python {python}): {reason}"


def _refusals(module: Touched, oldest: tuple[int, int]) -> Iterator[tuple[str, int]]:
    tree = module.module
    if not isinstance(tree, ast.Module):
        yield _told(tree)
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, module.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        yield _told(error)
        return
    written = [change.new for change in module.changes if change.new.start < change.new.end]
    try:
        for node, why in _too_new(tree, module.after, written, oldest):
            yield why, node.lineno
    except SourceError as error:
        yield error.reason, error.line


def _told(error: SyntaxError | ValueError) -> tuple[str, int]:
    line = getattr(error, "lineno", None) or 0
    return str(getattr(error, "msg", error)), line


def _too_new(
    tree: ast.Module, source: Source, written: Sequence[Span], oldest: tuple[int, int]
) -> Iterator[tuple[ast.expr, str]]:
    """Find the syntax in what was written that an old Python refuses and the parser does not."""
    for node, outer in _nodes_across(tree, source, written):
        if isinstance(node, ast.JoinedStr):
            if oldest < _NEW_F_STRING and not is_old_f_string(source.text(source.span(node))):
                yield node, _F_STRING
        elif isinstance(node, ast.Subscript):
            yield from _in_index(node, source, oldest)
        elif isinstance(node, ast.arg):
            if isinstance(node.annotation, ast.Starred) and oldest < _STAR_IN_INDEX:
                yield node.annotation, "a starred annotation needs Python 3.11"
        elif isinstance(node, _Comprehension):
            nested = isinstance(outer, _Comprehension) and not _is_asynchronous(outer)
            plain = not isinstance(node, ast.GeneratorExp)
            if nested and plain and oldest < _STAR_IN_INDEX and _is_asynchronous(node):
                yield node, "an asynchronous comprehension inside of another needs Python 3.11"


def _nodes_across(
    tree: ast.Module, source: Source, written: Sequence[Span]
) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Give the nodes that share bytes with what was written, each with the scope around it."""
    lines = [(source.line_of(span.start), source.line_of(span.end)) for span in written]
    waiting: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    while waiting:
        node, outer = waiting.pop()
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if first is not None and last is not None:
            decorators = getattr(node, "decorator_list", [])
            first = min([first, *(item.lineno for item in decorators)])
            if not any(first <= end and start <= last for start, end in lines):
                continue
        yield node, outer
        if isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, _Comprehension):
            # The first iterable belongs to the scope around the comprehension.
            waiting.append((node.generators[0].iter, outer))
            waiting += [(inner, node) for inner in _own_parts(node)]
        else:
            inside = node if isinstance(node, _FUNCTION) else outer
            waiting += [(inner, inside) for inner in ast.iter_child_nodes(node)]


def _own_parts(node: _Comprehension) -> Iterator[ast.AST]:
    """Give what a comprehension evaluates in its own scope."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            yield child.target
            yield from child.ifs
            if child is not node.generators[0]:
                yield child.iter
        else:
            yield child


def _is_asynchronous(node: _Comprehension) -> bool:
    if any(generator.is_async for generator in node.generators):
        return True
    waiting = list(_own_parts(node))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.Await):
            return True
        if not isinstance(inner, (*_FUNCTION, _Comprehension)):
            waiting.extend(ast.iter_child_nodes(inner))
    return False


def _in_index(
    node: ast.Subscript, source: Source, oldest: tuple[int, int]
) -> Iterator[tuple[ast.expr, str]]:
    inside = node.slice
    if isinstance(inside, ast.Tuple):
        if _is_parenthesized_tuple(inside, source):
            return
        items = inside.elts
    else:
        items = [inside]
    for item in items:
        if isinstance(item, ast.Starred) and oldest < _STAR_IN_INDEX:
            yield item, "a starred index needs Python 3.11"
        if isinstance(item, ast.NamedExpr) and oldest < _WALRUS_IN_INDEX:
            before = source.data[: source.span(item).start].rstrip()
            if not before.endswith(b"("):
                yield item, "`:=` in an index needs parentheses before Python 3.10"


def _is_parenthesized_tuple(node: ast.Tuple, source: Source) -> bool:
    """Tell `a[(b, c)]` from `a[b, c]`, which parse to the same syntax."""
    # In `a[b, c:d]` a slice is no argument, and no element of a parenthesized tuple.
    statement = parsed_statement(f"f({source.text(source.span(node))}\n)")
    call = statement.value if isinstance(statement, ast.Expr) else None
    arguments = call.args if isinstance(call, ast.Call) else []
    return len(arguments) == 1 and isinstance(arguments[0], ast.Tuple)
