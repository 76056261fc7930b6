"""InsertBefore and InsertAfter: whole lines beside an anchor that stays as it is."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    NAME,
    applied,
    assert_changes,
    assert_untouched,
    one,
    patch,
    problem_of,
)
from transforms.edits import InsertAfter, InsertBefore
from transforms.engine.outcome import Status


def _before(anchor: str, code: str, **rest: object) -> InsertBefore:
    return InsertBefore(inside="m", anchor=anchor, code=code, **rest)  # type: ignore[arg-type]


def _after(anchor: str, code: str, **rest: object) -> InsertAfter:
    return InsertAfter(inside="m", anchor=anchor, code=code, **rest)  # type: ignore[arg-type]


def test_lines_are_put_before_a_statement_with_its_decorators() -> None:
    assert_changes(
        _before("@d\ndef f(self): pass", "x = 1\n\n\ny = '''\n a'''"),
        "class A:\n    # f's\n    @d\n    def f(self): pass\n",
        "class A:\n    # f's\n    x = 1\n\n\n    y = '''\n a'''\n    @d\n    def f(self): pass\n",
    )


def test_lines_are_put_behind_a_whole_statement_and_its_comment() -> None:
    assert_changes(
        _after("if $c:\n    $$b", "log($c)"),
        """
        def f():
            if (a or
                b):
                c()  # why
            # next
            d()
        """,
        """
        def f():
            if (a or
                b):
                c()  # why
            log(a or
                b)
            # next
            d()
        """,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a()", b"a()\nb()"),
        (b"a()\n", b"a()\nb()\n"),
        (b"a()  # c", b"a()  # c\nb()"),
        (b"a();\n", None),
        (b"if x:\n    a()", b"if x:\n    a()\n    b()"),
        (b"a()\r\n", b"a()\r\nb()\r\n"),
        (b"a()\r", b"a()\rb()\r"),
        (b"x\r\na()", b"x\r\na()\r\nb()"),
        (b"\xef\xbb\xbfa()\n", b"\xef\xbb\xbfa()\nb()\n"),
        (b"if x:\n\ta()\n", b"if x:\n\ta()\n\tb()\n"),
        (b"x\n\x0ca()\n", b"x\n\x0ca()\nb()\n"),
        (b"if x: a()\n", None),
        (b"x; a()\n", None),
        (b"a(); x\n", None),
    ],
)
def test_every_kind_of_line_end_behind(before: bytes, after: bytes | None) -> None:
    edit = _after("a()", "b()")
    if after is None:
        assert "shares its line" in assert_untouched(edit, before).reason
    else:
        assert_changes(edit, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a()", b"b()\na()"),
        (b"# c\na()\n", b"# c\nb()\na()\n"),
        (b"x\r\na()\r\n", b"x\r\nb()\r\na()\r\n"),
        (b"\xef\xbb\xbfa()\n", b"\xef\xbb\xbfb()\na()\n"),
        (b"if x:\n\ta()\n", b"if x:\n\tb()\n\ta()\n"),
        (b"x\n\x0ca()\n", b"x\n\x0cb()\na()\n"),
        (b"a(); x\n", b"b()\na(); x\n"),
        (b"x; a()\n", None),
        (b"if x: a()\n", None),
    ],
)
def test_every_kind_of_line_before(before: bytes, after: bytes | None) -> None:
    edit = _before("a()", "b()")
    if after is None:
        assert "shares its line" in assert_untouched(edit, before).reason
    else:
        assert_changes(edit, before, after)


def test_an_anchor_of_several_statements_has_two_ends() -> None:
    code = "a()\nx()\nb()\n"
    assert_changes(_before("a()\n$$x\nb()", "c()"), code, "c()\na()\nx()\nb()\n")
    assert_changes(_after("a()\n$$x\nb()", "c()"), code, "a()\nx()\nb()\nc()\n")


def test_all_anchors_that_were_counted_get_the_code() -> None:
    assert_changes(
        _after("x = $v", "log($v)", count=2),
        "x = 1\nif a:\n    x = (2)\n",
        "x = 1\nlog(1)\nif a:\n    x = (2)\n    log(2)\n",
    )


def test_code_that_holds_its_anchor_is_not_inserted_again() -> None:
    assert_changes(_after("a()", "a()"), "a()\n", "a()\na()\n")
    assert_changes(_before("a()", "if b:\n    a()"), "a()\n", "if b:\n    a()\na()\n")


@pytest.mark.parametrize("kind", [InsertBefore, InsertAfter])
def test_nothing_goes_between_an_if_and_its_elif(kind: type) -> None:
    edit = kind(inside="m", anchor="if b: y()", code="z()")
    problem = assert_untouched(edit, "if a: x()\nelif b: y()\n")
    assert "`elif`" in problem.reason
    assert problem.line == 2


def test_what_upstream_has_inserted_itself_is_obsolete() -> None:
    assert_untouched(_after("a()", "b()"), "a()\nb()\n", Status.OBSOLETE)
    assert_untouched(_before("a()", "b()"), "b()\na()\n", Status.OBSOLETE)


def test_an_anchor_that_is_gone_is_drift_with_the_closest() -> None:
    problem = problem_of(_after("start(one)", "b()"), "if x:\n    start(one, two)\n")
    assert problem.reason == "matched 0 sites, expected 1"
    assert (problem.closest, problem.line) == ("start(one, two)", 2)


def test_insertions_of_one_patch_at_one_point_keep_its_order() -> None:
    edits: list[InsertAfter | InsertBefore] = [
        _after("a()", "z = 1"),
        _after("a()", "print(z)"),
        _before("b()", "last = z"),
    ]
    tree = one("a()\nb()\n")
    assert applied(tree, {NAME: patch(*edits)})["m.py"] == b"a()\nz = 1\nprint(z)\nlast = z\nb()\n"


def test_insertions_of_several_patches_are_in_the_order_of_their_names() -> None:
    patches = {"musa/b": patch(_after("a()", "b = 1")), "musa/a": patch(_after("a()", "c = 1"))}
    for order in (patches, dict(reversed(patches.items()))):
        assert applied(one("a()\n"), order)["m.py"] == b"a()\nc = 1\nb = 1\n"


def test_insertions_at_one_point_stay_in_their_blocks() -> None:
    """Deeper ones come first, whatever the patches are called."""
    before = "if x:\n    for y in z:\n        a()\nb()\n"
    patches = {
        "musa/a": patch(_before("b()", "if c:\n    d = 1")),
        "musa/b": patch(_after("if x: $$body", "e = 1")),
        "musa/c": patch(_after("for y in z: $$body", "f = 1")),
        "musa/d": patch(_after("a()", "g = 1")),
    }
    assert applied(one(before), patches)["m.py"].decode() == (
        "if x:\n    for y in z:\n        a()\n        g = 1\n    f = 1\n"
        "e = 1\nif c:\n    d = 1\nb()\n"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"anchor": ""}, "must not be empty"),
        ({"anchor": "$$x"}, "would match any statements"),
        ({"anchor": "def"}, "not Python"),
        ({"code": ""}, "must not be empty"),
        ({"code": "$y"}, "never bound"),
        ({"inside": ""}, "`inside` must not be empty"),
        ({"count": -1}, "`count` must be at least 1"),
    ],
)
@pytest.mark.parametrize("kind", [InsertBefore, InsertAfter])
def test_a_wrong_declaration_fails_where_it_is_made(
    kind: type, fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m", "anchor": "a($x)", "code": "b($x)"}
    with pytest.raises(ValueError, match=message):
        kind(**{**good, **fields})


@pytest.mark.parametrize("missing", ["inside", "anchor", "code"])
@pytest.mark.parametrize("kind", [InsertBefore, InsertAfter])
def test_a_field_that_is_left_out_is_a_type_error(kind: type, missing: str) -> None:
    good = {"inside": "m", "anchor": "a($x)", "code": "b($x)"}
    with pytest.raises(TypeError, match=missing):
        kind(**{name: value for name, value in good.items() if name != missing})
