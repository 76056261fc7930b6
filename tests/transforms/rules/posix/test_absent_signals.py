"""Handlers for signals that Windows lacks are set where there are such signals."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.absent_signals import RULE


@pytest.fixture
def rule() -> RuleTester:
    return RuleTester(RULE)


@pytest.mark.parametrize(
    "before",
    [
        "import signal\nsignal.signal(signal.SIGTSTP, h)\nsignal.signal(signal.SIGINT, h)\n",
        "import signal as s\ns.signal(s.SIGTSTP, h)\ns.signal(s.SIGINT, h)\n",
        (
            "import signal\n\n\ndef f():\n    signal.signal(  # why\n        signal.SIGTSTP,\n"
            "        lambda *_: h('''a\nb'''),\n    )  # so\n"
            "    signal.signal(signal.SIGINT, h)\n\n\nf()\n"
        ),
    ],
)
def test_a_handler_is_set_where_there_is_the_signal(rule: RuleTester, before: str) -> None:
    after = rule.changed(before)

    def handled(code: str, system: str) -> list[int]:
        numbers: list[int] = []
        names = {"SIGINT": signal.SIGINT, "signal": lambda number, _: numbers.append(number)}
        if system == "posix":
            names["SIGTSTP"] = signal.SIGTSTP
        run_on(system, code, {"signal": SimpleNamespace(**names)}, h=print)
        return numbers

    both = [signal.SIGTSTP, signal.SIGINT]
    assert handled(before, "posix") == handled(after, "posix") == both
    assert handled(after, "windows") == [signal.SIGINT]
    with pytest.raises(AttributeError, match="SIGTSTP"):
        handled(before, "windows")
    assert rule.apply(after) == (after, None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import signal\nold = signal.signal(signal.SIGHUP, h)\n", "takes the place of SIGHUP"),
        ("import signal\nsignal.signal(signal.SIGINT, f(signal.SIGHUP))\n", "of SIGHUP"),
        ("import os, signal\nos.kill(1, signal.SIGUSR1)\n", "takes the place of SIGUSR1"),
        ("import signal\nfor s in (signal.SIGINT, signal.SIGQUIT): pass\n", "of SIGQUIT"),
        ("import signal\nif x: signal.signal(signal.SIGHUP, h)\n", "shares its line"),
    ],
)
def test_refuses_other_uses(rule: RuleTester, code: str, reason: str) -> None:
    rule.assert_refused(code, reason)


@pytest.mark.parametrize(
    "code",
    [
        "import signal\nsignal.signal(signal.SIGTERM, h)\n",
        "import signal\nos.kill(1, signal.SIGKILL)\n",
        "import signal\nif hasattr(signal, 'SIGHUP'):\n    signal.signal(signal.SIGHUP, h)\n",
        "import signal\nx = signal.SIG_DFL, signal.SIGINT\n",
    ],
)
def test_leaves_alone_what_windows_has(rule: RuleTester, code: str) -> None:
    rule.assert_untouched(code)
