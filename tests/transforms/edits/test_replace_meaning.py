"""Replace means what it says: CPython's parser is asked about random code in random places."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.transforms.codegen import dump, expressions, reformatted
from tests.transforms.trees import outcome_of, spliced
from transforms.edits import Replace
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import ONE, decode
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import substitute

if TYPE_CHECKING:
    from collections.abc import Callable

# Where an expression can stand; parentheses change nothing in any of them.
_PLACES = [
    "@?\nclass C(base, k=?):\n    x: ? = ?",
    "    x = y = ?",
    "    x += ?; return ?",
    "    if ?: pass\n    elif ?: pass",
    "    while not ?: pass",
    "    for x in ?: pass",
    "    with ? as x, y: pass",
    "    assert ?, ?",
    "    raise E from ?",
    "    del x[?], y[?:?, 1]",
    "    return x, ?",
    "    yield ?",
    "    await ?",
    "    x = lambda y=?: ?",
    "    x = [? for y in ? if ?]",
    "    x = {?: ?, **?}",
    "    x = {?}, [*?], (?,)",
    "    f(?, *?, k=?, **?)",
    "    x = ? if ? else ?",
    "    x = ? or ? and not ?",
    "    x = ? < ? in ?",
    "    x = -? ** ? + ?[?].y(?)",
    "    x = (y := ?)",
    "    match ?:\n        case z if ?: pass",
    "    try: pass\n    except ?: pass",
    "    @?\n    def g(x: ? = ?, *, y=?) -> ?: pass",
]


def _module(place: str, expression: Callable[[], str]) -> str:
    """Write code with an expression at every question mark."""
    first, *rest = place.split("?")
    body = first + "".join(expression() + piece for piece in rest)
    return f"async def f():\n{body}\n" if body.startswith(" ") else f"{body}\n"


@given(
    place=st.sampled_from(_PLACES),
    bound=expressions(),
    shape=expressions(metavariables=True),
    seed=st.integers(0, 2**32),
)
def test_what_is_written_parses_to_what_is_meant(
    place: str, bound: ast.expr, shape: ast.expr, seed: int
) -> None:
    replacement = ast.unparse(shape).replace(f"{ONE}y", f"{ONE}x")
    assume(ONE in replacement)
    before = _module(place, lambda: f"old({reformatted(bound, seed)})")
    edit = Replace(
        inside="m",
        find="old($x)",
        replace=decode(replacement),
        count=before.count("old("),
    )
    outcome = outcome_of(edit, before)
    meant = substitute(Pattern.parse(decode(replacement)).nodes[0], {"x": bound})
    if place.startswith("    with") and isinstance(meant, ast.Tuple):
        assert outcome.status is Status.DRIFTED
        return
    after = spliced(before, outcome.sites)
    note(after)
    wanted = ast.parse(_module(place, lambda: f"({replacement})"))
    assert dump(ast.parse(after)) == dump(substitute(wanted, {"x": bound}))


@given(
    bound=expressions(),
    shape=expressions(metavariables=True),
    seed=st.integers(0, 2**32),
    depth=st.integers(0, 3),
)
def test_statements_are_written_with_the_same_meaning(
    bound: ast.expr, shape: ast.expr, seed: int, depth: int
) -> None:
    replacement = ast.unparse(shape).replace(f"{ONE}y", f"{ONE}x")
    assume(ONE in replacement)
    head = "".join(f"{'  ' * level}if a:\n" for level in range(depth))
    margin = "  " * depth
    before = f"{head}{margin}old({reformatted(bound, seed)})\n"
    edit = Replace(
        inside="m",
        find="old($x)",
        replace=decode(f"if {replacement}:\n    z({replacement})\n    y()"),
    )
    after = spliced(before, outcome_of(edit, before).sites)
    note(after)
    code = f"if ({replacement}):\n{margin}    z(({replacement}))\n{margin}    y()\n"
    wanted = ast.parse(f"{head}{margin}{code}")
    assert dump(ast.parse(after)) == dump(substitute(wanted, {"x": bound}))
