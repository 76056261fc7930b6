"""Replace on decorators: the definition and the other decorators stay as they are."""

from __future__ import annotations

import pytest

from tests.transforms.trees import assert_changes, assert_untouched, problem_of
from transforms.edits import Replace
from transforms.engine.outcome import Status

_BEFORE = """
    class A:
        # above
        @staticmethod  # which
        @(  # at @ this
            print
        )
        # below
        def f(): pass

        @staticmethod
        def g(): pass
"""


def test_the_decorator_of_the_scope_itself_is_found() -> None:
    assert_changes(
        Replace(inside="m.A.f", find="@staticmethod", replace="@classmethod"),
        _BEFORE,
        _BEFORE.replace("@staticmethod  # which", "@classmethod  # which"),
    )


def test_decorators_are_inserted_above_and_below_one() -> None:
    assert_changes(
        Replace(inside="m.A.f", find="@print", replace="@int(1)\n@print\n@str"),
        _BEFORE,
        _BEFORE.replace("@(  # at", "@int(1)\n        @(  # at").replace(
            "print\n        )", "print\n        )\n        @str"
        ),
    )


def test_consecutive_decorators_become_one() -> None:
    assert_changes(
        Replace(inside="m", find="@staticmethod\n@$d", replace="@int($d)"),
        _BEFORE,
        _BEFORE.replace(
            "@staticmethod  # which\n        @(  # at @ this\n            print\n        )",
            "@int(print)",
        ),
    )


def test_all_that_were_counted_are_replaced() -> None:
    assert_changes(
        Replace(inside="m.A", find="@staticmethod", replace="@classmethod", count=2),
        _BEFORE,
        _BEFORE.replace("staticmethod", "classmethod"),
    )
    edit = Replace(inside="m.A", find="@staticmethod", replace="@classmethod")
    assert problem_of(edit, _BEFORE).reason == "matched 2 sites, expected 1"


def test_the_arguments_of_a_decorator_keep_their_comments() -> None:
    assert_changes(
        Replace(inside="m", find="@print($$a)", replace="@print($$a, end='')"),
        "@print(\n    1,  # one\n    sep='',  # two\n)\ndef f(): pass\n",
        "@print(\n    1,  # one\n    sep='',  # two\n    end='',\n)\ndef f(): pass\n",
    )


def test_a_call_that_decorates_nothing_is_left_alone() -> None:
    edit = Replace(inside="m", find="@print($x)", replace="@print($x, 1)")
    assert_untouched(edit, "print(1)\n@print\ndef f(): pass\n")
    assert_untouched(edit, "@print(2, 1)\ndef f(): pass\n", Status.OBSOLETE)


@pytest.mark.parametrize(
    ("find", "replace", "before", "after"),
    [
        (
            "@$$d\ndef f($$p):\n    $$b",
            "@int\n@$$d\ndef f($$p, k=1):\n    $$b",
            "@str  # why\n@(print)\ndef f(a):\n    # b\n    pass\n",
            "@int\n@str  # why\n@(print)\ndef f(a, k=1):\n    # b\n    pass\n",
        ),
        (
            "@$$d\ndef f():\n    pass",
            "@$$d\n@int\ndef f():\n    print()",
            "def f():\n    pass\n",
            "@int\ndef f():\n    print()\n",
        ),
        (
            "@int\n@$$d\nclass C:\n    $$b",
            "@$$d\nclass C:\n    $$b",
            "@int\nclass C:\n    x = 1\n",
            "class C:\n    x = 1\n",
        ),
    ],
)
def test_any_decorators_of_a_whole_definition_are_bound(
    find: str, replace: str, before: str, after: str
) -> None:
    assert_changes(Replace(inside="m", find=find, replace=replace), before, after)
