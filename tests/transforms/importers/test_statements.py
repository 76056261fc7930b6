"""Whole additions and new values become the edit that says what they are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.test_capture import captured
from tests.transforms.trees import applied, assert_untouched, one, patch
from transforms.edits import (
    AddImport,
    AddMember,
    ExtendLiteral,
    Guard,
    InsertAfter,
    InsertBefore,
    Replace,
    ReplaceFunction,
    SetConstant,
    Widen,
)
from transforms.engine.syntax.canonical import body_hash
from transforms.importers.capture import capture
from transforms.importers.patch_module import patch_module

if TYPE_CHECKING:
    from transforms.edits import Patch
    from transforms.engine.edit import Edit

BEFORE = '''
    """A module."""

    import os
    import sys
    from typing import TYPE_CHECKING

    from m.a import b

    if TYPE_CHECKING:
        from m.x import y

    LIMIT = 4
    SPECS = make(1, mode="fast", depth=2, kind="x")
    NAMES = ["a", "b"]


    class Kind(Enum):
        ONE = 1
        TWO = 2


    @dataclass
    class Worker:
        name: str
        size: int = 1

        def load(self, path):
            self.check(path)
            self.begin(path, 1)
            if path.exists() and self.size:
                return self.read(path)

        def read(self, path):
            return path.read_bytes()
'''


@pytest.mark.parametrize(
    ("old", "new", "edit"),
    [
        pytest.param(
            "import os\n",
            "import os\n    import re\n",
            AddImport(inside="m", code="import re"),
            id="an import",
        ),
        pytest.param(
            "import os\n",
            "import os\n    import re  # noqa: F401\n",
            AddImport(inside="m", code="import re  # noqa: F401"),
            id="an import with a comment",
        ),
        pytest.param(
            "from m.a import b\n",
            "from m.a import b, c\n",
            AddImport(inside="m", code="from m.a import c"),
            id="a name of a module that is imported from already",
        ),
        pytest.param(
            "from m.x import y\n",
            "from m.x import y\n        from m.z import z\n",
            AddImport(inside="m", code="from m.z import z", type_checking=True),
            id="an import for the type checker",
        ),
        pytest.param(
            "import os\n",
            "import re\n    import os\n",
            InsertBefore(inside="m", anchor="import os", code="import re", other_side="$text"),
            id="an import where isort would not put it is no `AddImport`",
        ),
        pytest.param(
            "LIMIT = 4",
            "LIMIT = 8",
            SetConstant(inside="m", name="LIMIT", was="4", value="8"),
            id="a constant",
        ),
        pytest.param(
            "size: int = 1",
            "size: int = 2",
            SetConstant(inside="m.Worker", name="size", was="1", value="2"),
            id="a default in a class",
        ),
        pytest.param(
            "depth=2",
            "depth=3",
            Replace(
                inside="m", find="make($$arguments, depth=2)", replace="make($$arguments, depth=3)"
            ),
            id="of a long value only what changed",
        ),
        pytest.param(
            '"b"]',
            '"b", "c"]',
            ExtendLiteral(inside="m", name="NAMES", add='"c"'),
            id="a literal with a name",
        ),
        pytest.param(
            "TWO = 2\n",
            "TWO = 2\n        THREE = 3\n",
            InsertAfter(inside="m.Kind", anchor="TWO = $value", code="THREE = 3", other_side=""),
            id="a member of an enum, whose order says something",
        ),
        pytest.param(
            "name: str\n",
            "name: str\n        # Where it runs.\n        device: str\n",
            InsertAfter(
                inside="m.Worker",
                anchor="name: str",
                code="# Where it runs.\ndevice: str",
                other_side="size: int = $value",
            ),
            id="a field and its comment, between its neighbours",
        ),
        pytest.param(
            "read_bytes()\n",
            "read_bytes()\n\n        @cache\n        def close(self):\n            pass\n",
            AddMember(inside="m.Worker", code="@cache\ndef close(self):\n    pass"),
            id="a method behind the others",
        ),
        pytest.param(
            "        def read(",
            "        def close(self):\n            pass\n\n        def read(",
            AddMember(inside="m.Worker", code="def close(self):\n    pass", after="load"),
            id="a method between others",
        ),
        pytest.param(
            "        self.check(path)\n",
            "        if self.size:\n                self.check(path)\n",
            Guard(inside="m.Worker.load", find="self.check($$arguments)", condition="self.size"),
            id="a statement behind a condition",
        ),
        pytest.param(
            "            self.check(path)\n            self.begin(path, 1)\n",
            "            if self.size:\n                self.check(path)\n"
            "                self.begin(path, 1)\n            else:\n                self.stop()\n",
            Guard(
                inside="m.Worker.load",
                find="self.check(path)\nself.begin(path, 1)",
                condition="self.size",
                orelse="self.stop()",
            ),
            id="statements behind a condition, and others where it does not hold",
        ),
        pytest.param(
            "if path.exists() and self.size:",
            "if path.exists() and self.size or path.is_new:",
            Widen(inside="m.Worker.load", find="path.exists() and self.size", by="path.is_new"),
            id="a condition that gained an alternative",
        ),
    ],
)
def test_an_addition_or_a_new_value_says_what_it_is(old: str, new: str, edit: Edit) -> None:
    assert BEFORE.count(old) == 1
    assert captured(BEFORE, BEFORE.replace(old, new)) == (edit,)


OLD = b"""\
def load(path, limit):
    first = open(path, 1)
    second = read(first, limit)
    third = check(second)
    fourth = split(third)
    return join(fourth, second)
"""
NEW = b"""\
def load(path, limit):
    # All at once.
    with mapped(path) as data:
        return parse(data, limit)
"""


def test_a_function_of_which_little_is_left_is_replaced_as_the_one_that_was_read() -> None:
    (edit,) = capture("m.py", OLD, NEW, one(OLD), release="0.33.0").edits
    assert edit == ReplaceFunction(
        inside="m.load",
        code=NEW.decode().rstrip(),
        bodies={">=0.33.0": body_hash(ast.parse(OLD).body[0])},
    )
    assert applied(one(OLD), {"musa/patch": patch(edit)}) == {"m.py": NEW}


def test_a_function_that_was_replaced_is_refused_where_upstream_changed_it() -> None:
    (edit,) = capture("m.py", OLD, NEW, one(OLD), release="0.33.0").edits
    problem = assert_untouched(edit, OLD.replace(b"limit)\n    third", b"limit + 1)\n    third"))
    assert "not one that this patch was written against" in problem.reason


def test_a_function_of_an_unknown_release_is_not_replaced_as_a_whole() -> None:
    edits = capture("m.py", OLD, NEW, one(OLD)).edits
    assert not [edit for edit in edits if isinstance(edit, ReplaceFunction)]


def test_a_function_of_which_most_is_left_is_not_replaced() -> None:
    new = OLD.replace(b"split(third)", b"split(third, 2)")
    (edit,) = capture("m.py", OLD, new, one(OLD), release="0.33.0").edits
    assert edit == Replace(
        inside="m.load", find="fourth = split(third)", replace="fourth = split(third, 2)"
    )


def test_a_replaced_function_is_written_with_the_body_that_it_was_read_on() -> None:
    edits = capture("m.py", OLD, NEW, one(OLD), release="0.33.0").edits
    said = {"why": "w", "upstream": "u", "drop_when": "d"}
    text = patch_module(edits, docstring="Do it.", versions="", **said)
    names: dict[str, Patch] = {}
    exec(compile(text, "patch.py", "exec"), names)  # noqa: S102 - ours
    assert f'bodies={{">=0.33.0": "{body_hash(ast.parse(OLD).body[0])}"}},' in text
    assert applied(one(OLD), {"musa/patch": names["PATCH"]}) == {"m.py": NEW}
