"""Modules that only POSIX has are imported where they are, and stood in for elsewhere."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.optional_imports import RULE


class Missing:
    """What `wheelwright_windows.missing` gives, as far as a test can tell."""

    def __init__(self, name: str) -> None:
        self.name = name


_OURS = ModuleType("vllm.wheelwright_windows")
vars(_OURS).update(
    missing=Missing, run="our run", new_event_loop="our loop", flock="our flock", LOCK_EX=2
)
_VLLM = ModuleType("vllm")
vars(_VLLM).update(wheelwright_windows=_OURS)
_MODULES = {"vllm": _VLLM, "vllm.wheelwright_windows": _OURS}
_UVLOOP = SimpleNamespace(run="uvloop's run", new_event_loop="uvloop's loop")
_FCNTL = SimpleNamespace(flock="fcntl's flock", LOCK_EX=2)


@pytest.fixture
def rule() -> RuleTester:
    return RuleTester(RULE)


@pytest.mark.parametrize(
    ("before", "uses"),
    [
        ("import uvloop\nfound = uvloop.run\n", "run"),
        ("import uvloop as u  # fast\nfound = u.run\n", "run"),
        ("from uvloop import run\nfound = run\n", "run"),
        (
            "def f():\n    from uvloop import new_event_loop as n\n    return n\nfound = f()\n",
            "loop",
        ),
        ("if __name__:\n    import uvloop\n    found = uvloop.new_event_loop\n", "loop"),
        ("import \\\n    uvloop\nfound = uvloop.run\n", "run"),
    ],
)
def test_uvloop_where_it_is_and_ours_where_it_is_not(
    rule: RuleTester, before: str, uses: str
) -> None:
    after = rule.changed(before)
    assert rule.apply(after) == (after, None)
    both = {**_MODULES, "uvloop": _UVLOOP}
    for code in (before, after):
        assert run_on("posix", code, both, __name__="x")["found"] == f"uvloop's {uses}"
    assert run_on("windows", after, _MODULES, __name__="x")["found"] == f"our {uses}"
    with pytest.raises(ModuleNotFoundError, match="uvloop"):
        run_on("windows", before, _MODULES, __name__="x")


@pytest.mark.parametrize(
    "before",
    [
        "import fcntl\nfound = fcntl.flock\n",
        "import fcntl as f\nfound = f.LOCK_EX and f.flock\n",
        "from fcntl import LOCK_EX, flock as found\n",
    ],
)
def test_fcntl_where_it_is_and_our_flock_where_it_is_not(rule: RuleTester, before: str) -> None:
    after = rule.changed(before)
    assert rule.apply(after) == (after, None)
    both = {**_MODULES, "fcntl": _FCNTL}
    for code in (before, after):
        assert run_on("posix", code, both)["found"] == "fcntl's flock"
    assert run_on("windows", after, _MODULES)["found"] == "our flock"
    with pytest.raises(ModuleNotFoundError, match="fcntl"):
        run_on("windows", before, _MODULES)


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("import resource\n", {"resource": "resource"}),
        ("import pwd as p\n", {"p": "pwd"}),
        (
            "from grp import getgrall, getgrgid as g\n",
            {"getgrall": "grp.getgrall", "g": "grp.getgrgid"},
        ),
    ],
)
def test_nothing_takes_the_place_of_others_until_they_are_used(
    rule: RuleTester, before: str, names: dict[str, str]
) -> None:
    after = rule.changed(before)
    assert rule.apply(after) == (after, None)
    posix, windows = run_on("posix", after), run_on("windows", after, _MODULES)
    for name, missing in names.items():
        assert posix[name] is run_on("posix", before)[name]
        assert windows[name].name == missing
    with pytest.raises(ModuleNotFoundError):
        run_on("windows", before, _MODULES)


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import uvloop\nexcept ImportError:\n    uvloop = None\n",
        "try:\n    import resource\nexcept (OSError, ModuleNotFoundError):\n    resource = None\n",
        "import sys\nif sys.platform != 'win32':\n    import resource\n",
        (
            "import sys\ndef f():\n    if sys.platform.startswith('win'):\n        return\n"
            "    import resource\n"
        ),
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import uvloop\n",
        "from .resource import x\nfrom . import pwd\nfrom vllm import resource\nimport vllm.pwd\n",
        "import resources, uvloops\n",
        "'''import uvloop'''\n# import uvloop\n",
    ],
)
def test_leaves_alone_what_stops_nobody(rule: RuleTester, code: str) -> None:
    rule.assert_untouched(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os, uvloop\n", "by a statement of its own"),
        ("import uvloop.loop\n", "by a statement of its own"),
        ("x = 1; import uvloop\n", "shares its line"),
        ("from uvloop import Loop\n", "what is used of uvloop"),
        ("from resource import *\n", "what is used of resource"),
        ("import uvloop\nuvloop.install()\n", "what is used of uvloop"),
        ("import fcntl\nfcntl.ioctl(file, 1)\n", "what is used of fcntl"),
        ("from fcntl import ioctl\n", "what is used of fcntl"),
    ],
)
def test_refuses_what_nothing_stands_in_for(rule: RuleTester, code: str, reason: str) -> None:
    rule.assert_refused(code, reason)
