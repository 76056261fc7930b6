"""What upstream guards already: code that cannot run on Windows, or whose failure is caught.

A condition is evaluated as it comes out on Windows, where that can be known: `sys.platform`,
`os.name`, `platform.system()`, `TYPE_CHECKING`, and `hasattr` of a name that Windows lacks.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.syntax.source import blocks
from transforms.rules.posix.lacking import NAMES

if TYPE_CHECKING:
    from transforms.rules.posix.places import Place

_VALUES = {
    frozenset({"sys.platform"}): "win32",
    frozenset({"os.name"}): "nt",
    frozenset({"platform.system()"}): "Windows",
}
_FOR_READERS = frozenset({"typing.TYPE_CHECKING"})
_EVERYTHING = frozenset({"", "Exception", "BaseException"})
_OF_IMPORTS = frozenset({"ImportError", "ModuleNotFoundError"})
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def is_guarded(place: Place, *errors: str) -> bool:
    """Tell whether a place is none that stops anybody on Windows.

    Args:
        place: the place.
        errors: the names of the errors that are raised there on Windows.
    """
    wanted = frozenset(errors)
    if wanted & _OF_IMPORTS:
        # Around anything else, `except Exception` is what ends a thread or a request.
        wanted |= _EVERYTHING
    return _cannot_run(place) or _catches(place, wanted)


def imports_unguarded(place: Place, module: str, name: str) -> bool:
    """Tell whether a place is a `from module import name` that stops its module on Windows."""
    node = place.node
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module, node.level) == (module, 0)
        and any(alias.name == name for alias in node.names)
        and not is_guarded(place, *_OF_IMPORTS)
    )


def _cannot_run(place: Place) -> bool:
    """Tell whether upstream's own conditions keep Windows away from a place."""
    for inner in place.outwards:
        outer = inner.around
        if outer is None:
            break
        if _is_other_branch(inner.node, outer) or _is_left_before(inner, outer):
            return True
    return False


def _catches(place: Place, wanted: frozenset[str]) -> bool:
    """Tell whether a `try` around a place catches one of some errors of Python's own."""
    return any(
        isinstance(outer.node, ast.Try)
        and inner.node in outer.node.body
        and any(_is_for(handler, wanted) for handler in outer.node.handlers)
        for inner, outer in _steps(place)
    )


def _steps(place: Place) -> list[tuple[Place, Place]]:
    """Give each place from this one outwards with the one around it, inside one function."""
    steps = []
    for inner in place.outwards:
        if inner.around is None or isinstance(inner.node, ast.FunctionDef | ast.AsyncFunctionDef):
            break
        steps.append((inner, inner.around))
    return steps


def _is_for(handler: ast.ExceptHandler, wanted: frozenset[str]) -> bool:
    if handler.type is None:
        return "" in wanted
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(each, ast.Name) and each.id in wanted for each in caught)


def _is_other_branch(node: ast.AST, outer: Place) -> bool:
    """Tell whether a condition directly around a node comes out so that the node is passed over."""
    around = outer.node
    if isinstance(around, ast.If | ast.IfExp):
        holds = on_windows(around.test, outer)
        body = around.body if isinstance(around.body, list) else [around.body]
        orelse = around.orelse if isinstance(around.orelse, list) else [around.orelse]
        return (holds is False and node in body) or (holds is True and node in orelse)
    if isinstance(around, ast.BoolOp) and node in around.values:
        before = around.values[: around.values.index(node)]
        stops = isinstance(around.op, ast.Or)
        return any(on_windows(each, outer) is stops for each in before)
    return False


def _is_left_before(inner: Place, outer: Place) -> bool:
    """Tell whether a statement before one in its block leaves the block on Windows."""
    for block in blocks(outer.node):
        if inner.node in block:
            before = block[: block.index(inner.node)]
            return any(_leaves(each, outer) for each in before)
    return False


def _leaves(statement: ast.stmt, place: Place) -> bool:
    if not isinstance(statement, ast.If):
        return False
    holds = on_windows(statement.test, place)
    taken = {True: statement.body, False: statement.orelse, None: []}[holds]
    return bool(taken) and isinstance(taken[-1], _LEAVES)


def on_windows(test: ast.expr, place: Place) -> bool | None:
    """Say how a condition comes out on Windows; None where that depends on other things.

    Args:
        test: the condition.
        place: where it stands.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = on_windows(test.operand, place)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        found = {on_windows(each, place) for each in test.values}
        decides = isinstance(test.op, ast.Or)
        if decides in found:
            return decides
        return None if None in found else not decides
    if isinstance(test, ast.Compare):
        return _compared(test, place)
    if isinstance(test, ast.Call):
        return _called(test, place)
    return False if place.is_any(test, _FOR_READERS) else None


def _compared(test: ast.Compare, place: Place) -> bool | None:
    value = _VALUES.get(place.origins(test.left))
    if value is None or len(test.ops) != 1:
        return None
    try:
        other = ast.literal_eval(test.comparators[0])
    except ValueError:
        return None
    if isinstance(test.ops[0], ast.Eq | ast.NotEq):
        return (value == other) is isinstance(test.ops[0], ast.Eq)
    if isinstance(test.ops[0], ast.In | ast.NotIn) and isinstance(other, str | tuple | list | set):
        return (value in other) is isinstance(test.ops[0], ast.In)
    return None


def _called(test: ast.Call, place: Place) -> bool | None:
    if not test.args or test.keywords:
        return None
    if place.is_any(test.func, frozenset({"builtins.hasattr"})) and len(test.args) > 1:
        module, name = test.args[:2]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            wanted = {f"{origin}.{name.value}" for origin in place.origins(module)}
            return False if wanted and wanted <= NAMES else None
        return None
    if isinstance(test.func, ast.Attribute) and test.func.attr == "startswith":
        value = _VALUES.get(place.origins(test.func.value))
        prefix = test.args[0]
        if value is not None and isinstance(prefix, ast.Constant) and isinstance(prefix.value, str):
            return value.startswith(prefix.value)
    return None
