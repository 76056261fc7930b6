"""Changes that are passed over without a closer look: the full check has nothing to say of them."""

from __future__ import annotations

from itertools import product

import pytest

from tests.transforms.engine.checks.touching import OLDEST, touched
from transforms.engine.checks.names import new_loose_names
from transforms.engine.checks.quiet import is_quiet

BEFORE = """
import a, b
# comment
x: X = a
def f(p: P, q: Q = 1, *r: R):
    s: list[int] = [t for t in q]
    if p.u == b:
        return a.v(p, q)
    c = d = p
    e, g = q
    return f"{c}{d}"
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# comment", "# other comment"),
        (": X = ", " = "),
        (": X", ""),
        (": P", ""),
        (": Q = ", "="),
        (": R", ""),
        (": list[int] = ", " = "),
        ("p.u == b", "p.u is not b"),
        ("a.v(p, q)", "a.w(q)"),
        ("a.v(p, q)", "q.v(p)"),
    ],
)
def test_a_change_that_brings_no_name_is_quiet(old: str, new: str) -> None:
    module = touched(BEFORE, (old, new))
    assert is_quiet(module)
    assert new_loose_names(module, OLDEST) == []


IMPORTED = """
from a import one
from a import two, three
from a import four
from a import five
import six
z = one.x
def f(p, q=one.y):
    with open(p):
        three = four
    five = p
    return p.u == q
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p.u == q", "p.u == q or one.v()"),
        ("p.u == q", 'p.u in (q, "one")'),
        ("p.u == q", 'p.u == getattr(p, "z")'),
        ("p.u == q", "p.v == q and not one(p)"),
        ("open(p)", "one(open(p))"),
    ],
)
def test_a_name_that_is_only_imported_or_built_in_may_be_read(old: str, new: str) -> None:
    module = touched(IMPORTED, (old, new))
    assert is_quiet(module)
    assert new_loose_names(module, OLDEST) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p.u == q", "p.u == two.q"),  # not alone in its import
        ("p.u == q", "p.u == three.q"),  # a local of the function
        ("p.u == q", "p.u == four.q"),  # is handed on: somebody may bind it so
        ("p.u == q", "p.u == five.q"),
        ("p.u == q", "p.u == six.q"),
        ("p.u == q", 'cast("Other", p.u)'),
        ("p.u == q", "[one for p in q]"),
        ("q=one.y", "q=one.w"),
        ("one.x", "one.w + zwei"),
        ("p.u == q", "p.u == open"),
    ],
)
def test_a_name_that_may_be_bound_elsewhere_is_looked_at(old: str, new: str) -> None:
    assert not is_quiet(touched(IMPORTED, (old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p.u == b", "p.u == z"),
        ("x: X = a", "y = a"),
        ("a, b\n", "a\n"),
        ("t for t in q", "t for u in q"),
        ("c = d = p", "c = p"),
        ("X", '"Other"'),
        ("x: X", "x"),
        ("p: P", "z"),
        ("a.v(p, q)", "(lambda: p)(q)"),
        ("[t for t in q]", "[u for t in q]"),
        ("= p\n", "= 'p'\n"),
        ("c = d", "d"),
        ("e, g", "e"),
        ('f"{c}{d}"', 'f"{z}"'),
        ("def f(p: P", "def f(p: P, z"),
        ("return a.v(p, q)", "return a"),
    ],
)
def test_any_other_change_is_looked_at(old: str, new: str) -> None:
    assert not is_quiet(touched(BEFORE, (old, new)))


def test_no_exchange_of_one_piece_for_another_is_quiet_and_leaves_a_name_loose() -> None:
    pieces = [
        *("a", "b", "p", "q", "c", "d", "x: X", ": X", "X", ": P", "a, b", "p: P", "= a"),
        *(
            "p.u",
            "p.u == b",
            "q: Q = 1",
            ": Q = ",
            ": R",
            "t for t in q",
            "c = d = p",
            "c = d",
            "[t for t in q]",
        ),
        *("return a.v(p, q)", "a.v(p, q)", "# comment", "", " = ", "=", "'a'", "*r", "import a"),
    ]
    seen = 0
    for old, new in product(pieces, pieces):
        if old and old in BEFORE and old != new:
            module = touched(BEFORE, (old, new))
            if is_quiet(module):
                seen += 1
                assert new_loose_names(module, OLDEST) == [], (old, new)
    assert seen >= 12


def test_an_added_module_is_not_quiet() -> None:
    from tests.transforms.engine.checks.touching import written  # noqa: PLC0415

    assert not is_quiet(written("x = 1\n"))
