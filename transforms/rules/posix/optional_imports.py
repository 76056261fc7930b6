"""A module that only POSIX has must not stop the one that imports it, but whoever uses it.

uvloop has no builds for Windows: there `vllm.wheelwright_windows` has its functions, with an event
loop of Python's own, and `fcntl`'s `flock`, with Windows' own locks. Nothing takes the place of
other modules: their use fails, and says why.

Before::

    import pwd

    import uvloop

After::

    try:
        import pwd
    except ImportError:
        from vllm import wheelwright_windows
        pwd = wheelwright_windows.missing("pwd")

    try:
        import uvloop
    except ImportError:
        from vllm import wheelwright_windows as uvloop

What upstream guards, by `try`, `sys.platform` or TYPE_CHECKING, is left alone; an import of several
modules, or of names that nothing stands in for, is refused.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.edit import Found
from transforms.engine.syntax.indentation import indented
from transforms.rules.posix.guards import is_guarded
from transforms.rules.posix.lacking import MODULES
from transforms.rules.posix.rewriting import MODULE, found_in, instead, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transforms.engine.site import Site
    from transforms.engine.syntax.source import Source
    from transforms.rules.posix.places import Place
    from transforms.rules.refusal import Refusal

_NAMES = "|".join(sorted(MODULES)).encode()
_IMPORTS = re.compile(rb"\b(?:import|from)[ \t][^\n]*(?<!\w)(?:%s)(?!\w)" % _NAMES)
_LINE_SPLICE = re.compile(rb"\\\r?\n")
# What `vllm.wheelwright_windows` has in the place of a module.
_STAND_INS = {
    "fcntl": frozenset({"LOCK_EX", "LOCK_NB", "LOCK_SH", "LOCK_UN", "flock"}),
    "uvloop": frozenset({"new_event_loop", "run"}),
}


@dataclass(frozen=True, slots=True)
class _OptionalImports:
    """The rule; see the module."""

    name: str = "optional_imports"
    needles: tuple[bytes, ...] = (b"import",)

    def match(self, source: Source) -> Found:
        """Find the imports that stop a module on Windows."""
        # Nearly every file has the needle, and is not worth parsing.
        if not _IMPORTS.search(_LINE_SPLICE.sub(b" ", source.data)):
            return Found()
        return found_in(self.name, source, _found)


RULE = _OptionalImports()


def _found(place: Place, source: Source) -> Iterator[Site | Refusal]:
    node = place.node
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return
    modules = _modules(node)
    if not any(module.partition(".")[0] in MODULES for module in modules):
        return
    if is_guarded(place, "ImportError", "ModuleNotFoundError"):
        return
    (first, *others) = modules
    if others or "." in first:
        yield refusal(place, "import each module that only POSIX has by a statement of its own")
        return
    stand_in = _stand_in(node, first, source)
    if not stand_in:
        yield refusal(place, f"nothing takes the place of what is used of {first}")
        return
    lines = ["try:", f"    {ast.unparse(node)}", "except ImportError:"]
    yield from instead("\n".join([*lines, indented(stand_in, "    ")]), place, source)


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and not node.level else []


def _stand_in(node: ast.Import | ast.ImportFrom, module: str, source: Source) -> str:
    """Write what binds the same names on Windows; empty where nothing can."""
    bound = {each.asname or each.name: each.name for each in node.names}
    ours = _STAND_INS.get(module)
    if ours and isinstance(node, ast.Import):
        (name,) = bound
        return f"from vllm import {MODULE} as {name}" if ours >= _used(name, source) else ""
    if ours:
        taken = ast.ImportFrom(module=f"vllm.{MODULE}", names=node.names, level=0)
        return ast.unparse(taken) if ours.issuperset(bound.values()) else ""
    if "*" in bound:
        return ""
    inside = "" if isinstance(node, ast.Import) else f"{module}."
    lines = [f'{name} = {MODULE}.missing("{inside}{what}")' for name, what in bound.items()]
    return "\n".join([f"from vllm import {MODULE}", *lines])


def _used(name: str, source: Source) -> set[str]:
    """Give what a file takes from a module that it knows by a name."""
    return {
        node.attr
        for node in ast.walk(source.module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }
