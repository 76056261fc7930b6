"""ExtendLiteral: a literal gains elements, written like those that it has."""

from __future__ import annotations

import pytest

from tests.transforms.trees import (
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import ExtendLiteral
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status


def _edit(add: str = '"b"', name: str = "X", inside: str = "m") -> ExtendLiteral:
    return ExtendLiteral(inside=inside, name=name, add=add)


def _find(find: str, add: str = '"b"', count: int = 1) -> ExtendLiteral:
    return ExtendLiteral(inside="m", find=find, add=add, count=count)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('X = ["a"]', 'X = ["a", "b"]'),
        ('X = ("a",)', 'X = ("a", "b")'),
        ('X = "a",', 'X = "a", "b"'),
        ('X = "a", "c"  # why', 'X = "a", "c", "b"  # why'),
        ('X = {"a"}', 'X = {"a", "b"}'),
        ('X = frozenset({"a"})', 'X = frozenset({"a", "b"})'),
        ('X = set(["a"])', 'X = set(["a", "b"])'),
        ('X = tuple(("a",))', 'X = tuple(("a", "b"))'),
        ("X = []", 'X = ["b"]'),
        ("X = ()", 'X = ("b",)'),
        ("X = [ ]", 'X = ["b"]'),
        ("X = set()", 'X = set({"b"})'),
        ("X = frozenset( )", 'X = frozenset({"b"})'),
        ("X = tuple()", 'X = tuple(("b",))'),
        ("X = frozenset(())", 'X = frozenset(("b",))'),
        ('X = Literal["a"]', 'X = Literal["a", "b"]'),
        ('X: TypeAlias = typing.Literal["a", "c"]', 'X: TypeAlias = typing.Literal["a", "c", "b"]'),
        ('X: list[str] = ["a", *C]', 'X: list[str] = ["a", *C, "b"]'),
        ('X = [\n    "a",\n]', 'X = [\n    "a",\n    "b",\n]'),
        ('X = [\n    "a",  # one\n    "c"  # two\n]', None),
        ('X = [\n    "a", "c",\n]', 'X = [\n    "a", "c", "b",\n]'),
        ("X = [\n    # none\n]", 'X = [\n    # none\n    "b",\n]'),
        ('X = ["a",  # one\n     "c"]', 'X = ["a",  # one\n     "c",\n     "b"]'),
        ('X = ["a", "a"]', 'X = ["a", "a", "b"]'),
        ('X = [(yes), ("a")]', 'X = [(yes), ("a"), "b"]'),
        ('if y:\n\tX = {\n\t\t"a",\n\t}', 'if y:\n\tX = {\n\t\t"a",\n\t\t"b",\n\t}'),
    ],
)
def test_the_element_is_written_like_its_neighbours(before: str, after: str | None) -> None:
    two_comments = 'X = [\n    "a",  # one\n    "c",  # two\n    "b"\n]'
    assert_changes(_edit(), before, after or two_comments)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X = {}", 'X = {"b": f(1)}'),
        ('X = {"a": 1}', 'X = {"a": 1, "b": f(1)}'),
        ('X = {"a": 1, **C}', 'X = {"a": 1, **C, "b": f(1)}'),
        ('X = {\n  "a": (\n    1\n  ),\n}', 'X = {\n  "a": (\n    1\n  ),\n  "b": f(1),\n}'),
        ('X = {\r\n  "a": 1\r\n}\r\n', 'X = {\r\n  "a": 1,\r\n  "b": f(1)\r\n}\r\n'),
    ],
)
def test_a_dict_gains_an_item(before: str, after: str) -> None:
    assert_changes(_edit('"b": f(1)'), before.encode(), after.encode())


def test_several_elements_are_added_in_their_order() -> None:
    add = """
        "b",  # of b
        f(
            1,
        ),
        *C,
    """
    assert_changes(
        _edit(add),
        'X = [\n    "a",\n]\n',
        'X = [\n    "a",\n    "b",\n    f(\n        1,\n    ),\n    *C,\n]\n',
    )
    assert_changes(_edit('"b", *C'), "X = set()\n", 'X = set({"b", *C})\n')


@pytest.mark.parametrize(
    "code", ["[1]", "(1,)", "{1}", "{}", "[]", "()", "set()", "frozenset({1})", "tuple([1])"]
)
def test_the_value_is_the_old_one_and_the_new_elements(code: str) -> None:
    is_dict = code == "{}"
    edit = _edit("2: 3" if is_dict else "2, 3")
    there: dict[str, object] = {}
    exec(applied(one(f"X = {code}\n"), {"p/p": patch(edit)})["m.py"], there)  # noqa: S102
    old = eval(code)  # noqa: S307
    new = {2: 3} if is_dict else type(old)([*old, 2, 3])
    assert there["X"] == new
    assert type(there["X"]) is type(old)


def test_the_literal_of_a_name_is_that_of_its_own_scope() -> None:
    assert_changes(
        _edit(inside="m.A.f"),
        'X = []\nclass A:\n    X = []\n    def f(self):\n        X = ["a"]\n',
        'X = []\nclass A:\n    X = []\n    def f(self):\n        X = ["a", "b"]\n',
    )


@pytest.mark.parametrize(
    ("find", "before", "after"),
    [
        ('["a"]', 'f(["a"])\n', 'f(["a", "b"])\n'),
        ('["a", $$x]', 'if k in ["a", "c"]: pass\n', 'if k in ["a", "c", "b"]: pass\n'),
        ('Literal["a", $$x]', 'x: Optional[Literal["a"]] = 1\n', None),
        (
            '{"a", $$x}',
            'f(frozenset({"c", "a"}), {"a"})\n',
            'f(frozenset({"c", "a"}), {"a", "b"})\n',
        ),
        ('frozenset({"a"})', 'f(frozenset({"a"}), {"a"})\n', 'f(frozenset({"a", "b"}), {"a"})\n'),
    ],
)
def test_a_literal_is_found_by_what_it_is(find: str, before: str, after: str | None) -> None:
    assert_changes(_find(find), before, after or 'x: Optional[Literal["a", "b"]] = 1\n')


def test_sites_that_are_found_are_counted() -> None:
    before = 'f(["a"])\ng(["a"])\n'
    assert_changes(_find('["a"]', count=2), before, before.replace('"a"', '"a", "b"'))
    outcome = outcome_of(_find('["a"]'), before)
    assert outcome.problems[0][1].reason == "matched 2 sites, expected 1"


@pytest.mark.parametrize(
    ("edit", "there"),
    [
        (_edit(), "X = ['b', \"a\"]\n"),
        (_edit('"b", c'), 'X = frozenset({c, "b"})\n'),
        (_edit('"b": 1'), 'X = {"a": 1, "b": (1)}\n'),
        (_edit(), 'X = Literal["b"]\n'),
        (_find('["a", $$x]'), 'f(["a", "b"])\n'),
        (_find('["a"]'), 'f(["b", "a"])\n'),
        (_find('Literal["a"]'), 'x: Literal["b", "a"]\n'),
    ],
)
def test_elements_that_are_there_are_obsolete(edit: ExtendLiteral, there: str) -> None:
    assert_untouched(edit, there, Status.OBSOLETE)


@pytest.mark.parametrize(
    ("edit", "there", "reason"),
    [
        (_edit('"b", "c"'), 'X = ["b"]', 'it has some of what this would add: "b"'),
        (_find('["a"]', '"b", "c"'), 'f(["a", "c"])', 'it has some of what this would add: "c"'),
        (_edit('"b": 1'), 'X = {"b": 2}', 'it has another value for the key of "b": 1'),
        (_edit('"b": 1'), 'X = ["b"]', "no dict cannot gain '\"b\": 1'"),
        (_edit(), 'X = {"a": 1}', "a dict cannot gain '\"b\"'"),
        (_edit(), 'X = ["a"] + Y', "'X' is no list, tuple, set, dict or Literal"),
        (_edit(), "X = set(Y)", "'X' is no list, tuple, set, dict or Literal"),
        (_edit(), 'X = "a"', "'X' is no list, tuple, set, dict or Literal"),
        (_edit(), 'X = Optional["a"]', "'X' is no list, tuple, set, dict or Literal"),
        (_edit(), "Y = []", "the module assigns nothing to 'X'"),
        (_edit(), "X = []\nX = []", "the module binds 'X' 2 times: lines 1, 2"),
        (_find('["a"]'), 'f(["a", "c"])', "matched 0 sites, expected 1"),
    ],
)
def test_what_cannot_be_extended_is_drift(edit: ExtendLiteral, there: str, reason: str) -> None:
    assert assert_untouched(edit, there).reason == reason


def test_two_patches_extend_one_literal() -> None:
    patches = {f"{add}/p": patch(_edit(repr(add))) for add in "yz"}
    after = applied(one("X = [\n    1,\n]\nY = 2\n"), patches)["m.py"].decode()
    assert after == "X = [\n    1,\n    'y',\n    'z',\n]\nY = 2\n"


def test_two_patches_that_fill_one_literal_are_a_conflict() -> None:
    patches = {f"{add}/p": patch(_edit(repr(add))) for add in "yz"}
    outcomes = match_patches(patches, one("X = []\n"), "0.33.0")
    assert [outcome.status for outcome in outcomes] == [Status.CONFLICT] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inside": ""}, "`inside` must not be empty"),
        ({"name": None}, "give one of `name` and `find`"),
        ({"find": "[]"}, "give one of `name` and `find`"),
        ({"name": "A.x"}, "`name` must be one name"),
        ({"count": 2}, "`count` is for `find`"),
        ({"name": None, "find": "x"}, "`find` must be a list"),
        ({"name": None, "find": "[", "add": "1"}, "not Python"),
        ({"add": ""}, "must be elements"),
        ({"add": "a ="}, "must be elements"),
        ({"add": "$x"}, "must be elements"),
        ({"add": "1] + [2"}, "must be elements"),
        ({"add": "1, (1)"}, "holds an element twice"),
    ],
)
def test_a_wrong_declaration_fails_where_it_is_made(
    fields: dict[str, object], message: str
) -> None:
    good: dict[str, object] = {"inside": "m", "name": "X", "add": "1"}
    with pytest.raises(ValueError, match=message):
        ExtendLiteral(**{**good, **fields})  # type: ignore[arg-type]
