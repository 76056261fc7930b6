"""A function's source with nothing in it that may differ though the function is the same.

Names that it does not bind are written as the identity of what they stand for, imports inside of it
are gone (they only say where a name comes from), and so are docstrings, annotations, decorators and
its own name. Two functions of one such source and of the same defaults do the same.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from identity import named
from recorder import show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

    from identity import Identities


def source_of(function: FunctionType, identities: Identities) -> str | None:
    """Give a digest of the source; None where there is none, as of a lambda in an expression."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    node = tree.body[0]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    meant = _meant(function, node, identities)
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            _strip(inner)
        if isinstance(inner, ast.arg):
            inner.annotation = None
        if isinstance(inner, ast.Name) and inner.id in meant:
            inner.id = meant[inner.id]
    node.name = "_"
    node.args.defaults, node.args.kw_defaults = [], []
    return hashlib.sha256(ast.unparse(node).encode("utf-8", "backslashreplace")).hexdigest()


def _strip(node: Any) -> None:  # noqa: ANN401 - a definition
    node.decorator_list = []
    if not isinstance(node, ast.ClassDef):
        node.returns = None
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    kept = [item for item in body if not isinstance(item, (ast.Import, ast.ImportFrom))]
    node.body = kept or [ast.Pass()]


def _meant(function: FunctionType, node: ast.AST, identities: Identities) -> dict[str, str]:
    """Give what the names stand for that the function does not bind, or imports."""
    code = function.__code__
    local = {*code.co_varnames, *code.co_cellvars}
    asked = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - local
    held = zip(code.co_freevars, function.__closure__ or (), strict=True)
    values = {
        **{name: function.__globals__[name] for name in asked & function.__globals__.keys()},
        **{name: cell.cell_contents for name, cell in held if name != "__class__"},
        **dict(_imported(node)),
    }
    return {name: f"<{_written(name, value, identities)}>" for name, value in values.items()}


def _imported(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Give the names that imports inside bind, with what they bind; a function has run before."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.ImportFrom) and inner.module in sys.modules and not inner.level:
            module = sys.modules[inner.module]
            for alias in inner.names:
                yield alias.asname or alias.name, getattr(module, alias.name, None)
        elif isinstance(inner, ast.Import):
            for alias in inner.names:
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or top, sys.modules.get(top)


def _written(name: str, value: object, identities: Identities) -> str:
    label = identities.of(value)
    if ":" in label or "." in label.partition(" ")[0]:
        return label
    return f"{named(value)} {name} {show(value)}"
