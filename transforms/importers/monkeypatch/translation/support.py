"""Support modules: what a patch module of the plugin defines for its patches, without patching.

One is made for each patch module that something is needed of. It is that module's own text, as
far as it is needed: imports, helpers, constants and classes, in their order, with their comments
and below its licence. What assigns to vLLM is left out.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import docstring
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.modules import imported_module
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.translation.hoisting import hoisted, hoisted_name
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.statements import (
    Assignment,
    Import,
    written,
)
from transforms.importers.monkeypatch.translation.support_names import needed_by, special
from transforms.importers.monkeypatch.translation.uses import bound_by, free_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.engine.syntax.source import Source
    from transforms.importers.monkeypatch.translation.setting import Setting

_COMPOUND = (ast.If, ast.Try, ast.With)
_NOTICE = "# Modified by vllm-wheelwright: what patches vLLM when it is imported was left out."


@dataclass(slots=True)
class _Draft:
    """A support module while it is collected."""

    module: str
    names: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)


def support_modules(wanted: Iterable[tuple[str, str]], setting: Setting) -> dict[str, str]:
    """Write the support modules that have some names, and all that these need.

    Args:
        wanted: pairs of a module of the plugin and a name in it.
        setting: all that is read.

    Returns:
        The text of each module by its path in the wheel.

    Raises:
        CannotError: a name cannot be had without patching.
    """
    drafts: dict[str, _Draft] = {}
    waiting = sorted(wanted)
    while waiting:
        module, name = waiting.pop()
        draft = drafts.setdefault(module, _Draft(module))
        if name in draft.names:
            continue
        draft.names.add(name)
        waiting += needed_by(name, module, setting)
    return {
        f"{setting.support_module(module).replace('.', '/')}.py": _Writer(
            module, frozenset(draft.names), setting
        ).text()
        for module, draft in sorted(drafts.items())
    }


class _Writer:
    def __init__(self, module: str, names: frozenset[str], setting: Setting) -> None:
        self.module = module
        self.names = names
        self.setting = setting
        self.source: Source = setting.support_source(module)

    def text(self) -> str:
        """Write the module."""
        body = self.source.module.body
        of_future = [self._line(item) for item in body if _is_future(item)]
        imports, assigned, rest = self._parts()
        lines = [*self._head(), *of_future]
        if lines[-1]:
            lines.append("")
        lines += written(imports, assigned)
        made = sorted(name for name in self.names if ":" in name)
        for text in [*rest, *(self._hoisted(*name.split(":")) for name in made)]:
            is_block = text.lstrip().startswith(("def ", "class ", "@", "async "))
            lines += ["", "", text] if is_block else ["", text]
        return "\n".join(lines).strip("\n") + "\n"

    def _parts(self) -> tuple[list[Import], list[Assignment], list[str]]:
        """Give the imports, the originals and the other statements that are needed."""
        imports: list[Import] = []
        assigned: list[Assignment] = []
        rest: list[str] = []
        done: set[str] = set()
        said = docstring(self.source.module)
        for item in self.source.module.body:
            names = self.names & set(bound_by(item)) - done
            if item is said or _is_future(item) or not names:
                continue
            bound = {name: special(name, self.module, self.setting) for name in sorted(names)}
            known = {name: made for name, made in bound.items() if made is not None}
            done |= set(known)
            imports += [each for each, _ in known.values() if each is not None]
            assigned += [each for _, each in known.values() if each is not None]
            left = names - done
            if isinstance(item, (ast.Import, ast.ImportFrom)):
                imports += self._imports(item, left)
            elif left:
                rest.append(self._statement(item, left))
        return imports, assigned, rest

    def _head(self) -> list[str]:
        """Give the comments that the file begins with: its licence."""
        lines = []
        for line in self.source.data.decode().splitlines():
            if not line.startswith("#"):
                break
            lines.append(line.rstrip())
        while lines and lines[-1] == "#":
            lines.pop()
        package = self.setting.plugin.package
        said = f'"""What the patches of {package} need that {self.module} defines."""'
        return [*lines, _NOTICE, said, ""]

    def _hoisted(self, function: str, name: str) -> str:
        """Write what a function has bound when the plugin was imported."""
        setting = self.setting
        expression = hoisted(setting, self.module, function, name)
        if expression is None:
            raise CannotError(f"{name!r} of {function} is bound more than once")
        closure = setting.closures[(self.module, function)]
        supplier = Supplier(
            setting=setting,
            module=self.module,
            closure=closure,
            captured={},
            into="",
            made_in=function,
        )
        imports: list[Import] = []
        assigned: list[Assignment] = []
        for needed in free_names([expression]):
            if needed not in closure:
                continue
            need = supplier.need(needed)
            if need.why_not or need.support or setting.bindings_of(self.module, needed):
                raise CannotError(f"it closes over {name!r}, which needs {needed!r}")
            imports += [need.imported] if need.imported else []
            assigned += [need.assigned] if need.assigned else []
        source = setting.plugin_source(self.module)
        value = flush_left(source.span(expression), source)
        lines = written(imports, assigned)
        return "\n".join([*lines, f"{hoisted_name(function, name)} = {value}"])

    def _line(self, node: ast.stmt) -> str:
        return self.source.text(self.source.span(node))

    def _imports(self, node: ast.Import | ast.ImportFrom, names: Iterable[str]) -> list[Import]:
        found: list[Import] = []
        for alias in node.names:
            bound = (alias.asname or alias.name).partition(".")[0]
            if bound not in names:
                continue
            if isinstance(node, ast.Import):
                found.append(Import(module=alias.name, alias=alias.asname or ""))
                continue
            base = imported_module(node, self.source.path)
            if self.setting.plugin.is_read(base):
                base = self.setting.support_module(base)
            found.append(Import(module=base, name=alias.name, alias=alias.asname or ""))
        return found

    def _statement(self, node: ast.stmt, names: frozenset[str]) -> str:
        """Write a statement with the comments above it, without what patches."""
        if not isinstance(node, _COMPOUND):
            start = self._with_comments(node)
            return flush_left(Span(start, self.source.span(node).end), self.source)
        return "\n".join(self._block(node, names))

    def _block(self, node: ast.stmt, names: frozenset[str]) -> list[str]:
        if isinstance(node, ast.If):
            lines = [f"if {ast.unparse(node.test)}:", *self._inner(node.body, names)]
            if any(names & set(bound_by(item)) for item in node.orelse):
                lines += ["else:", *self._inner(node.orelse, names)]
            return lines
        if isinstance(node, ast.Try):
            lines = ["try:", *self._inner(node.body, names)]
            for handler in node.handlers:
                caught = f" {ast.unparse(handler.type)}" if handler.type else ""
                known = f" as {handler.name}" if handler.name else ""
                lines += [f"except{caught}{known}:", *self._inner(handler.body, names)]
            if any(names & set(bound_by(item)) for item in node.orelse):
                lines += ["else:", *self._inner(node.orelse, names)]
            return lines
        raise CannotError(f"{self.source.path}:{node.lineno}: its names are bound in a `with`")

    def _inner(self, body: Sequence[ast.stmt], names: frozenset[str]) -> list[str]:
        lines: list[str] = []
        for item in body:
            mine = names & set(bound_by(item))
            if isinstance(item, ast.Raise):
                lines.append(indented(self._line(item), "    "))
            if not mine:
                continue
            bound = [special(name, self.module, self.setting) for name in sorted(mine)]
            known = [each for each in bound if each is not None]
            if len(known) == len(bound):
                text = written(
                    [each[0] for each in known if each[0]], [each[1] for each in known if each[1]]
                )
                lines.append(indented("\n".join(text), "    "))
            elif isinstance(item, (ast.Import, ast.ImportFrom)):
                lines.append(indented("\n".join(written(self._imports(item, mine))), "    "))
            else:
                lines.append(indented(self._statement(item, mine), "    "))
        return lines or ["    pass"]

    def _with_comments(self, node: ast.stmt) -> int:
        """Give where the comments above a statement begin."""
        source = self.source
        start = source.statement_span(node).start
        line = source.line_of(start)
        while line > 1:
            above = source.data[source.line_start(line - 1) : source.line_start(line)]
            if not above.strip().startswith(b"#"):
                break
            line -= 1
        if line == 1 or line == source.line_of(start):
            return start
        first = source.line_start(line)
        indentation = len(source.data[first:]) - len(source.data[first:].lstrip(b" \t"))
        return first + indentation


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
