"""Handlers of signals go to the function that knows loops which take none."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.signal_handlers import RULE


@pytest.fixture
def rule() -> RuleTester:
    return RuleTester(RULE)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("loop.add_signal_handler(15, stop)", ("loop", 15, "stop")),
        ("loop.add_signal_handler(15, stop, 1, *more)", ("loop", 15, "stop", 1, 2, 3)),
        ("(loop).add_signal_handler(15, stop)", ("loop", 15, "stop")),
        (
            "loops()[0] \\\n    .add_signal_handler(  # (why\n    15,\n    stop,\n)",
            ("loop", 15, "stop"),
        ),
        ("loop.add_signal_handler (15, callback=stop)", ("loop", 15, "stop")),
    ],
)
def test_the_loop_and_all_arguments_are_handed_over(
    rule: RuleTester, call: str, given: tuple[object, ...]
) -> None:
    after = rule.changed(f"import os\n\nimport torch\n\n{call}\n")
    assert "import torch\n\nfrom vllm import wheelwright_windows\n" in after
    assert rule.apply(after) == (after, None)
    seen: list[object] = []
    ours = SimpleNamespace(
        add_signal_handler=lambda *args, callback=None: seen.extend(
            [*args, *([callback] if callback else [])]
        )
    )
    modules = {"torch": None, "vllm": SimpleNamespace(wheelwright_windows=ours)}
    names = {"loop": "loop", "loops": lambda: ["loop"], "stop": "stop", "more": [2, 3]}
    run_on("windows", after, modules, **names)
    assert tuple(seen) == given


@pytest.mark.parametrize("caught", ["NotImplementedError", "(OSError, NotImplementedError)"])
def test_what_is_caught_is_left_alone(rule: RuleTester, caught: str) -> None:
    rule.assert_untouched(
        f"try:\n    loop.add_signal_handler(15, stop)\nexcept {caught}:\n    pass\n"
    )


def test_what_a_wide_net_catches_is_changed(rule: RuleTester) -> None:
    rule.changed("try:\n    loop.add_signal_handler(15, stop)\nexcept Exception:\n    log()\n")


@pytest.mark.parametrize("call", ["loop.remove_signal_handler(15)", "loop.add_signal_handler(**x)"])
def test_refuses_what_it_has_nothing_for(rule: RuleTester, call: str) -> None:
    rule.assert_refused(f"{call}\n", "no loop of Windows has it")


def test_a_function_of_that_name_is_left_alone(rule: RuleTester) -> None:
    rule.assert_untouched("add_signal_handler(loop, 15, stop)\n")
