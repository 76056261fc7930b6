"""An import behind a `try` or a condition, once, with its comments, as isort leaves it."""

from __future__ import annotations

import isort
import pytest

from tests.transforms.trees import NAME, applied, assert_changes, assert_untouched, one, patch
from transforms.edits import GuardImport
from transforms.engine.outcome import Status
from transforms.engine.patterns.metavariables import PatternError


def test_each_name_becomes_none_where_the_import_fails() -> None:
    assert_changes(
        GuardImport(inside="m", find="from a import b as c, d"),
        "from a import (b as c,  # one\n    d)  # two\n",
        """
        try:
            from a import (b as c,  # one
                d)  # two
        except ImportError:
            c = None
            d = None
        """,
    )


def test_it_runs_as_it_should() -> None:
    edit = GuardImport(inside="m", find="import no_such_module")
    after = applied(one("import no_such_module\n"), {NAME: patch(edit)})["m.py"]
    space: dict[str, object] = {}
    exec(after, space)  # noqa: S102 - the edited module itself
    assert space["no_such_module"] is None


def test_several_imports_share_one_guard_and_the_comment_between_them() -> None:
    assert_changes(
        GuardImport(inside="m.f", find="import a\nimport b", error="(ImportError, OSError)"),
        """
        def f():
            import a
            # about b
            import b
            return a, b
        """,
        """
        def f():
            try:
                import a
                # about b
                import b
            except (ImportError, OSError):
                a = None
                b = None
            return a, b
        """,
    )


def test_a_condition_needs_no_fallback() -> None:
    assert_changes(
        GuardImport(inside="m", find="import a.b", condition="on_posix", fallback=""),
        b"import a.b\r\nx = 1\r\n",
        b"if on_posix:\r\n    import a.b\r\nx = 1\r\n",
    )
    assert_changes(
        GuardImport(inside="m", find="import a.b", fallback=""),
        "import a.b\n",
        "try:\n    import a.b\nexcept ImportError:\n    pass\n",
    )


def test_a_fallback_is_any_code() -> None:
    assert_changes(
        GuardImport(
            inside="m",
            find="from a import f",
            error="ModuleNotFoundError",
            fallback="def f():\n    return 1",
        ),
        "from a import f\n",
        """
        try:
            from a import f
        except ModuleNotFoundError:
            def f():
                return 1
        """,
    )


@pytest.mark.parametrize("name", ["abc", "json", "zlib"])
def test_isort_has_nothing_to_move(name: str) -> None:
    before = "import abc\nimport json\nimport zlib\n\nimport torch\n\n# first\nx = 1\n"
    edit = GuardImport(inside="m", find=f"import {name}")
    after = applied(one(before), {NAME: patch(edit)})["m.py"].decode()
    assert isort.code(before, profile="black") == before
    assert isort.code(after, profile="black") == after
    assert (name == "json") == ("\n\nimport zlib\n" in after)


@pytest.mark.parametrize(
    ("before", "fields"),
    [
        ("try:\n    import a\nexcept ImportError:\n    pass\n", {}),
        ("try:\n    import a\nexcept Exception:\n    b = 1\n", {}),
        ("try:\n    import a\nexcept:\n    b = 1\n", {}),
        ("try:\n    import a\nexcept (OSError, ImportError):\n    b = 1\n", {}),
        ("if b:\n    import a\n", {"condition": "b"}),
        ("try:\n    import a\nexcept ImportError:\n    b\n", {"error": "ModuleNotFoundError"}),
    ],
)
def test_what_upstream_guards_is_obsolete(before: str, fields: dict[str, str]) -> None:
    edit = GuardImport(inside="m", find="import a", **fields)
    problem = assert_untouched(edit, before, Status.OBSOLETE)
    assert problem.reason == "it is guarded already, at line 1"


@pytest.mark.parametrize(
    "before",
    [
        "try:\n    import a\nexcept OSError:\n    pass\n",
        "try:\n    pass\nexcept ImportError:\n    import a\n",
        "if b:\n    pass\nelse:\n    import a\n",
    ],
)
def test_another_guard_is_none(before: str) -> None:
    after = applied(one(before), {NAME: patch(GuardImport(inside="m", find="import a"))})["m.py"]
    assert b"        import a\n    except ImportError:\n" in after


def test_an_import_that_is_not_there_once_is_a_drift() -> None:
    edit = GuardImport(inside="m", find="import a_module")
    problem = assert_untouched(edit, "import b_module\n")
    assert problem.reason == "matched 0 sites, expected 1"
    assert problem.closest == "import b_module"
    problem = assert_untouched(edit, "import a_module\nimport a_module\n")
    assert problem.reason == "matched 2 sites, expected 1"


def test_an_import_that_shares_its_line_is_a_drift() -> None:
    edit = GuardImport(inside="m", find="import a")
    assert "shares its line" in assert_untouched(edit, "import a; x = 1\n").reason


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"find": "x = 1"}, "not import statements only"),
        ({"find": "import a\nx"}, "not import statements only"),
        ({"find": "import a", "condition": "x = 1"}, "not an expression"),
        ({"find": "import a", "error": "import b"}, "not an expression"),
        ({"find": "import a", "fallback": "x ="}, "not Python"),
        ({"find": "import a.b"}, "say in `fallback` what happens without 'a.b'"),
        ({"find": "from a import *"}, "say in `fallback`"),
    ],
)
def test_a_wrong_declaration_is_refused(fields: dict[str, str], why: str) -> None:
    with pytest.raises(PatternError, match=why):
        GuardImport(inside="m", **fields)
