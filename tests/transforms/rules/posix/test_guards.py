"""What upstream guards is left alone: conditions are evaluated as they come out on Windows."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.absent_signals import RULE as ABSENT_SIGNALS
from transforms.rules.posix.kill_signal import RULE as KILL_SIGNAL
from transforms.rules.posix.optional_imports import RULE as OPTIONAL_IMPORTS

_HEAD = "import os\nimport platform\nimport signal\nimport sys\nfrom typing import TYPE_CHECKING\n"
_USE = "os.kill(pid, signal.SIGKILL)"
_NOT_ON_WINDOWS = [
    'sys.platform != "win32"',
    'sys.platform == "linux"',
    'sys.platform in ("linux", "darwin")',
    'sys.platform not in {"win32", "cygwin"}',
    'not sys.platform.startswith("win")',
    'sys.platform.startswith("linux")',
    'os.name == "posix"',
    'os.name != "nt"',
    'platform.system() == "Linux"',
    'platform.system() != "Windows"',
    'hasattr(signal, "SIGKILL")',
    'hasattr(os, "fork") and ready',
    'ready and not (sys.platform == "win32" or other)',
    "TYPE_CHECKING",
]
_ON_WINDOWS_TOO = [
    'sys.platform == "win32"',
    'sys.platform != "linux"',
    'sys.platform in ("linux", name)',
    'hasattr(signal, "SIGTERM")',
    "hasattr(signal, name)",
    "ready",
    'sys.platform != "win32" or ready',
    'other.platform == "linux"',
    'sys.version_info > (3, 10) and os.path.exists("/proc")',
]
_FORMS = {
    "body": "if {test}:\n    {use}\n",
    "else": "if not ({test}):\n    pass\nelse:\n    {use}\n",
    "elif": "if ready:\n    pass\nelif {test}:\n    {use}\n",
    "expression": "{use} if {test} else None\n",
    "and": "({test}) and {use}\n",
    "or": "(not ({test})) or {use}\n",
    "deep": "if {test}:\n    def g():\n        for x in y:\n            {use}\n",
    "left": "def f():\n    if not ({test}):\n        return\n    with x:\n        {use}\n",
    "raised": "if {test}:\n    pass\nelse:\n    raise OSError\n{use}\n",
    "next": "for x in y:\n    if not ({test}):\n        continue\n    {use}\n",
}


@pytest.fixture
def rule() -> RuleTester:
    return RuleTester(KILL_SIGNAL)


@pytest.mark.parametrize(("test", "form"), [*product(_NOT_ON_WINDOWS, _FORMS)])
def test_what_windows_never_reaches_is_left_alone(rule: RuleTester, test: str, form: str) -> None:
    rule.assert_untouched(_HEAD + _FORMS[form].format(test=test, use=_USE))


@pytest.mark.parametrize(("test", "form"), [*product(_ON_WINDOWS_TOO, _FORMS)])
def test_what_windows_may_reach_is_changed(rule: RuleTester, test: str, form: str) -> None:
    assert "getattr" in rule.changed(_HEAD + _FORMS[form].format(test=test, use=_USE))


def test_a_condition_that_does_not_leave_is_no_guard(rule: RuleTester) -> None:
    rule.changed(_HEAD + f'if sys.platform == "win32":\n    log()\n{_USE}\n')
    rule.changed(_HEAD + f'{_USE}\nif sys.platform == "win32":\n    raise OSError\n')


@pytest.mark.parametrize("caught", ["AttributeError", "(OSError, AttributeError)"])
def test_an_error_that_is_caught_for_it_is_a_guard(rule: RuleTester, caught: str) -> None:
    rule.assert_untouched(_HEAD + f"try:\n    {_USE}\nexcept {caught}:\n    pass\n")


@pytest.mark.parametrize("caught", [" Exception", "", " OSError"])
def test_an_error_that_is_caught_with_everything_is_none(rule: RuleTester, caught: str) -> None:
    rule.changed(_HEAD + f"try:\n    {_USE}\nexcept{caught}:\n    pass\n")


@pytest.mark.parametrize("part", ["except AttributeError:\n    {use}", "finally:\n    {use}"])
def test_only_the_body_of_a_try_is_guarded(rule: RuleTester, part: str) -> None:
    rule.changed(_HEAD + "try:\n    work()\n" + part.format(use=_USE) + "\n")


def test_a_function_inside_of_a_try_is_called_elsewhere(rule: RuleTester) -> None:
    rule.changed(_HEAD + f"try:\n    def f():\n        {_USE}\nexcept AttributeError:\n    pass\n")


@pytest.mark.parametrize("caught", [" ImportError", " ModuleNotFoundError", " Exception", ""])
def test_an_import_is_guarded_by_whatever_catches_its_error(caught: str) -> None:
    RuleTester(OPTIONAL_IMPORTS).assert_untouched(
        f"try:\n    import resource\nexcept{caught}:\n    resource = None\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "class signal:\n    SIGKILL = 9\nos.kill(1, signal.SIGKILL)\n",
        "import signal\ndef f(signal):\n    os.kill(1, signal.SIGKILL)\n",
        "import signal\nf = lambda signal: os.kill(1, signal.SIGKILL)\n",
        "import signal\n[os.kill(1, signal.SIGKILL) for signal in table]\n",
        "from vllm import signal\nos.kill(1, signal.SIGKILL)\n",
        "import signal as s\ndef f(s):\n    os.kill(1, s.SIGKILL)\n",
        "# signal.SIGKILL\nx = 'signal.SIGKILL'\n",
    ],
)
def test_another_thing_of_that_name_is_left_alone(rule: RuleTester, code: str) -> None:
    rule.assert_untouched(code)


_ATOMS = st.sampled_from(
    [*_NOT_ON_WINDOWS[:10], *_ON_WINDOWS_TOO[:2], "ready", "other", 'hasattr(signal, "SIGTSTP")']
)
_TESTS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=5,
)


@given(_TESTS)
def test_what_is_left_alone_does_not_run_on_windows(test: str) -> None:
    """CPython evaluates the condition, with `sys`, `os` and `platform` as they are on Windows."""
    code = f"{_HEAD}if {test}:\n    signal.signal(signal.SIGTSTP, h)\n"
    after, _ = RuleTester(ABSENT_SIGNALS).apply(code)
    results = {
        bool(run_on("windows", f"{_WINDOWS}\nfound = {test}", ready=r, other=o)["found"])
        for r, o in product((False, True), repeat=2)
    }
    if after == code:
        assert results == {False}
    if results == {True}:
        assert after != code


_WINDOWS = """
import os
import signal
class sys:
    platform = "win32"
    version_info = (3, 12)
class platform:
    system = staticmethod(lambda: "Windows")
os.name = "nt"
TYPE_CHECKING = False
"""
