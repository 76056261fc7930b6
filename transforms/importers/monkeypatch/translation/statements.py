"""The statements that code gets in front of it: imports, made once, and names for originals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Import:
    """One name that is imported.

    Attributes:
        module: the module; of `import a.b`, the whole.
        name: what is imported from it; empty where the module itself is.
        alias: the name that it gets, if that is another one.
    """

    module: str
    name: str = ""
    alias: str = ""

    @property
    def binds(self) -> str:
        """The name that it binds."""
        return self.alias or self.name or self.module.partition(".")[0]

    def written(self) -> str:
        """Write what stands behind `import`."""
        shown = self.name or self.module
        return f"{shown} as {self.alias}" if self.alias and self.alias != shown else shown


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Assignment:
    """A name for an expression.

    Attributes:
        name: the name.
        expression: its value.
    """

    name: str
    expression: str


def written(imports: Iterable[Import], assignments: Iterable[Assignment] = ()) -> list[str]:
    """Write statements, flush left, imports first and in isort's order."""
    whole: list[Import] = []
    parts: defaultdict[str, list[Import]] = defaultdict(list)
    for item in sorted(set(imports)):
        if item.name:
            parts[item.module].append(item)
        else:
            whole.append(item)
    lines = [f"import {item.written()}" for item in whole]
    for module, items in sorted(parts.items()):
        names = [item.written() for item in items]
        line = f"from {module} import {', '.join(names)}"
        if len(line) <= _WIDTH or len(names) == 1:
            lines.append(line)
        else:
            lines += [f"from {module} import (", *(f"    {name}," for name in names), ")"]
    lines += [f"{item.name} = {item.expression}" for item in dict.fromkeys(assignments)]
    return lines
