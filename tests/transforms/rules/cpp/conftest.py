"""How the tests of a rule over C++ state what it does: two blocks, or one that it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from transforms.engine.apply import splice
from transforms.engine.syntax.source import Source

if TYPE_CHECKING:
    from transforms.engine.outcome import Problem
    from transforms.engine.rule import Rule

PATH = "csrc/kernels.cu"


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
        sites = sorted(found.sites, key=lambda site: site.place)
        return splice(data, sites).decode(), found.problem

    def assert_changes(self, before: str, after: str, *, path: str = PATH) -> None:
        """Assert that the rule turns one block into the other, and then finds nothing more."""
        before, after = dedent(before), dedent(after)
        assert self.apply(before, path=path) == (after, None)
        assert self.apply(after, path=path) == (after, None)

    def assert_untouched(self, before: str, *, path: str = PATH) -> None:
        """Assert that the rule has nothing to say about a block."""
        before = dedent(before)
        assert self.apply(before, path=path) == (before, None)

    def assert_refused(self, before: str, *, path: str = PATH) -> Problem:
        """Assert that the rule changes nothing and says why."""
        before = dedent(before)
        after, problem = self.apply(before, path=path)
        assert after == before
        assert problem is not None
        return problem
