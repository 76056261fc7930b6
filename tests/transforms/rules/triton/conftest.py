"""How the tests of a rule state what it does: two blocks of code, or one that it leaves alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from transforms.engine.apply import splice
from transforms.engine.syntax.source import Source
from transforms.rules.triton.annassign import RULE

if TYPE_CHECKING:
    from transforms.engine.outcome import Problem
    from transforms.engine.rule import Rule

PATH = "vllm/v1/attention/ops/kernels.py"
HEAD = "from vllm.triton_utils import tl, triton\n\n\n"


@dataclass(frozen=True)
class RuleTester:
    """Runs one rule over pieces of code."""

    rule: Rule

    def apply(self, before: str, *, path: str = PATH) -> tuple[str, Problem | None]:
        """Apply the rule once."""
        data = before.encode()
        if not all(needle in data for needle in self.rule.needles):
            return before, None
        found = self.rule.match(Source(path, data))
        sites = sorted(found.sites, key=lambda site: (site.start, site.end))
        return splice(data, sites).decode(), found.problem

    def assert_changes(self, before: str, after: str, *, head: str = HEAD) -> None:
        """Assert that the rule turns one block into the other, and then finds nothing more."""
        before, after = head + dedent(before), head + dedent(after)
        ast.parse(after)
        assert self.apply(before) == (after, None)
        assert self.apply(after) == (after, None)

    def assert_untouched(self, before: str, *, head: str = HEAD, path: str = PATH) -> None:
        """Assert that the rule has nothing to say about a block."""
        before = head + dedent(before)
        ast.parse(before)
        assert self.apply(before, path=path) == (before, None)

    def assert_refused(self, before: str, *, head: str = HEAD) -> Problem:
        """Assert that the rule changes nothing and says why."""
        before = head + dedent(before)
        after, problem = self.apply(before)
        assert after == before
        assert problem is not None
        return problem


@pytest.fixture(scope="session")
def annassign() -> RuleTester:
    """The rule `annassign`."""
    return RuleTester(RULE)
