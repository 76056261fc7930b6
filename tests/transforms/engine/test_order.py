"""The order of patches never matters, and what would make it matter is a conflict."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.trees import RELEASE, MemoryTree, applied, one, patch
from transforms.edits import AddMember, AddModule, InsertAfter, InsertBefore, Replace
from transforms.engine.apply import apply_sites
from transforms.engine.conflict import overlaps
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.site import Site

_CODE = """\
# About a.
a(1, 2)  # one
b(
    3,  # three
    4,
)

def f(x):
    if x:
        return g(x)
    return x
"""


def _replace(find: str, replacement: str, inside: str = "m") -> Replace:
    return Replace(inside=inside, find=find, replace=replacement)


_PATCHES = {
    "p/a": patch(InsertAfter(inside="m", anchor="a(1, 2)", code="after_a()")),
    "p/b": patch(InsertAfter(inside="m", anchor="a(1, 2)", code="after_a_too()")),
    "p/before": patch(InsertBefore(inside="m", anchor="b(3, 4)", code="before_b()")),
    "q/arguments": patch(_replace("b(3, 4)", "b(3, 4, 5)"), _replace("a(1, 2)", "a(1)")),
    "q/header": patch(_replace("def f(x):\n    $$body", "def f(x, y=1):\n    $$body")),
    "r/inner": patch(_replace("g(x)", "h(x)", inside="m.f")),
    "r/last": patch(InsertAfter(inside="m.f", anchor="return g(x)", code="inner()")),
    "r/outer": patch(
        InsertAfter(inside="m.f", anchor="if x:\n    $$body", code="outer()"),
        InsertAfter(inside="m", anchor="def f(x):\n    $$body", code="behind()"),
    ),
    "s/clash": patch(_replace("return g(x)", "return None", inside="m.f")),
    "s/file": patch(AddModule(path="n.py", data=b"n\n")),
}
_GOOD = [name for name in _PATCHES if name != "s/clash"]


@given(order=st.permutations([*_PATCHES]), chosen=st.sets(st.sampled_from([*_PATCHES])))
def test_permuting_the_patches_gives_identical_bytes(order: list[str], chosen: set[str]) -> None:
    def bytes_of(names: list[str]) -> tuple[object, ...]:
        tree = one(_CODE)
        outcomes = match_patches({name: _PATCHES[name] for name in names}, tree, RELEASE)
        files = apply_sites(outcomes, tree, notice="changed")
        backwards = apply_sites(outcomes[::-1], tree, notice="changed")
        assert files == backwards
        return outcomes, [(file.path, file.after, file.sites) for file in files]

    names = [name for name in order if name in chosen]
    assert bytes_of(names) == bytes_of(sorted(names))


def test_edits_of_many_patches_at_neighbouring_places_compose() -> None:
    after = applied(one(_CODE), {name: _PATCHES[name] for name in _GOOD})
    assert after["m.py"].decode() == (
        "# About a.\n"
        "a(1)  # one\n"
        "after_a()\n"
        "after_a_too()\n"
        "before_b()\n"
        "b(\n    3,  # three\n    4,\n    5,\n)\n"
        "\n"
        "def f(x, y=1):\n"
        "    if x:\n"
        "        return h(x)\n"
        "        inner()\n"
        "    outer()\n"
        "    return x\n"
        "behind()\n"
    )


def test_an_edit_inside_of_a_function_commutes_with_a_wrapper_of_it() -> None:
    """A wrapper renames the function in its header and adds another one behind it."""
    code = "def f(x):\n    return g(x)  # why\n"
    wrapper = [
        Site(path="m.py", start=4, end=5, replacement=b"_f", line=1),
        Site(
            path="m.py",
            start=len(code),
            end=len(code),
            replacement=b"def f(x):\n    return _f(x)\n",
            line=3,
            behind=0,
        ),
    ]
    tree = one(code)
    (inner,) = match_patches({"q/inner": patch(_replace("g(x)", "g(x, 1)"))}, tree, RELEASE)
    pairs = [("p/wrap", site) for site in wrapper] + [("q/inner", site) for site in inner.sites]
    for order in permutations(pairs):
        assert overlaps(order) == {}
    whole = _replace("def f(x):\n    return g(x)", "def f(x):\n    return 1")
    (other,) = match_patches({"q/whole": patch(whole)}, tree, RELEASE)
    pairs = [("p/wrap", site) for site in wrapper] + [("q/whole", site) for site in other.sites]
    assert overlaps(pairs) == {}


_CLASHING = {
    "two replacements of one statement": (_replace("b(3, 4)", "c()"), _replace("b($$x)", "d()")),
    "two replacements of one expression, other parts of it": (
        _replace("b(3, 4)", "b(0, 4)"),
        _replace("b(3, $y)", "b(3, $y, 5)"),
    ),
    "a replacement of a block, and an insertion in it": (
        _replace("if x:\n    return g(x)", "return 1"),
        InsertBefore(inside="m.f", anchor="return g(x)", code="c()"),
    ),
    "an `else` of a block, and an insertion behind its last statement": (
        _replace("if x:\n    return g(x)", "if x:\n    return g(x)\nelse:\n    c()"),
        InsertAfter(inside="m.f", anchor="return g(x)", code="c()"),
    ),
    "a statement that goes, and an argument of it": (
        _replace("a(1, 2)\nb(3, 4)", "b(3, 4)"),
        _replace("a(1, 2)", "a(1, 3)"),
    ),
    "an insertion between two statements, and one of them": (
        _replace("a(1, 2)\nb(3, 4)", "a(1, 2)\nc()\nb(3, 4)"),
        _replace("b(3, 4)", "b(3)"),
    ),
    "two insertions into one pair of statements": (
        _replace("a(1, 2)\nb(3, 4)", "a(1, 2)\nc()\nb(3, 4)"),
        _replace("a(1, 2)\nb(3, 4)", "a(1, 2)\nd()\nb(3, 4)"),
    ),
    "one name of two files": (
        AddModule(path="n.py", data=b"1\n"),
        AddModule(path="n.py", data=b"2\n"),
    ),
}


@pytest.mark.parametrize("edits", _CLASHING.values(), ids=_CLASHING)
def test_what_would_depend_on_the_order_is_a_conflict(
    edits: tuple[Replace, Replace],
) -> None:
    tree = MemoryTree.of({"m.py": _CODE})
    for names in (("p/a", "q/b"), ("q/b", "p/a")):
        patches = dict(zip(names, map(patch, edits), strict=True))
        outcomes = match_patches(patches, tree, RELEASE)
        assert [item.status for item in outcomes] == [Status.CONFLICT] * 2
        assert apply_sites(outcomes, tree) == []
        for outcome, other in zip(outcomes, outcomes[::-1], strict=True):
            ((_, problem),) = outcome.problems
            assert problem.reason == f"touches the same code as {other.patch}"
            assert problem.path == outcome.sites[0].path


def test_a_member_behind_the_last_one_commutes_with_another_base() -> None:
    patches = {
        "p/member": patch(AddMember(inside="m.A", after="f", code="def g(self): pass")),
        "q/base": patch(_replace("class A:\n    $$body", "class A(B):\n    $$body")),
    }
    after = applied(one("class A:\n    def f(self): pass\n"), patches)["m.py"]
    assert after.startswith(b"class A(B):\n    def f(self): pass\n")
    assert after.endswith(b"\n\n    def g(self): pass\n")
