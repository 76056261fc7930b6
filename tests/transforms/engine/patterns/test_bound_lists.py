"""The text of lists that were bound: as it stands where it can be, and else one after another."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.patterns.bound_lists import list_forms
from transforms.engine.patterns.pattern import Pattern


def _forms(pattern: str, code: str) -> list[str]:
    source = source_of(code)
    (match,) = Pattern.parse(pattern).matches(source.module)
    bound = match.bindings["x"]
    assert isinstance(bound, list)
    return list_forms(bound, source)


@pytest.mark.parametrize(
    ("pattern", "code", "forms"),
    [
        (
            "def f(self, $$x):",
            "def f(\n    self,\n    a: int = (1),  # one\n    *b,\n): pass\n",
            ["a: int = (1),  # one\n*b", "a: int = (1), *b"],
        ),
        ("def f($$x):", "def f(a, /, b, *, c, **d): pass\n", ["a, /, b, *, c, **d"] * 2),
        ("def f(a, $$x):", "def f(a, /, b): pass\n", ["/, b"]),
        ("def f(a, $$x):", "def f(a, /): pass\n", ["/"]),
        ("def f(a, $$x):", "def f(a, *, b,  # b\n c): pass\n", ["*, b,  # b\n c", "*, b, c"]),
        ("def f($$x, c):", "def f(a,  # a\n b, *, c): pass\n", ["a, b, *"]),
        ("def f($$x, b):", "def f(a, *, b): pass\n", ["a, *"]),
        ("lambda $$x: 0", "y = lambda a, *b, c=(1), **d: 0\n", ["a, *b, c=(1), **d"] * 2),
        (
            "from m import $$x",
            "from m import (\n    a,  # one\n    b as c,\n)\n",
            ["a,  # one\nb as c", "a, b as c"],
        ),
        ("from m import $$x, b", "from m import a, b, c\n", ["a, c"]),
        ("from m import $$x", "from m import *\n", ["*"]),
        ("import $$x", "import a.b, c as d\n", ["a.b, c as d"]),
        ("with $$x:", "with a as b, c(): pass\n", ["a as b, c()"] * 2),
        ("with $$x:", "with (a) as b, (c or d) as e: pass\n", ["a as b, c or d as e"]),
        ("with $$x:", "with (a := b), (yield): pass\n", ["(a := b), (yield)"]),
        (
            "{$$x, 'z': 0}",
            "y = {\n    'a': 1,  # one\n    **b,\n    'z': 0,\n}\n",
            ["'a': 1,  # one\n**b", "'a': 1, **b"],
        ),
        (
            "{$$x, 'z': 0}",
            "y = {(a or b): (1), **(c or d), 'z': 0}\n",
            ["(a or b): (1), **(c or d)"],
        ),
    ],
)
def test_a_list_is_written_as_it_stands_or_one_after_another(
    pattern: str, code: str, forms: list[str]
) -> None:
    assert _forms(pattern, code) == forms
