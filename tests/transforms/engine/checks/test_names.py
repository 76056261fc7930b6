"""Names that a patch leaves unbound, and imports that it adds for nothing; upstream's stay."""

from __future__ import annotations

import builtins
import subprocess
import sys

import pytest

from tests.transforms.engine.checks.touching import OLDEST, touched, written
from transforms.engine.checks.builtin_names import builtin_names
from transforms.engine.checks.names import new_loose_names, unbound_names


def _told(before: str, *changes: tuple[str, str], path: str = "m.py") -> list[str]:
    return list(unbound_names([touched(before, *changes, path=path)], OLDEST))


def test_a_name_that_nothing_binds_is_told_with_the_closest_one() -> None:
    before = "from a import current_platform\nx = current_platform\ny = 1\n"
    (failure,) = _told(before, ("y = 1", "y = curent_platform.f()"))
    assert failure == (
        "p/a: m.py:3 uses 'curent_platform', which is not bound there (did you mean "
        "'current_platform'?); next: bind it with AddImport, or import it inside"
    )


def test_it_is_the_patch_of_the_place_that_is_told() -> None:
    (failure,) = _told("x = 1\ny = 2\nz = 3\n", ("1", "2"), ("2", "nowhere"), ("3", "x"))
    assert failure.startswith("p/b: m.py:2 uses 'nowhere', ")


def test_a_binding_that_is_gone_is_told_where_it_is_used() -> None:
    before = "import os\nimport re\n\ndef f():\n    return os.sep, re\n"
    failures = _told(before, ("import os\n", ""), ("re\n", "re\nx = 1\n"))
    assert [failure.split(";")[0] for failure in failures] == [
        "p/a: m.py:5 uses 'os', which is not bound there"
    ]


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("def f(a):\n    return 1\n", "1", "b"),
        ("def f():\n    return 1\n", "return 1", "print(a)\n    a = 1"),
        ("def f():\n    x = 1\n    return x\n", "x = 1", "y = 1"),
        ("class A:\n    a = 1\n    def f(self):\n        return 1\n", "return 1", "return a"),
        ("def f(x):\n    return 1\n", "1", 'f"{y}"'),
        ("x: int = 1\n", "int", '"Nowhere"'),
        ("__all__ = ['f']\ndef f(): pass\n", "'f'", "'f', 'g'"),
        ("__all__ = ['f']\ndef f(): pass\n", "def f", "def g"),
        ("try:\n    pass\nexcept E as e:\n    pass\n", "E as", "F as"),
        ("def f():\n    import os\ndef g():\n    pass\n", "def g():\n    pass", "os"),
        ("@d\ndef f(): pass\n", "@d", "@e"),
        ("x = [a for a in y]\nz = 1\n", "1", "a"),
    ],
)
def test_every_way_of_losing_a_name_is_told(before: str, old: str, new: str) -> None:
    (failure,) = _told(before, (old, new))
    assert "which is not bound there" in failure


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("x = upstream\ny = 1\n", "1", "2 if x else 3"),
        ("x = upstream\n", "upstream", "upstream or upstream"[:8]),
        ("def f():\n    return g(upstream, 1)\n", "g(upstream, 1)", "h(upstream)"[2:-1]),
        ("def f():\n    return f'{upstream}'\n", "return f'{upstream}'", "return [f'{upstream}']"),
        ("from a import *\nx = 1\n", "1", "anything"),
        ("x = 1\n", "x = 1", "import a\nx = a"),
        ("x = 1\n", "1", "__file__, __name__, WindowsError"),
        ("def f():\n    pass\n", "pass", "global g\n    g = 1\n\ndef h(): return g"),
        ("__all__ = ['f']\ndef __getattr__(name): pass\n", "'f'", "'f', 'g'"),
        ("def f(x: int): pass\n", "int", '"int"'),
        ("x = 1\n", "1", "[a for a in ()]"),
    ],
)
def test_what_is_bound_or_upstreams_is_not_told(before: str, old: str, new: str) -> None:
    assert _told(before, (old, new)) == []


def test_an_unbound_name_of_upstream_may_move_inside_of_a_change() -> None:
    assert _told("def f():\n    g(upstream)\n", ("g(upstream)", "if f:\n        upstream")) == []


def test_an_unbound_name_of_upstream_stays_upstreams_behind_a_longer_line() -> None:
    before = "x = 1\ny = upstream\nz = 2\n"
    (failure,) = _told(before, ("1", "1111"), ("2", "nowhere"))
    assert failure.startswith("p/b: m.py:3 uses 'nowhere'")


def test_one_more_use_of_an_unbound_name_is_told_once() -> None:
    (failure,) = _told("x = upstream\ny = 1\n", ("1", "upstream"))
    assert failure.startswith("p/a: m.py:2 ")


def test_built_in_names_are_those_of_the_oldest_python() -> None:
    module = touched("x = 1\n", ("1", "ExceptionGroup, aiter"))
    assert list(unbound_names([module], (3, 11))) == []
    (failure,) = unbound_names([module], (3, 10))
    assert "'ExceptionGroup', which is built in since Python 3.11 only" in failure
    assert len(list(unbound_names([module], (3, 9)))) == 2


def test_the_built_in_names_are_those_of_the_running_python() -> None:
    module_names = {"__annotations__", "__builtins__", "__file__", "WindowsError"}
    running = set(dir(builtins)) - {"_"}
    assert builtin_names(sys.version_info[:2]) - module_names == running


def test_the_environment_adds_no_names() -> None:
    program = (
        "from tests.transforms.engine.checks.touching import *\n"
        "from transforms.engine.checks.names import unbound_names\n"
        "print(len(list(unbound_names([touched('x = 1\\n', ('1', 'mine'))], OLDEST))))"
    )
    environment = {"PYFLAKES_BUILTINS": "mine", "PYFLAKES_DOCTEST": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    assert done.stdout == b"1\n"


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("x = 1\n", "x = 1", "import a\nx = 1"),
        ("x = 1\n", "x = 1", "from a import b as c\nx = 1"),
        ("x = 1\n", "x = 1", "from . import b\nx = 1"),
        ("x = 1\n", "x = 1", "import a.b\nx = 1"),
        ("from a import (\n    b,\n)\nb\n", "    b,\n", "    b,\n    c,\n"),
        ("def f():\n    pass\n", "pass", "import a"),
    ],
)
def test_an_import_that_a_patch_adds_for_nothing_is_told(before: str, old: str, new: str) -> None:
    (failure,) = _told(before, (old, new))
    assert "which nothing uses; next: " in failure


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        ("import a\nx = 1\n", "1", "2"),
        ("import a\nx = a\n", "= a", "= 1"),
        ("x = 1\n", "x = 1", "import a  # noqa: F401\nx = 1"),
        ("x = 1\n", "x = 1", "from a import b as b\nx = 1"),
        ("x = 1\n", "x = 1", "from __future__ import annotations"),
        ("x = 1\n", "x = 1", "__all__ = ['a']\nimport a"),
        (
            "x = 1\n",
            "x = 1",
            "try:\n    import a\n    x = True\nexcept ImportError:\n    x = False",
        ),
    ],
)
def test_an_import_that_is_used_or_meant_so_is_not_told(before: str, old: str, new: str) -> None:
    assert _told(before, (old, new)) == []


def test_what_a_package_imports_is_for_others() -> None:
    assert _told("x = 1\n", ("x", "import a\nx"), path="p/__init__.py") == []


TYPED = """
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import Config
    from b import Both
else:
    from c import Both

def f(x: Config):
    y = 1
    return y
"""


def test_a_name_for_type_checkers_is_not_there_at_run_time() -> None:
    (failure,) = _told(TYPED, ("y = 1", "y = Config()"))
    assert failure == (
        "p/a: m.py:10 uses 'Config' at run time, but it is bound under `if TYPE_CHECKING` only; "
        "next: import it where it is used, or with AddImport"
    )
    (failure,) = _told(
        TYPED.replace("from __future__ import annotations", ""), ("y = 1", "y = Config")
    )
    assert "at run time" in failure


@pytest.mark.parametrize(
    "new",
    [
        "y: Config = 1",
        "y: list[Config] = []",
        "y = Both()",
        "from d import Config\n    y = Config()",
        "y = [Config for Config in x]",
        "y = 'Config'",
        "if TYPE_CHECKING:\n        y = Config",
        "def g(z: Config): pass",
    ],
)
def test_a_name_for_type_checkers_may_be_used_as_such(new: str) -> None:
    assert _told(TYPED, ("y = 1", f"{new}\n    y = 1")) == []


def test_an_annotation_that_is_evaluated_is_told_where_nothing_postpones_it() -> None:
    eager = TYPED.replace("from __future__ import annotations", "").replace(": Config", "")
    assert _told(eager, ("y = 1", "y: Config = 1")) == [], "a local annotation is never evaluated"
    (failure,) = _told(eager, ("def f(x)", "def f(x: Config)"))
    assert "at run time" in failure
    assert _told(eager, ("def f(x)", 'def f(x: "Config")')) == []


def test_an_import_that_moves_under_type_checking_is_told_where_it_is_used() -> None:
    before = (
        "from typing import TYPE_CHECKING\nimport a\nif TYPE_CHECKING:\n    import b\n\na.f()\n"
    )
    failures = _told(before, ("import a\n", ""), ("import b", "import a"))
    assert [failure.split(",")[0] for failure in failures] == ["p/a: m.py:5 uses 'a' at run time"]


def test_a_whole_new_module_is_checked() -> None:
    (failure,) = unbound_names([written("x = nowhere\n")], OLDEST)
    assert "'nowhere'" in failure


def test_what_does_not_parse_is_left_to_the_other_check() -> None:
    assert _told("x = 1\n", ("1", "(")) == []
    assert new_loose_names(written("("), OLDEST) == []


def test_a_form_feed_or_a_wide_character_moves_no_line() -> None:
    (failure,) = _told('x = "é\u2028"\n\x0c\ny = 1\n', ("y = 1", "y = 1; z = nowhere"))
    assert failure.startswith("p/a: m.py:3 ")
