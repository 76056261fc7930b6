"""An import goes where isort puts it, joins what is there, and is never doubled."""

from __future__ import annotations

from itertools import combinations
from textwrap import dedent

import isort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.trees import (
    NAME,
    applied,
    assert_changes,
    assert_untouched,
    one,
    outcome_of,
    patch,
)
from transforms.edits import AddImport
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError

ISORT = isort.Config(profile="black", known_first_party=["m"])
BEFORE = """
    # SPDX-License-Identifier: Apache-2.0
    \"\"\"Says what.\"\"\"

    from __future__ import annotations

    import os
    import sys  # to the end
    from typing import (
        Any,
        cast,
    )

    import torch
    from torch import nn

    from m.b import c

    from .d import e

    x = 1
"""


def add(code: str, *, type_checking: bool = False) -> AddImport:
    return AddImport(inside="m", code=code, type_checking=type_checking)


def _changed(edit: AddImport, before: str) -> str:
    return applied(one(before), {NAME: patch(edit)})["m.py"].decode()


@pytest.mark.parametrize(
    "code",
    [
        "import json",
        "import abc",
        "import zlib as z",
        "import os.path",
        "from os import sep",
        "from collections import abc",
        "import numpy as np",
        "import aaa",
        "import zzz  # noqa: F401",
        "from torch.nn import functional",
        "from torch import Tensor",
        "from torch import nn10, nn9, CUDA",
        "from typing import TYPE_CHECKING",
        "from typing import zzz",
        "from typing import Z, AA, A10, A9",
        "from typing import final as last",
        "import m.b.c",
        "from m import a",
        "from m.b import B, d",
        "from . import f",
        "from .. import f",
        "from ..d import f",
        "from .d import f",
        "from .c import f",
        "from __future__ import generator_stop",
    ],
)
def test_isort_has_nothing_to_move(code: str) -> None:
    before = dedent(BEFORE).removeprefix("\n")
    assert isort.code(before, config=ISORT) == before
    after = _changed(add(code), before)
    assert isort.code(after, config=ISORT) == after
    again = outcome_of(add(code), after)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


IMPORTS = [
    "import os",
    "import re",
    "import a9",
    "import a10",
    "import Torch.nn",
    "import torch as t",
    "import m.x",
    "from os import sep",
    "from __future__ import annotations",
    "from a9 import b, c",
    "from m import Y, z",
    "from . import one",
    "from .. import two",
    "from .one import CONSTANT, Class, function",
    "from ..two import three",
    "from torch.cuda import abcdefghijklmnopqrstuvwxyz, zyxwvutsrqponmlkjihgfedcba, stream_of",
]
HEADS = ["", "# SPDX\n", "# SPDX\n\n", '"""Doc."""\n', '# SPDX\n"""Doc."""\n\n']
REST = [
    "",
    "x = 1\n",
    "\n\ndef f():\n    pass\n",
    "\n# about x\nx = 1\n",
    "@d\nclass A:\n    pass\n",
]


@settings(max_examples=300, deadline=None)
@given(
    imports=st.lists(st.sampled_from(IMPORTS), unique=True, max_size=6),
    new=st.sampled_from(IMPORTS),
    head=st.sampled_from(HEADS),
    rest=st.sampled_from(REST),
)
def test_a_file_that_isort_leaves_alone_stays_one(
    imports: list[str], new: str, head: str, rest: str
) -> None:
    before = isort.code(head + "".join(f"{line}\n" for line in imports) + rest, config=ISORT)
    outcome = outcome_of(add(new), before.encode())
    if outcome.status is Status.APPLIED:
        after = applied(one(before.encode()), {NAME: patch(add(new))})["m.py"].decode()
        assert isort.code(after, config=ISORT) == after
    else:
        assert outcome.status is Status.OBSOLETE
        assert new in imports


def test_names_join_in_the_layout_that_is_there() -> None:
    assert_changes(
        add("from a import b"), "from a import c  # noqa\n", "from a import b, c  # noqa\n"
    )
    assert_changes(
        add("from a import c"),
        """
        from a import (  # one
            b,  # two
            d,  # three
        )
        """,
        """
        from a import (  # one
            b,  # two
            c,
            d,  # three
        )
        """,
    )
    assert_changes(
        add("from a import e"),
        "from a import (\n    b,\n    d\n)\n",
        "from a import (\n    b,\n    d,\n    e\n)\n",
    )
    assert_changes(
        add("from a import e, c"), "from a import (b, d)\n", "from a import (b, c, d, e)\n"
    )
    assert_changes(
        add("from a import c"), "from a import b, \\\n    d\n", "from a import b, c, \\\n    d\n"
    )


def test_what_is_said_of_a_name_stays_beside_it() -> None:
    assert_changes(
        add("from a import e, f"),
        "from a import (\n    b,  # one\n    d  # two\n)\n",
        "from a import (\n    b,  # one\n    d,  # two\n    e,\n    f\n)\n",
    )


def test_lines_that_a_backslash_continues_still_are_one_statement() -> None:
    assert_changes(
        add("from a import c"),
        "from a import \\\n    b, \\\n    d\n",
        "from a import \\\n    b, c, \\\n    d\n",
    )


def test_a_line_that_gets_too_long_has_one_name_on_each() -> None:
    names = [f"a_name_of_{number}_many_letters" for number in range(3)]
    before = f"from package.module import {names[0]}, {names[2]}  # noqa: F401\n"
    after = "from package.module import (  # noqa: F401\n"
    after += "".join(f"    {name},\n" for name in names) + ")\n"
    assert_changes(add(f"from package.module import {names[1]}"), before, after)
    assert isort.code(after, config=ISORT) == after


def test_line_ends_are_the_files() -> None:
    edit = add("from os import path")
    assert_changes(
        edit, b"import os\r\nx = 1\r\n", b"import os\r\nfrom os import path\r\nx = 1\r\n"
    )
    assert_changes(edit, b"import os", b"import os\nfrom os import path\n")


def test_where_nothing_is_sorted_the_nearest_neighbour_is_taken() -> None:
    assert_changes(
        add("import c"),
        "import d\nimport b\nimport e\nimport a\n",
        "import d\nimport b\nimport c\nimport e\nimport a\n",
    )
    assert_changes(add("from a import c"), "from a import d, b, e\n", "from a import d, b, c, e\n")


def test_the_run_that_has_the_section_is_taken() -> None:
    assert_changes(
        add("import torch"),
        "import os\n\nos.x()\n\nimport numpy\n",
        "import os\n\nos.x()\n\nimport numpy\nimport torch\n",
    )


def test_a_comment_stays_with_its_import() -> None:
    assert_changes(
        add("import aaa"),
        "import os\n\n# about torch\nimport torch\n",
        "import os\n\nimport aaa\n\n# about torch\nimport torch\n",
    )


def test_code_for_type_checkers_goes_into_their_block() -> None:
    before = """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from a import c

        x = 1
    """
    after = """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            import os

            from a import c

        x = 1
    """
    assert_changes(add("import os", type_checking=True), before, after)
    problem = assert_untouched(add("import os", type_checking=True), "x = 1\n")
    assert problem.reason == "the module has 0 `if TYPE_CHECKING` blocks to write it into"
    twice = "if TYPE_CHECKING:\n    a = 1\n" * 2
    problem = assert_untouched(add("import os", type_checking=True), twice)
    assert problem.reason == "the module has 2 `if TYPE_CHECKING` blocks: at lines 1, 3"


def test_a_name_for_type_checkers_may_be_imported_for_good() -> None:
    assert_changes(
        add("from a import b"),
        "import os\n\nif TYPE_CHECKING:\n    from a import b\n",
        "import os\n\nfrom a import b\n\nif TYPE_CHECKING:\n    from a import b\n",
    )
    assert_untouched(
        add("import os", type_checking=True),
        "import os\nif TYPE_CHECKING:\n    pass\n",
        Status.OBSOLETE,
    )


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("import a", "import b as a\n"),
        ("import a", "a = 1\n"),
        ("import a", "def a(): pass\n"),
        ("import a", "try:\n    import a\nexcept ImportError:\n    a = None\n"),
        ("import a", "if b:\n    import a\n"),
        ("from a import b", "from c import b\n"),
        ("from a import b, c", "from a import b\nfor c in b: pass\n"),
        ("import a as b", "with c as b: pass\n"),
        ("import a.b", "from c import a\n"),
        ("from .a import b", "from a import b\n"),
    ],
)
def test_a_name_that_is_bound_otherwise_is_a_drift(code: str, before: str) -> None:
    problem = assert_untouched(add(code), before)
    assert problem.reason.startswith("the module binds ")
    assert problem.line
    assert problem.closest


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("import a", "import a\n"),
        ("import a", "import b, a\n"),
        ("import a as a", "import a\n"),
        ("from a import b", "from a import c, b as b\n"),
        ("from . import b", "from . import b\n"),
        ("import a.b", "import a.b\n"),
    ],
)
def test_an_import_that_is_there_is_not_doubled(code: str, before: str) -> None:
    assert_untouched(add(code), before, Status.OBSOLETE)


def test_a_name_inside_of_a_function_is_no_name_of_the_module() -> None:
    assert_changes(
        add("import a"), "def f():\n    import a\n", "import a\n\n\ndef f():\n    import a\n"
    )
    assert_changes(add("import a.c"), "import a.b\n", "import a.b\nimport a.c\n")


def test_a_place_that_shares_its_line_is_a_drift() -> None:
    assert "shares its line" in assert_untouched(add("import b"), "import a; x = 1\n").reason


def test_a_scope_that_is_no_module_is_a_drift() -> None:
    edit = AddImport(inside="m.A", code="import b")
    problem = assert_untouched(edit, "class A: pass\n")
    assert problem.reason == "A is not a module: name the module around it"


@pytest.mark.parametrize(
    "code", ["", "x", "import a; import b", "import a, b", "from a import b as c, d", "import $a"]
)
def test_what_is_not_one_import_is_refused_where_it_is_written(code: str) -> None:
    with pytest.raises(PatternError):
        add(code)


def test_a_star_is_refused_since_nobody_can_tell_what_it_binds() -> None:
    with pytest.raises(PatternError, match="nobody can tell"):
        add("from a import *")


def test_two_imports_at_one_place_are_both_written() -> None:
    for left, right in combinations(["import b", "from os import c", "from .x import y"], 2):
        patches = {"p/a": patch(add(left)), "p/b": patch(add(right))}
        after = applied(one("import os\n\nx = 1\n"), patches)["m.py"].decode()
        assert left in after
        assert right in after


def test_two_names_that_join_one_import_are_both_written() -> None:
    patches = {"p/a": patch(add("from a import d")), "p/b": patch(add("from a import e"))}
    before = "from a import b, f  # as it is\n\nx = 1\n"
    assert (
        applied(one(before), patches)["m.py"] == b"from a import b, d, e, f  # as it is\n\nx = 1\n"
    )
