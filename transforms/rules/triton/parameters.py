"""Annotations of parameters: which of them old Triton cannot compile, and which may go.

Up to 3.1 Triton turns a parameter with a default into an annotated assignment, so every annotation
but `tl.constexpr` fails there; `int | None` fails without a default too. On a function that is
launched from the host an annotation such as `tl.int64` also sets the type of the argument, and
without it a value that fits is passed as `int32`. So such an annotation goes only where that cannot
happen:

- on a device helper, which is called by kernels and never launched;
- where the annotation names no type of Triton's own (`int`, `float`, a tensor class): the type of
  the argument itself is the same, or the wider one that the value needs;
- where the argument may be None, by annotation (`int | None`) or by default (`s: tl.int64 = None`):
  no type of Triton's holds None, and a launch that passes it fails on new Triton too. Upstream came
  to this by itself: `kernel_unified_attention` has `int | None` since 0.25.0.

Everything else is refused, with the reason.

A function is a device helper if it returns a value, which no kernel may; or if a function that
Triton compiles calls it and no host code of its module mentions it. One file cannot show who else
imports it: a helper of the second kind that another module launches would be told wrongly, so a
function that nothing in its own module calls counts as launched.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.engine.site import Site
from transforms.rules.names import own_statements
from transforms.rules.refusal import Refusal
from transforms.rules.triton.annotation_splice import plain_parameter
from transforms.rules.triton.functions import (
    Meaning,
    TritonFunction,
    is_named,
    meaning,
    mentions_constexpr,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.rules.names import Scope

_OPTIONAL = frozenset({"typing.Optional"})
_UNION = frozenset({"typing.Union"})
_WITHOUT_TYPE = frozenset(
    {
        "builtins.int",
        "builtins.float",
        "torch.Tensor",
        "triton.language.tensor",
        "triton.language.core.tensor",
    }
)


def parameter_sites(
    function: TritonFunction, functions: Sequence[TritonFunction], source: Source
) -> Iterator[Site | Refusal]:
    """Find the sites of one function's parameters, and those that must be refused.

    Args:
        function: the function.
        functions: all functions of the module that Triton compiles.
        source: the file.
    """
    for parameter, default in _parameters(function.node.args):
        annotation = parameter.annotation
        if annotation is None:
            continue
        if default is None:
            if not _is_text(annotation) and _may_be_none(annotation, function.scope):
                yield from plain_parameter(parameter, None, source)
            continue
        means = _meaning(annotation, function.scope)
        if means is Meaning.UNSURE:
            reason = "has a default, and one file cannot show whether its annotation is constexpr"
            yield Refusal(parameter, function.name, reason)
        elif means is Meaning.CONSTEXPR:
            yield from _unquoted(parameter, annotation, function, source)
        elif _may_go(annotation, default, function.scope) or _is_device_helper(
            function, functions, source
        ):
            yield from plain_parameter(parameter, default, source)
        else:
            reason = (
                "old Triton cannot compile an annotation with a default, and without it a launch "
                "may pass another type: give the parameter no default, or widen it in the body"
            )
            yield Refusal(parameter, function.name, reason)


def _parameters(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    yield from zip(positional, [*missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _is_text(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)


def _parsed(annotation: ast.expr) -> ast.expr | None:
    """Give what an annotation in quotes says; None where that is not Python."""
    if not (isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)):
        return annotation
    try:
        return ast.parse(annotation.value.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _meaning(annotation: ast.expr, scope: Scope) -> Meaning:
    """Say what a parameter's annotation is: a signature reads what stands in quotes, too."""
    parsed = _parsed(annotation)
    if parsed is None:
        quoted = ast.unparse(annotation)
        return Meaning.UNSURE if "constexpr" in quoted else Meaning.TYPE
    means = meaning(parsed, scope)
    if means is Meaning.TYPE and mentions_constexpr(parsed, scope):
        return Meaning.UNSURE
    return means


def _unquoted(
    parameter: ast.arg, annotation: ast.expr, function: TritonFunction, source: Source
) -> Iterator[Site | Refusal]:
    """Take the quotes off `x: "tl.constexpr" = 4`: old Triton reads only the name itself."""
    if not (isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)):
        return
    span, text = source.span(annotation), annotation.value
    if source.text(span) not in {f'"{text}"', f"'{text}'"}:
        yield Refusal(parameter, function.name, "constexpr stands in a string of an unusual form")
        return
    yield Site(
        path=source.path,
        start=span.start,
        end=span.end,
        replacement=text.strip().encode(),
        line=annotation.lineno,
    )


def _may_go(annotation: ast.expr, default: ast.expr, scope: Scope) -> bool:
    parsed = _parsed(annotation)
    return _is_none(default) or (
        parsed is not None
        and (is_named(parsed, scope, _WITHOUT_TYPE) or _may_be_none(parsed, scope))
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _may_be_none(annotation: ast.expr, scope: Scope) -> bool:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = (annotation.left, annotation.right)
        found = any(_is_none(side) or _may_be_none(side, scope) for side in sides)
    elif isinstance(annotation, ast.Subscript):
        within = annotation.slice
        parts = within.elts if isinstance(within, ast.Tuple) else [within]
        found = is_named(annotation.value, scope, _OPTIONAL) or (
            is_named(annotation.value, scope, _UNION) and any(_is_none(part) for part in parts)
        )
    else:
        found = False
    return found and not mentions_constexpr(annotation, scope)


def _is_device_helper(
    function: TritonFunction, functions: Sequence[TritonFunction], source: Source
) -> bool:
    if any(
        isinstance(statement, ast.Return) and _is_value(statement.value)
        for statement in own_statements(function.node)
    ):
        return True
    name = function.node.name
    compiled = {id(each.node) for each in functions}
    called = any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for each in functions
        for node in ast.walk(each.node)
    )
    return called and not any(
        name in {getattr(node, "id", None), getattr(node, "attr", None), _constant(node)}
        for node in _host_nodes(source.module, compiled)
    )


def _is_value(returned: ast.expr | None) -> bool:
    # A kernel may end with `return store(...)`: a call that gives nothing.
    is_plain_call = isinstance(returned, ast.Call) and isinstance(returned.func, ast.Name)
    return returned is not None and not _is_none(returned) and not is_plain_call


def _constant(node: ast.AST) -> object:
    """Give the text of a string: `__all__` and `getattr` mention functions by their names."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _host_nodes(node: ast.AST, compiled: set[int]) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if id(child) not in compiled:
            yield child
            yield from _host_nodes(child, compiled)
