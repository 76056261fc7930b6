"""Imports of what old Triton lacks: a stand-in is imported instead, unless upstream guards them."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.rules.triton.imports import MODULE, STAND_INS, Imports


@pytest.fixture(scope="module")
def imports() -> RuleTester:
    return RuleTester(Imports(frozenset(STAND_INS)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from triton import knobs\n", f"from {MODULE} import knobs\n"),
        ("from triton import knobs as k  # noqa\n", f"from {MODULE} import knobs as k  # noqa\n"),
        (
            "from triton.experimental.gluon import language\n",
            f"from {MODULE} import gluon_language as language\n",
        ),
        (
            "from triton.language.core import (\n    _aggregate,\n)\n",
            f"from {MODULE} import aggregate as _aggregate\n",
        ),
        (
            "from triton.runtime.errors import OutOfResources, PTXASError\n",
            f"from {MODULE} import PTXASError\nfrom triton.runtime.errors import OutOfResources\n",
        ),
        (
            "from triton.runtime.errors import (\n    PTXASError,\n    OutOfResources,  # it\n)\n",
            (
                f"from {MODULE} import PTXASError\n"
                "from triton.runtime.errors import (\n    OutOfResources,  # it\n)\n"
            ),
        ),
        (
            "def f():\n    if True:\n        from triton import jit, knobs\n",
            (
                f"def f():\n    if True:\n        from {MODULE} import knobs\n"
                "        from triton import jit\n"
            ),
        ),
        (
            (
                "from typing import TYPE_CHECKING\n"
                "if TYPE_CHECKING or HAS_TRITON:\n    from triton.experimental import gluon\n"
                "else:\n    gluon = None\n"
            ),
            (
                "from typing import TYPE_CHECKING\n"
                f"if TYPE_CHECKING or HAS_TRITON:\n    from {MODULE} import gluon\n"
                "else:\n    gluon = None\n"
            ),
        ),
        (
            (
                "from vllm.triton_utils import HAS_TRITON\n"
                "if HAS_TRITON:\n    from triton import knobs\n"
            ),
            (
                "from vllm.triton_utils import HAS_TRITON\n"
                f"if HAS_TRITON:\n    from {MODULE} import knobs\n"
            ),
        ),
        (
            "try:\n    from triton import knobs\nexcept OSError:\n    pass\n",
            f"try:\n    from {MODULE} import knobs\nexcept OSError:\n    pass\n",
        ),
    ],
)
def test_a_stand_in_is_imported(imports: RuleTester, before: str, after: str) -> None:
    imports.assert_changes(before, after, head="")


def test_line_ends_stay_as_they_are(imports: RuleTester) -> None:
    before = "x = 1\r\nfrom triton import jit, knobs\r\n"
    after = f"x = 1\r\nfrom {MODULE} import knobs\r\nfrom triton import jit\r\n"
    assert imports.apply(before) == (after, None)


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from triton import knobs\nexcept ImportError:\n    knobs = None\n",
        "try:\n    from triton import knobs\nexcept (OSError, Exception):\n    knobs = None\n",
        "try:\n    from triton import knobs\nexcept:\n    knobs = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from triton import knobs\n",
        "import typing\nif typing.TYPE_CHECKING:\n    from triton import knobs\n",
        "from vllm.triton import knobs\nimport triton\n",
        "from .triton import knobs\nimport triton\n",
        "from triton.runtime.errors import OutOfResources  # no PTXASError\n",
        "import triton.language as knobs\n",
    ],
)
def test_leaves_alone_what_cannot_stop_a_module(imports: RuleTester, code: str) -> None:
    imports.assert_untouched(code, head="")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import triton.knobs\n", "say `from"),
        ("import triton.experimental.gluon as gluon\n", "say `from"),
        ("x = 1; from triton import knobs\n", "shares its line"),
        ("if True: from triton import knobs\n", "shares its line"),
    ],
)
def test_refuses_what_it_cannot_write(imports: RuleTester, code: str, reason: str) -> None:
    assert reason in imports.assert_refused(code).reason


def test_a_name_without_a_stand_in_fails_where_it_is_declared() -> None:
    with pytest.raises(ValueError, match=r"stands in for none of \['triton.tools.nothing'"):
        Imports(frozenset({"triton.knobs", "triton.tools.nothing"}))
