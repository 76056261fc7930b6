"""InsertBefore and InsertAfter: whole lines beside an anchor that stays as it is."""

from __future__ import annotations

import pytest

from tests.transforms.cmake_files import PATH, assert_changes, assert_untouched
from tests.transforms.trees import NAME, MemoryTree, applied, patch
from transforms.edits.cmake import InsertAfter, InsertBefore
from transforms.engine.outcome import Status


def _before(anchor: str, code: str, **rest: object) -> InsertBefore:
    return InsertBefore(path=PATH, anchor=anchor, code=code, **rest)  # type: ignore[arg-type]


def _after(anchor: str, code: str, **rest: object) -> InsertAfter:
    return InsertAfter(path=PATH, anchor=anchor, code=code, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a()", b"a()\nb()\n  c()"),
        (b"a() # c\n", b"a() # c\nb()\n  c()\n"),
        (b"if(X)\r\n\ta()\r\nendif()\r\n", b"if(X)\r\n\ta()\r\n\tb()\r\n\t  c()\r\nendif()\r\n"),
        (b"\xef\xbb\xbfa()\n", b"\xef\xbb\xbfa()\nb()\n  c()\n"),
    ],
)
def test_every_kind_of_line_below(before: bytes, after: bytes) -> None:
    assert_changes(_after("a()", "b()\n  c()"), before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a()", b"b()\na()"),
        (b"# c\n  a()\r\n", b"# c\n  b()\n  a()\r\n"),
        (b"\xef\xbb\xbfa()\n", b"\xef\xbb\xbfb()\na()\n"),
    ],
)
def test_every_kind_of_line_above(before: bytes, after: bytes) -> None:
    assert_changes(_before("a()", "b()"), before, after)


def test_lines_go_below_all_of_a_block_with_what_it_binds() -> None:
    assert_changes(
        _after("if($c)\n$$body\nendif()", '\n# why\nlog($c "x\ny")\n'),
        "function(f)\n  if(A)\n    g()\n  endif()  # A\n\n  h()\nendfunction()\n",
        'function(f)\n  if(A)\n    g()\n  endif()  # A\n  # why\n  log(A "x\ny")\n\n  h()\n'
        "endfunction()\n",
    )


def test_all_anchors_that_were_counted_get_the_code() -> None:
    assert_changes(
        _after("f($x $$more)", "g($x)", count=2),
        "f(a)\nif(X)\n  f(b c)\nendif()\n",
        "f(a)\ng(a)\nif(X)\n  f(b c)\n  g(b)\nendif()\n",
    )


def test_what_upstream_has_inserted_itself_is_obsolete() -> None:
    assert_untouched(_after("a()", "b()"), "a()\n# by upstream\nb( )\n", Status.OBSOLETE)
    assert_untouched(_before("a()", "b()"), "b()\na()\n", Status.OBSOLETE)


def test_an_anchor_that_is_gone_is_drift_with_the_closest() -> None:
    problem = assert_untouched(_after("start(one)", "b()"), "if(X)\n  start(one two)\nendif()\n")
    assert (problem.closest, problem.line) == ("start(one two)", 2)
    assert problem.notes == ("differs in: added two",)


def test_insertions_of_several_patches_are_in_the_order_of_their_names() -> None:
    patches = {"p/b": patch(_after("a()", "b()")), "p/a": patch(_after("a()", "c()"))}
    for order in (patches, dict(reversed(patches.items()))):
        assert applied(MemoryTree.of({PATH: b"a()\n"}), order)[PATH] == b"a()\nc()\nb()\n"


def test_several_insertions_of_one_patch_are_settled() -> None:
    both = patch(_after("a()", "b()"), _before("a()", "c()"))
    assert applied(MemoryTree.of({PATH: b"a()\n"}), {NAME: both})[PATH] == b"c()\na()\nb()\n"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"anchor": ""}, "must not be empty"),
        ({"anchor": "$$x"}, "would match any commands"),
        ({"code": ""}, "must not be empty"),
        ({"code": "f($y)"}, "never bound"),
        ({"path": "a\\b"}, "relative to the root"),
        ({"count": -1}, "at least 1"),
    ],
)
@pytest.mark.parametrize("kind", [InsertBefore, InsertAfter])
def test_a_wrong_declaration_fails_where_it_is_made(
    kind: type, fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"path": PATH, "anchor": "f($x)", "code": "g($x)"}
    with pytest.raises(ValueError, match=message):
        kind(**{**good, **fields})
