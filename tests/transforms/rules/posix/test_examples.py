"""The examples in the docstrings of the rules are true."""

from __future__ import annotations

import re
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.rules.posix.conftest import RuleTester
from transforms.rules.posix import (
    absent_signals,
    fork_contexts,
    gloo_backends,
    ipc_paths,
    kill_signal,
    optional_imports,
    process_groups,
    reuse_port,
    signal_handlers,
    unix_sockets,
)

if TYPE_CHECKING:
    from transforms.engine.rule import Rule

_BLOCK = r"::\n\n((?:\n|    [^\n]*(?:\n|\Z))+)"
_EXAMPLE = re.compile("Before" + _BLOCK + "After" + _BLOCK)
_RULES: dict[str, Rule] = {
    each.RULE.name: each.RULE
    for each in (
        *(absent_signals, fork_contexts, gloo_backends, ipc_paths, kill_signal, optional_imports),
        *(process_groups, reuse_port, signal_handlers, unix_sockets),
    )
}


def _examples_of(rule: Rule) -> list[tuple[str, str]]:
    return _EXAMPLE.findall(sys.modules[type(rule).__module__].__doc__ or "")


@pytest.mark.parametrize(
    ("stem", "before", "after"),
    [
        pytest.param(stem, before, after, id=f"{stem}-{number}")
        for stem, rule in _RULES.items()
        for number, (before, after) in enumerate(_examples_of(rule))
    ],
)
def test_an_example_gives_what_it_says(stem: str, before: str, after: str) -> None:
    before, after = (dedent(text).strip("\n") + "\n" for text in (before, after))
    RuleTester(_RULES[stem]).assert_changes(before, after)


@pytest.mark.parametrize("stem", _RULES)
def test_a_rule_is_called_as_its_module_and_has_an_example(stem: str) -> None:
    assert type(_RULES[stem]).__module__ == f"transforms.rules.posix.{stem}"
    assert _examples_of(_RULES[stem])


@pytest.mark.parametrize("stem", _RULES)
def test_a_file_of_windows_lines_keeps_them(stem: str) -> None:
    (before, after), *_ = _examples_of(_RULES[stem])
    before, after = (dedent(text).strip("\n") + "\n" for text in (before, after))
    windows = before.replace("\n", "\r\n")
    assert RuleTester(_RULES[stem]).apply(windows) == (after.replace("\n", "\r\n"), None)
