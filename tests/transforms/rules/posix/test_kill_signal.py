"""SIGKILL: the very signal where there is one, SIGTERM on Windows."""

from __future__ import annotations

import signal

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.kill_signal import RULE

_FORMS = [
    "import signal\nsend(signal.SIGKILL)\n",
    "import signal as s\nsend(s.SIGKILL)\n",
    "import signal\nsend(sig=signal.SIGKILL)\n",
    "import signal\nsend(signal.Signals.SIGKILL)\n",
    "from signal import SIGKILL\nsend(SIGKILL)\n",
    "from signal import SIGKILL as K, SIGTERM\nsend(K)\nSIGTERM\n",
    "if True:\n    from signal import (\n        SIGINT,\n        SIGKILL,\n    )\nsend(SIGKILL)\n",
]


@pytest.fixture
def rule() -> RuleTester:
    return RuleTester(RULE)


def sent(code: str, system: str) -> list[object]:
    found: list[object] = []

    class Signals:
        """`Signals` of Windows has other members than the one that is here."""

        SIGTERM = signal.SIGTERM

    def send(value: object = None, sig: object = None) -> None:
        found.append(value or sig)

    if system == "windows" and ".Signals" in code:
        code = code.replace("import signal\n", "import signal\nsignal.Signals = Signals\n")
    run_on(system, code, Signals=Signals, send=send)
    return found


@pytest.mark.parametrize("before", _FORMS)
def test_another_signal_is_sent_on_windows_and_the_same_elsewhere(
    rule: RuleTester, before: str
) -> None:
    after = rule.changed(before)
    assert sent(before, "posix") == sent(after, "posix") == [signal.SIGKILL]
    assert sent(after, "windows") == [signal.SIGTERM]
    with pytest.raises((AttributeError, ImportError), match="SIGKILL"):
        sent(before, "windows")
    assert rule.apply(after) == (after, None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import signal\nok = code == -signal.SIGKILL\n", "no argument"),
        ("import signal\nhard = signal.SIGKILL\n", "no argument"),
        ("import signal\nname = signal.SIGKILL.name\n", "no argument"),
        ("import signal\nsignal.SIGKILL(1)\n", "no argument"),
        ("x = 1; from signal import SIGKILL\n", "shares its line"),
    ],
)
def test_refuses_what_it_cannot_know(rule: RuleTester, code: str, reason: str) -> None:
    rule.assert_refused(code, reason)
