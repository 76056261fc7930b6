"""Replace: only what differs is written, and what upstream changed is said."""

from __future__ import annotations

import pytest

from tests.transforms.cmake_files import PATH, assert_changes, assert_untouched, outcome_of
from tests.transforms.trees import MemoryTree, outcome_on
from transforms.edits.cmake import Replace
from transforms.engine.edit import NeedsPackages
from transforms.engine.outcome import Status


def _replace(find: str, replace: str, **rest: object) -> Replace:
    return Replace(path=PATH, find=find, replace=replace, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        ("f(${A} b)", 'f("${A}" b)', "F (\n  ${A}  # a\n  b)\n", 'F (\n  "${A}"  # a\n  b)\n'),
        ("f($a)", "f($a c)", "f(\n  a\n)\n", "f(\n  a c\n)\n"),
        ("f(a b)", "f(a b c)", "f(a\n  b  # b\n  )\n", "f(a\n  b\n  c  # b\n  )\n"),
        ("f(a b)", "f(a x b)", "f(a\n  b)\n", "f(a\n  x\n  b)\n"),
        ("f(a b)", "f(x a b)", "f(a b)\n", "f(x a b)\n"),
        ("f()", "f(x)", "f( )\n", "f(x)\n"),
        ("f(a b c)", "f(a c)", "f(a  # a\n  b\n  c)\n", "f(a\n  c)\n"),
        ("f(a b)", "f(b)", "f(a b)\n", "f(b)\n"),
        ("f(a $$r)", "f($$r)", "f(a)\n", "f()\n"),
        ("f(a)", "g(a)", "  f(a)  # why\n", "  g(a)  # why\n"),
        ("f(a)", "f(a)\ng(b)", "  f( a )  # why\nh()\n", "  f( a )  # why\n  g(b)\nh()\n"),
        ("f(a)", "g(b)\nf(a)", "\tf(a)", "\tg(b)\n\tf(a)"),
        ("f(a)\ng(b)\nh(c)", "f(a)\nh(c)", "f(a)\ng(b) # g\nh(c)\n", "f(a)\nh(c)\n"),
        ("f(a)\ng(b)", "f(c)\ng(d)", "f(a) # f\n\ng(b) # g\n", "f(c) # f\n\ng(d) # g\n"),
        ("f($x)\nf($x)", "g($x)", "f(a)\nf(b)\nf(b)\n", "f(a)\ng(b)\n"),
        ("f($x)", "f($x ${Y})", 'f("a\n   b")\r\n', 'f("a\n   b" ${Y})\r\n'),
    ],
)
def test_what_does_not_change_stays(find: str, replace: str, before: str, after: str) -> None:
    assert_changes(_replace(find, replace), before.encode(), after.encode())


def test_a_condition_goes_around_commands() -> None:
    assert_changes(
        _replace("set(A $$a)", "if(MSVC)\n  set(B 1)\nelse()\n  set(A $$a)\nendif()"),
        b"if(X)\r\n  set(A\r\n    1  # one\r\n    2)\r\nendif()\r\n",
        b"if(X)\r\n  if(MSVC)\r\n    set(B 1)\r\n  else()\r\n    set(A 1  # one\r\n    2)\r\n"
        b"  endif()\r\nendif()\r\n",
    )


def test_a_branch_is_added_and_the_others_stay() -> None:
    assert_changes(
        _replace(
            "if($c)\n$$a\nelse()\n$$b\nendif()", "if($c OR X)\n  $$a\n  g()\nelse()\n  $$b\nendif()"
        ),
        "if (\n  C)  # c\n  f()  # f\nelse ()\n  h()\nendif(C)\n",
        "if (\n  C OR X)  # c\n  f()  # f\n  g()\nelse ()\n  h()\nendif(C)\n",
    )


@pytest.mark.parametrize(
    ("find", "before"),
    [
        ("f(a)", 'f("a")\n'),
        ("f(a)", "f([[a]])\n"),
        ("f(a)", "f(A)\n"),
        ("f(a)", "# f(a)\n"),
        ("f(a)", 'g("f(a)")\n'),
        ("f($x)", "f(a b)\n"),
        ("f($x)", "f()\n"),
        ("f($x $x)", 'f(a "a")\n'),
        ("f($x)", "f((a))\n"),
        ("f($x $y $z)", "f((a))\n"),
        ("f($$x b $$y)", "f((a b))\n"),
        ("f(a)\ng()", "f(a)\nh()\ng()\n"),
        ("f(${x})", "f(${y})\n"),
        ("f($ENV{x})", "f(a)\n"),
        ("f($<x>)", "f(a)\n"),
        ("if(A)\n$$b\nendif()", "if(A)\nelse()\nendif()\n"),
    ],
)
def test_what_is_not_the_same_is_left_alone(find: str, before: str) -> None:
    assert_untouched(_replace(find, "other(x)"), before)


def test_only_the_function_that_is_named_is_searched() -> None:
    edit = _replace("f(a)", "f(b)", inside="my_Function")
    assert_changes(
        edit,
        "f(a)\nfunction(MY_function X)\n  f(a)\nendfunction()\nmacro(m)\n  f(a)\nendmacro()\n",
        "f(a)\nfunction(MY_function X)\n  f(b)\nendfunction()\nmacro(m)\n  f(a)\nendmacro()\n",
    )


def test_a_function_that_is_gone_is_missing_and_says_where_to_look() -> None:
    edit = _replace("f(a)", "f(b)", inside="find_python")
    problem = assert_untouched(edit, "macro(find_pythons)\n  f(a)\nendmacro()\n", Status.MISSING)
    assert "no function or macro 'find_python'" in problem.reason
    assert problem.notes == (
        "a similar name: find_pythons, line 1",
        "the pattern matches elsewhere in the file, at lines 2",
    )


def test_a_function_that_is_defined_twice_is_no_scope() -> None:
    edit = _replace("f(a)", "f(b)", inside="g")
    problem = assert_untouched(edit, "macro(g)\nendmacro()\nmacro(G)\nendmacro()\n")
    assert "2 times, at lines 1, 3" in problem.reason


def test_drift_says_what_is_closest_and_what_differs() -> None:
    edit = _replace("file(REAL_PATH ${EXE} $out)", 'file(REAL_PATH "${EXE}" $out)')
    problem = assert_untouched(edit, "set(A)\nfile( REAL_PATH\n  ${EXECUTABLE} OUT)  # c\n")
    assert (problem.reason, problem.line) == ("matched 0 sites, expected 1", 2)
    assert problem.closest == "file( REAL_PATH"
    assert problem.notes == ("differs in: ${EXE} -> ${EXECUTABLE}",)


def test_too_many_sites_are_drift_with_their_lines() -> None:
    outcome = outcome_of(_replace("f($x)", "g($x)"), "f(a)\n\nf(b)\n")
    assert outcome.status is Status.DRIFTED
    ((_, problem),) = outcome.problems
    assert problem.reason == "matched 2 sites, expected 1"
    assert problem.notes == ("it matches at lines 1, 3",)


def test_a_file_that_is_no_cmake_is_drift() -> None:
    problem = assert_untouched(_replace("f(a)", "f(b)"), "f(a\n")
    assert "does not parse as CMake" in problem.reason


def test_a_file_that_is_gone_is_missing() -> None:
    tree = MemoryTree.of({"cmake/a.cmake": "f(a)\n"})
    outcome = outcome_on(tree, _replace("f(a)", "f(b)"))
    ((_, problem),) = outcome.problems
    assert (problem.status, problem.notes) == (Status.MISSING, ("there is cmake/a.cmake",))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"find": ""}, "must not be empty"),
        ({"find": "f(a"}, "not CMake"),
        ({"find": "$$x"}, "would match any commands"),
        ({"find": "f()\n$$x"}, "would match any commands"),
        ({"find": "if(A)\n  $x\nendif()"}, "write \\$\\$x|for commands"),
        ({"find": "f($x)\nif(A)\n$$x\nendif()"}, "two kinds of things"),
        ({"find": 'f("\n$x\n")'}, "stands in an argument"),
        ({"replace": "f($y)"}, "never bound"),
        ({"replace": "f($$x)"}, "bound to something else"),
        ({"replace": "f($x)"}, "cannot be told from"),
        ({"replace": ""}, "must not be empty"),
        ({"find": "if(A)\n$$x\nendif()", "replace": "$$x"}, "says nothing of its own"),
        ({"find": "f($x)\r\n"}, "line ends"),
        ({"path": "/a.cmake"}, "relative to the root"),
        ({"inside": "a.b"}, "name of a function"),
        ({"count": 0}, "at least 1"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"path": PATH, "find": "f($x)", "replace": "g($x)"}
    with pytest.raises(ValueError, match=message):
        Replace(**{**good, **fields})  # type: ignore[arg-type]


def test_it_says_which_packages_it_needs() -> None:
    edit = _replace("f(a)", "f(b)")
    assert isinstance(edit, NeedsPackages)
    assert [item.split(">")[0] for item in edit.requires] == ["tree-sitter", "tree-sitter-cmake"]
