"""Remove: statements and decorators go with their lines, and the file still reads well."""

from __future__ import annotations

import pytest

from tests.transforms.trees import assert_changes, assert_untouched, one, outcome_of, patch
from transforms.edits import Remove
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status


def _edit(find: str = "go(a)", count: int = 1, inside: str = "m") -> Remove:
    return Remove(inside=inside, find=find, count=count)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\ngo(a)  # why\ny = 1\n", "x = 1\ny = 1\n"),
        ("x = 1\n# of go\ngo(\n    a\n)  # why\n", "x = 1\n# of go\n"),
        ("x = 1\ngo(a)", "x = 1\n"),
        ("go(a)\n", ""),
        ("go(a)\n\n\nx = 1\n", "x = 1\n"),
        ("x = 1\n\ngo(a)\n\ny = 1\n", "x = 1\n\ny = 1\n"),
        ("x = 1\n\n\ngo(a)\n\ny = 1\n", "x = 1\n\n\ny = 1\n"),
        ("x = 1\n\ngo(a)\ny = 1\n", "x = 1\n\ny = 1\n"),
        ("x = 1\n\n\ngo(a)\n", "x = 1\n"),
        ("if x:\n    y = 1\n\n    go(a)\nz = 1\n", "if x:\n    y = 1\nz = 1\n"),
        ("if x:\n    go(a)\n\n    y = 1\n", "if x:\n    y = 1\n"),
        ("if x:\n\tgo(a)\n\ty = 1\n", "if x:\n\ty = 1\n"),
        ("x = 1\r\ngo(a)  # \u00e9\r\ny = 1\r\n", "x = 1\r\ny = 1\r\n"),
        ("def f():\n    '''Say.'''\n    go(a)\n", "def f():\n    '''Say.'''\n"),
        ("def f():\n    go(a)  # why\n", "def f():\n    pass\n"),
        (
            "if x:\n    # why\n    go(a)\nelse:\n    y\n",
            "if x:\n    # why\n    pass\nelse:\n    y\n",
        ),
        ("if x:\n    y\nelse:\n    go(a)\n", "if x:\n    y\nelse:\n    pass\n"),
        ("if x: go(a)\ny = 1\n", "if x: pass\ny = 1\n"),
        ("if x: go(a)  # why\n", "if x: pass\n"),
        ("try:\n    go(a)\nfinally:\n    y\n", "try:\n    pass\nfinally:\n    y\n"),
        ("match x:\n    case 1:\n        go(a)\n", "match x:\n    case 1:\n        pass\n"),
    ],
)
def test_the_lines_go_and_what_stays_still_stands(before: str, after: str) -> None:
    assert_changes(_edit(), before.encode(), after.encode())


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ("go(a)\ncome(b)", "go(a)\n# c\ncome(b)\nx = 1\n", "x = 1\n"),
        ("go(a)\ncome(b)", "go(a); come(b)\nx = 1\n", "x = 1\n"),
        ("go(a)\ncome(b)", "if x: go(a); come(b)\n", "if x: pass\n"),
        ("if y: $$b", "if x:\n    a\nelif y:\n    b\n", "if x:\n    a\n"),
        (
            "if y: b\nelse: c",
            "if x:\n    a\nelif y:\n    b\nelse:\n    c\nd\n",
            "if x:\n    a\nd\n",
        ),
        ("if x: a\nelif y: b", "z\nif x:\n    a\nelif y:\n    b\n", "z\n"),
        ("import a", "try:\n    import a\nexcept E:\n    a = 1\n", None),
        ("for x in $y:", "z\nfor x in range(3):\n    a\n    b\n", "z\n"),
        ("x = '''\n1'''", "z\nx = '''\n1'''\ny\n", "z\ny\n"),
    ],
)
def test_windows_arms_and_whole_compound_statements_go(
    find: str, before: str, after: str | None
) -> None:
    kept = "try:\n    pass\nexcept E:\n    a = 1\n"
    assert_changes(_edit(find), before, kept if after is None else after)


def test_a_function_goes_with_its_decorators_and_leaves_two_empty_lines() -> None:
    assert_changes(
        _edit("def old($$a):"),
        """
        import a


        def first():
            pass


        # Of the old one.
        @cache
        @d(
            1,
        )
        def old(x, *, y):
            '''Say.'''

            return x


        def last():
            pass
        """,
        """
        import a


        def first():
            pass


        # Of the old one.


        def last():
            pass
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "class A:\n    x = 1\n\n    def old(self):\n        pass\n\n    y = 1\n",
            "class A:\n    x = 1\n\n    y = 1\n",
        ),
        (
            "class A:\n    x = 1\n\n    def old(self):\n        pass\n\n\nclass B: pass\n",
            "class A:\n    x = 1\n\n\nclass B: pass\n",
        ),
        ("class A:\n    def old(self):\n        pass\n", "class A:\n    pass\n"),
        ("class A:\n    @d\n    def old(self): pass\n\n\nx\n", "class A:\n    pass\n\n\nx\n"),
        (
            "class A:\n    '''Say.'''\n\n    def old(self):\n        pass\n\n    y = 1\n",
            "class A:\n    '''Say.'''\n\n    y = 1\n",
        ),
        ("x\n\n\ndef old(): pass\n\n\ny\n", "x\n\n\ny\n"),
        ("x\n\n\ndef old(): pass\n", "x\n"),
    ],
)
def test_the_empty_lines_around_a_definition_are_those_that_the_rest_needs(
    before: str, after: str
) -> None:
    assert_changes(_edit("def old($$a):"), before, after)


def test_several_in_one_block_go_and_an_emptied_one_gets_one_pass() -> None:
    assert_changes(
        _edit("go($x)", count=4),
        "def f():\n    go(1)\n    # why\n    go(2)\nx\n\ngo(3)\n\ngo(4)\n\ny\n",
        "def f():\n    pass\nx\n\ny\n",
    )


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ("@d", "x\n@d  # why\ndef f(): pass\n", "x\ndef f(): pass\n"),
        ("@d(1)", "@a\n# c\n@d(\n  1\n)\n@b\nclass A: pass\n", "@a\n# c\n@b\nclass A: pass\n"),
        ("@d($$x)", "class A:\n    @(d(1, k=2))\n    def f(self): pass\n", None),
        ("@a\n@b", "@a\n@b\n@c\nasync def f(): pass\n", "@c\nasync def f(): pass\n"),
    ],
)
def test_a_decorator_goes_with_its_lines(find: str, before: str, after: str | None) -> None:
    assert_changes(_edit(find), before, after or "class A:\n    def f(self): pass\n")


def test_a_decorator_of_the_scope_itself_is_found() -> None:
    assert_changes(
        _edit("@d", inside="m.A.f"),
        "@d\nclass A:\n    @d\n    def f(self): pass\n",
        "@d\nclass A:\n    def f(self): pass\n",
    )


@pytest.mark.parametrize("before", ["x; go(a)\n", "go(a); x\n", "if y: x; go(a)\n"])
def test_a_line_that_is_shared_is_drift_with_a_reason(before: str) -> None:
    reason = assert_untouched(_edit(), before).reason
    assert "shares its line with" in reason
    assert "match both statements instead" in reason


@pytest.mark.parametrize(
    ("find", "there"),
    [
        ("go(a)", "go(b)\n"),
        ("self.run(a, 1)", "self.run(a, 2)\n"),
        ("self.run(a, 1)", "self.run(a, 1, 2)\n"),
        ("x = 1", "x = 2\n"),
        ("self.cache = make(a)", "self.kv_cache = make(a)\n"),
        ("@torch.inference_mode()", "@torch.inference_mode(True)\ndef f(): pass\n"),
        ("if x.y: $$b", "if x.z:\n    go(a)\n"),
        ("x = load(a, b)\nsave(x, c)", "x = load(a, b)\nsave(x, d)\n"),
    ],
)
def test_something_that_differs_in_one_place_is_drift(find: str, there: str) -> None:
    problem = assert_untouched(_edit(find), there)
    assert problem.reason == "matched 0 sites, expected 1"
    assert problem.line == 1
    assert problem.closest


@pytest.mark.parametrize("there", ["x = 1\n", "", "def go(a): return a\n", "other.thing = [1]\n"])
def test_code_without_anything_like_it_is_obsolete(there: str) -> None:
    problem = assert_untouched(_edit("self.run(a, 1)"), there, Status.OBSOLETE)
    assert problem.looked_for == "self.run(a, 1)"


def test_another_number_of_sites_is_drift() -> None:
    outcome = outcome_of(_edit(), "go(a)\ngo(a)\n")
    assert outcome.status is Status.DRIFTED
    assert outcome.problems[0][1].reason == "matched 2 sites, expected 1"


def test_what_changes_inside_of_a_removed_block_is_a_conflict() -> None:
    patches = {"a/p": patch(_edit("if x: $$b")), "b/p": patch(_edit("go(a)"))}
    outcomes = match_patches(patches, one("if x:\n    go(a)\n    y\n"), "0.33.0")
    assert [outcome.status for outcome in outcomes] == [Status.CONFLICT] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"find": ""}, "must not be empty"),
        ({"find": "$$a"}, "would match any statements"),
        ({"find": "f("}, "not Python"),
        ({"count": 0}, "`count` must be at least 1"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Remove(**{"inside": "m", "find": "go(a)", **fields})  # type: ignore[arg-type]
