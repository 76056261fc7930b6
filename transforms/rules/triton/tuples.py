"""Give each value of a tuple a name of its own where a kernel names the tuple.

To Triton 3.1 `x = (a, b)` is an assignment of `a`, without a word, and what a call returns is taken
apart in the same way; `x[1]` then fails: `unsupported tensor index: constexpr[1]`. It does take
tuples apart, so the values get names at once, and `x[1]` is one of them. An index that a
`tl.static_range` counts becomes a choice that the compiler makes.

Only a variable that is assigned once, to a tuple whose length this file shows, and is used for
nothing but elements that are known to be there. Any other stays as it is.

Before::

    @triton.jit
    def both(x, y):
        return x + y, x - y

    @triton.jit
    def kernel(p, a, b, c):
        found = both(a, b)
        tl.store(p, found[0] * found[1])
        rows = (a, b, c)
        for axis in tl.static_range(3):
            tl.store(p + axis, rows[axis])

After::

    @triton.jit
    def both(x, y):
        return x + y, x - y

    @triton.jit
    def kernel(p, a, b, c):
        found_0, found_1 = both(a, b)
        tl.store(p, found_0 * found_1)
        rows_0, rows_1, rows_2 = (a, b, c)
        for axis in tl.static_range(3):
            tl.store(p + axis, (rows_0 if axis == 0 else rows_1 if axis == 1 else rows_2))
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.site import text_site
from transforms.rules.triton.functions import origins, triton_functions
from transforms.rules.triton.rule import NEEDLES, found_in_functions
from transforms.rules.triton.tuple_lengths import tuple_length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.edit import Found
    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.triton.functions import TritonFunction

_CODE = re.compile(rb"\w[\s\\)]*\[[\s\\(]*-?[\s\\(]*\w+[\s\\)]*\]")
_STATIC_RANGE = frozenset({"triton.language.static_range", "triton.language.core.static_range"})


@dataclass(frozen=True, slots=True)
class _Tuples:
    """The rule; see the module."""

    name: str = "tuples"
    needles: tuple[bytes, ...] = NEEDLES
    why: str = (
        "Kernels that keep a tuple in a variable, `step5`'s summaries and Qwen4's QSA among them, "
        'fail at their first launch: "unsupported tensor index: constexpr[0]".'
    )
    upstream: str = "none in vLLM: newer Tritons keep tuples in variables"
    drop_when: str = "the platform's Triton compiles `x = (a, b)` and then `x[1]`"

    def match(self, source: Source) -> Found:
        """Find the variables of a file that stand for tuples."""
        return found_in_functions(self.name, source, _sites, _CODE)


RULE = _Tuples()


def _sites(function: TritonFunction, source: Source) -> Iterator[Site]:
    for target, value in _assigned_once(function):
        uses = [
            name for name in function.nodes(ast.Name) if name.id == target.id and name is not target
        ]
        if not uses:
            continue
        length = tuple_length(value, function, source.once(triton_functions))
        chosen = [_elements(name, length or 0, function) for name in uses]
        names = [f"{target.id}_{number}" for number in range(length or 0)]
        if not all(chosen) or _any_taken(names, function):
            continue
        start, end = source.span(target)
        yield text_site(source, start, end, ", ".join(names) + "," * (length == 1))
        for name, numbers in zip(uses, chosen, strict=True):
            yield _element(function.parent(name), [(at, names[at]) for at in numbers], source)


def _assigned_once(function: TritonFunction) -> Iterator[tuple[ast.Name, ast.expr]]:
    """Give the variables that one plain assignment binds, and nothing else."""
    for statement in function.nodes(ast.Assign):
        target, *others = statement.targets
        if (
            not others
            and isinstance(target, ast.Name)
            and len(function.body.bindings.get(target.id, ())) == 1
        ):
            yield target, statement.value


def _elements(name: ast.Name, length: int, function: TritonFunction) -> tuple[int, ...]:
    """Say which elements a use of a tuple may take; nothing where that cannot be said."""
    subscript = function.parent(name)
    if not (isinstance(subscript, ast.Subscript) and isinstance(subscript.ctx, ast.Load)):
        return ()
    if isinstance(subscript.slice, ast.Name):
        found = _counted(subscript, subscript.slice.id, function)
    else:
        index = _integer(subscript.slice)
        found = () if index is None else (index,)
    return found if all(-length <= index < length for index in found) else ()


def _integer(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        negated = _integer(node.operand)
        return None if negated is None else -negated
    # Not `isinstance`: True is an int.
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _counted(use: ast.expr, index: str, function: TritonFunction) -> tuple[int, ...]:
    """Give the values that a loop around a use counts an index through, as the compiler does."""
    loops = {id(loop): loop for loop in function.nodes(ast.For) if _counts(loop, index, function)}
    if len(loops) != len(function.body.bindings.get(index, ())):
        return ()
    inner: ast.AST = use
    around = function.parent(inner)
    while around is not function.node:
        if id(around) in loops and inner in loops[id(around)].body:
            call = loops[id(around)].iter
            bounds = [_integer(each) for each in call.args] if isinstance(call, ast.Call) else []
            known = [bound for bound in bounds if bound is not None]
            return tuple(range(*known)) if len(known) == len(bounds) else ()
        inner, around = around, function.parent(around)
    return ()


def _counts(loop: ast.For, index: str, function: TritonFunction) -> bool:
    return (
        isinstance(loop.target, ast.Name)
        and loop.target.id == index
        and isinstance(loop.iter, ast.Call)
        and not loop.iter.keywords
        and origins(loop.iter.func, function.body) <= _STATIC_RANGE
    )


def _any_taken(names: Sequence[str], function: TritonFunction) -> bool:
    known = {node.id for node in function.nodes(ast.Name)} | function.body.bindings.keys()
    return not known.isdisjoint(names)


def _element(use: ast.AST, values: Sequence[tuple[int, str]], source: Source) -> Site:
    """Make the site that writes one value for `x[0]`, and a choice for `x[index]`."""
    if not isinstance(use, ast.Subscript):
        raise TypeError(f"{ast.dump(use)} is no element of a tuple")
    *others, (_, written) = values
    index = source.text(source.span(use.slice))
    for at, name in reversed(others):
        written = f"{name} if {index} == {at} else {written}"
    start, end = source.span(use)
    return text_site(source, start, end, f"({written})" if others else written)
