"""A function of the plugin as it stands inside of a module of vLLM."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function, parameters
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.importers.monkeypatch.translation.annotations import Annotations
from transforms.importers.monkeypatch.translation.bodies import Body
from transforms.importers.monkeypatch.translation.standing import (
    CannotStandThereError,
    bound_names,
    refuse_function,
)
from transforms.importers.monkeypatch.translation.statements import written
from transforms.importers.monkeypatch.translation.uses import body_uses, uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.engine.syntax.source import Source, Span
    from transforms.importers.monkeypatch.translation.needs import Need, Supplier
    from transforms.importers.monkeypatch.translation.statements import Import
    from transforms.importers.monkeypatch.translation.uses import Use

_UNIT = "    "
# In a class.
_WIDTH = 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A function as it stands inside of a module of vLLM.

    Attributes:
        text: the definition, flush left.
        body: the statements of it, flush left, without its docstring.
        support: the names that support modules must have, by the plugin's module.
        eager: what the module itself must import, since it is asked for at its import.
    """

    text: str
    body: str
    support: frozenset[tuple[str, str]] = frozenset()
    eager: frozenset[Import] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """How a function of the plugin is put into a module of vLLM.

    Attributes:
        node: the function.
        source: the plugin's file.
        supplier: gives it its names.
        name: the name that it gets.
        is_member: it becomes a member of a class.
        is_in_its_class: the class is the plugin's own, which comes along.
        decorators: what it is decorated with there, as `staticmethod`, above its own.
        upstream: the function whose place it takes.
        line: the line of the statement of vLLM's module that it will be part of.
        changes: what is written in some places of it, e.g. where it calls an original.
        handled: the names that these changes supply.
        first: statements in front of all others, flush left.
        extra: statements in front of its own, such as a guard, which may ask for its names.
    """

    node: Function | ast.Lambda
    source: Source
    supplier: Supplier
    name: str
    is_member: bool = False
    is_in_its_class: bool = False
    decorators: tuple[str, ...] = ()
    upstream: Function | None = None
    line: int = 10**9
    changes: tuple[tuple[Span, str], ...] = ()
    handled: frozenset[str] = frozenset()
    first: str = ""
    extra: str = ""

    def code(self) -> Code:
        """Write the function.

        Raises:
            CannotStandThereError: it would not mean the same.
        """
        refuse_function(self.node, is_member=self.is_member, is_in_its_class=self.is_in_its_class)
        found = [item for item in body_uses(self.node) if not item.is_annotation]
        found = [item for item in found if item.name not in self.handled]
        needs = {name: self.supplier.need(name) for name in dict.fromkeys(i.name for i in found)}
        own = getattr(self.node, "name", "")
        if own in needs and not self.supplier.closure.get(own):
            raise CannotStandThereError(f"it calls itself by its own name {own!r}")
        for need in needs.values():
            if need.why_not:
                raise CannotStandThereError(need.why_not)
        changes = list(self.changes)
        imports, assigned = [], []
        for name, need in needs.items():
            renamed = self._renamed(need, [item for item in found if item.name == name])
            if renamed is not None:
                changes += renamed
                continue
            if need.imported:
                imports.append(need.imported)
            if need.assigned:
                assigned.append(need.assigned)
        head = "\n".join(written(imports, assigned))
        known = [item.support for item in needs.values() if item.imported in imports]
        support = {item for item in known if item is not None}
        decorators, eager = self._decorators()
        header, more = self.header()
        written_body = Body(node=self.node, source=self.source, supplier=self.supplier)
        body, said = written_body.text(changes)
        body = "\n".join(filter(None, (self.first, head, self.extra, body)))
        text = "\n".join(
            [
                *decorators,
                header,
                *([indented(said, _UNIT)] if said else []),
                indented(body, _UNIT),
            ]
        )
        return Code(
            text=text,
            body=body,
            support=frozenset(support),
            eager=frozenset({*eager, *more}),
        )

    def _renamed(  # noqa: PLR0911 - each is one thing that is in the way
        self, need: Need, found: Sequence[Use]
    ) -> list[tuple[Span, str]] | None:
        """Write the module's own name for what the plugin calls otherwise; None where it cannot."""
        if not need.instead and not need.here:
            return [] if need.is_nothing else None
        if any(item.is_in_f_string for item in found):
            return None
        local = bound_names(self.node)
        if need.instead:
            if need.instead in local:
                return None
            return [(self.source.span(item.node), need.instead) for item in found]  # type: ignore[arg-type]
        body = self.node.body if isinstance(self.node.body, list) else [self.node.body]
        around = {
            id(item.value): item
            for part in body
            for item in ast.walk(part)
            if isinstance(item, ast.Attribute)
        }
        changes = []
        for use in found:
            attribute = around.get(id(use.node))
            if attribute is None or not isinstance(attribute.ctx, ast.Load):
                return None
            if attribute.attr in local:
                return None
            changes.append((self.source.span(attribute), attribute.attr))
        return changes

    def _decorators(self) -> tuple[list[str], list[Import]]:
        lines = [f"@{name}" for name in self.decorators]
        eager: list[Import] = []
        for item in getattr(self.node, "decorator_list", ()):
            if last_name(item) == "wraps":
                continue
            eager += self.eager_imports([item])
            lines.append(f"@{flush_left(self.source.span(item), self.source)}")
        return lines, eager

    def eager_imports(self, nodes: Iterable[ast.AST]) -> list[Import]:
        """Give what the module of vLLM must import for code that runs when it is imported.

        Raises:
            CannotStandThereError: a name would have to be written otherwise.
        """
        found: list[Import] = []
        for use in uses(nodes):
            if not use.is_eager or use.is_annotation:
                continue
            need = self.supplier.need(use.name)
            if need.why_not:
                raise CannotStandThereError(need.why_not)
            if need.is_there(self.supplier, self.line):
                continue
            if need.is_nothing:
                raise CannotStandThereError(f"it needs {use.name!r} before vLLM's module has it")
            if need.assigned or not need.imported or need.support or need.instead:
                raise CannotStandThereError(f"it needs {use.name!r} when vLLM is imported")
            if self.supplier.setting.bound_in_vllm(self.supplier.into, use.name):
                raise CannotStandThereError(
                    f"it needs {use.name!r} when vLLM is imported, which is something else there"
                )
            if need.imported.module.partition(".")[0] == self.supplier.setting.plugin.package:
                raise CannotStandThereError(f"it needs {use.name!r} of the plugin at import")
            found.append(need.imported)
        return found

    def header(self) -> tuple[str, list[Import]]:
        """Write `def` to the colon, without what the annotations would have to import."""
        defaults = [item.default for item in parameters(self.node) if item.default is not None]
        changes, eager = self._defaults(defaults)
        annotations = Annotations(
            node=self.node,
            source=self.source,
            supplier=self.supplier,
            line=self.line,
            upstream=self.upstream,
        )
        given = annotations.parameters(changes)
        is_async = isinstance(self.node, ast.AsyncFunctionDef)
        prefix = f"{'async ' if is_async else ''}def {self.name}("
        returns = annotations.returns()
        suffix = f"){f' -> {returns}' if returns else ''}:"
        line = f"{prefix}{', '.join(given)}{suffix}"
        if len(line) <= _WIDTH and "\n" not in line:
            return line, eager
        return "\n".join(
            [
                prefix,
                *(
                    indented(f"{item},", _UNIT) if not item.startswith("**") else f"{_UNIT}{item}"
                    for item in given
                ),
                suffix,
            ]
        ), eager

    def _defaults(self, defaults: list[ast.expr]) -> tuple[dict[ast.expr, str], list[Import]]:
        """Write defaults; constants of the plugin become their values."""
        texts: dict[ast.expr, str] = {}
        eager: list[Import] = []
        for item in defaults:
            texts[item] = flush_left(self.source.span(item), self.source)
            if isinstance(item, ast.Name):
                need = self.supplier.need(item.id)
                if need.literal:
                    texts[item] = need.literal
                    continue
                if need.instead:
                    texts[item] = need.instead
                    continue
            eager += self.eager_imports([item])
        return texts, eager
