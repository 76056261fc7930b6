"""How the tests of these rules state what they do, and run it with POSIX and without."""

from __future__ import annotations

import ast
import builtins
import os
import signal
import socket
from dataclasses import dataclass
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

from transforms.engine.apply import splice
from transforms.engine.syntax.source import Source
from transforms.rules.posix.lacking import MODULES, NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transforms.engine.outcome import Problem
    from transforms.engine.rule import Rule

PATH = "vllm/utils/example.py"
_REAL = {"os": os, "signal": signal, "socket": socket}


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

    def assert_changes(self, before: str, after: str) -> None:
        """Assert that the rule turns one block into the other, and then finds nothing more."""
        before, after = dedent(before), dedent(after)
        ast.parse(after)
        assert self.apply(before) == (after, None)
        assert self.apply(after) == (after, None)

    def assert_untouched(self, before: str) -> None:
        """Assert that the rule has nothing to say about a block."""
        before = dedent(before)
        ast.parse(before)
        assert self.apply(before) == (before, None)

    def assert_refused(self, before: str, reason: str) -> None:
        """Assert that the rule changes nothing, and says why."""
        before = dedent(before)
        ast.parse(before)
        after, problem = self.apply(before)
        assert after == before
        assert problem is not None
        assert reason in problem.reason

    def changed(self, before: str) -> str:
        """Give what the rule makes of a block."""
        before = dedent(before)
        after, problem = self.apply(before)
        assert problem is None
        assert after != before
        return after


def run_on(
    system: str, code: str, modules: Mapping[str, object] | None = None, **names: object
) -> dict[str, Any]:
    """Run code with modules as a system has them, and give what it binds.

    Args:
        system: "posix", or "windows": then modules lack what `NAMES` and `MODULES` say.
        code: a module's text.
        modules: what else it imports, or what it shall find in the place of a real module.
        names: what is bound before.
    """
    known = {**(_windows() if system == "windows" else _REAL), **(modules or {})}

    def imported(
        name: str,
        _: object = None,
        __: object = None,
        names: tuple[str, ...] | None = (),
        *___: int,
    ) -> object:
        if name in known:
            module = known[name]
            if missing := [each for each in names or () if not hasattr(module, each)]:
                raise ImportError(f"cannot import name {missing[0]!r} from {name!r}")
            return module
        if system == "windows" and name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return __import__(name)

    scope: dict[str, Any] = {**names, "__builtins__": {**vars(builtins), "__import__": imported}}
    exec(compile(dedent(code), "example", "exec"), scope)  # noqa: S102 - it is the test's own text
    return scope


def _windows() -> dict[str, ModuleType]:
    """Make modules that have what the real ones have, but for what Windows lacks."""
    found: dict[str, ModuleType] = {}
    for name, real in _REAL.items():
        module = found[name] = ModuleType(name)
        for attribute, value in vars(real).items():
            if f"{name}.{attribute}" not in NAMES:
                setattr(module, attribute, value)
    return found
