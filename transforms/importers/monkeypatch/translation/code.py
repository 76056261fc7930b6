"""A function of the plugin as it stands inside of a module of vLLM."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.patterns.pattern import dedent
from transforms.engine.syntax.definition import Function, docstring, header_end, parameters
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Source, Span
from transforms.engine.syntax.suspension import own_nodes
from transforms.importers.monkeypatch.translation.annotations import Annotations
from transforms.importers.monkeypatch.translation.statements import written
from transforms.importers.monkeypatch.translation.uses import annotations_of, body_uses, uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transforms.importers.monkeypatch.translation.needs import Need, Supplier
    from transforms.importers.monkeypatch.translation.statements import Import
    from transforms.importers.monkeypatch.translation.uses import Use

_UNIT = "    "


class CannotStandThereError(Exception):
    """A function would not mean the same inside of vLLM's module."""


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
        extra: statements in front of its own, flush left, such as a guard.
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
    extra: str = ""

    def code(self) -> Code:
        """Write the function.

        Raises:
            CannotStandThereError: it would not mean the same.
        """
        self._refuse()
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
            if need.here:
                raise CannotStandThereError(f"{name!r} is the module that it will stand in")
            if need.imported:
                imports.append(need.imported)
            if need.assigned:
                assigned.append(need.assigned)
        head = "\n".join(written(imports, assigned))
        support = {
            item.support for item in needs.values() if item.support and item.imported in imports
        }
        decorators, eager = self._decorators()
        header, more = self.header()
        body, said = self._body(changes)
        body = "\n".join(filter(None, (head, self.extra, body)))
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
            support=frozenset(item for item in support if item),
            eager=frozenset({*eager, *more}),
        )

    def _refuse(self) -> None:
        body = self.node.body if isinstance(self.node.body, list) else [self.node.body]
        for item in (inner for part in body for inner in ast.walk(part)):
            if isinstance(item, ast.Global):
                raise CannotStandThereError(f"it binds the global name {item.names[0]!r}")
            if self.is_in_its_class:
                continue
            name = getattr(item, "attr", "") or getattr(item, "id", "")
            if self.is_member and name.startswith("__") and not name.endswith("__"):
                raise CannotStandThereError(f"in a class, Python gives {name} another name")
            if isinstance(item, ast.Name) and item.id == "__class__":
                raise CannotStandThereError("it asks for the class that it was made in")
            if isinstance(item, ast.Call) and not item.args and _is_super(item.func):
                raise CannotStandThereError("its `super()` is that of the plugin's class")
        for item in own_nodes([part for part in body if isinstance(part, ast.stmt)]):
            if isinstance(item, ast.Nonlocal):
                raise CannotStandThereError(f"it binds {item.names[0]!r} of a function around it")

    def _renamed(self, need: Need, found: Sequence[Use]) -> list[tuple[Span, str]] | None:
        """Write the module's own name for what the plugin calls otherwise; None where it cannot."""
        if not need.instead and not need.here:
            return [] if need.is_nothing else None
        if any(item.is_in_f_string for item in found):
            return None
        local = {use for use in _bound_names(self.node)}
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
        if len(line) <= 84 and "\n" not in line:
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

    def _body(self, changes: list[tuple[Span, str]]) -> tuple[str, str]:
        """Give the body with changes made, flush left, and the docstring."""
        source, node = self.source, self.node
        if isinstance(node, ast.Lambda):
            span = source.span(node.body)
            return f"return {_changed(source, span, changes)}", ""
        changes = [*changes, *self._local_annotations()]
        said = docstring(node)
        body = [item for item in node.body if item is not said]
        text = flush_left(source.span(said), source) if said is not None else ""
        if not body:
            return "", text
        start = source.span(said).end if said is not None else header_end(node, source)
        first = source.statement_span(body[0]).start
        # Comments above the first statement belong to it.
        line = source.line_of(start)
        start = source.line_start(line + 1) if source.line_of(first) > line else first
        end = _with_comment(source, source.span(body[-1]).end)
        return dedent(_changed(source, Span(start, end), changes)), text

    def _local_annotations(self) -> list[tuple[Span, str]]:
        """Take away annotations of local names that would be unbound."""
        changes = []
        assert isinstance(self.node.body, list)
        nodes = [inner for part in self.node.body for inner in ast.walk(part)]
        for item in nodes:
            if isinstance(item, ast.AnnAssign):
                if self._resolves(item.annotation):
                    continue
                end = self.source.span(item.annotation).end
                start = self.source.span(item.target).end
                if item.value is None and not isinstance(item.target, ast.Name):
                    changes.append((self.source.span(item), "pass"))
                elif item.value is None:
                    changes.append((self.source.span(item), "pass"))
                else:
                    changes.append((Span(start, end), ""))
            elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for annotation in annotations_of(item):
                    if not self._resolves(annotation):
                        changes.append(_without_annotation(annotation, item, self.source))
        return changes

    def _resolves(self, annotation: ast.expr) -> bool:
        local = _bound_names(self.node)
        return all(
            use.name in local or self.supplier.need(use.name).is_nothing
            for use in uses([annotation])
        )


def _without_annotation(
    annotation: ast.expr, function: Function, source: Source
) -> tuple[Span, str]:
    end = source.span(annotation).end
    if annotation is function.returns:
        start = source.data.rindex(b"->", 0, source.span(annotation).start)
        while source.data[start - 1 : start] == b" ":
            start -= 1
        return Span(start, end), ""
    start = source.data.rindex(b":", 0, source.span(annotation).start)
    return Span(start, end), ""


def _bound_names(node: Function | ast.Lambda) -> set[str]:
    """Give all names that are bound anywhere in a function."""
    names = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
    for item in ast.walk(node):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            names.add(item.id)
        elif (
            isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and item is not node
        ):
            names.add(item.name)
        elif isinstance(item, ast.alias):
            names.add((item.asname or item.name).partition(".")[0])
        elif isinstance(item, ast.ExceptHandler) and item.name:
            names.add(item.name)
    return names


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "super"


def _with_comment(source: Source, end: int) -> int:
    """Take the rest of a statement's line along."""
    line_end = source.line_start(source.line_of(end) + 1)
    rest = source.data[end:line_end]
    return end + len(rest.rstrip()) if rest.lstrip().startswith(b"#") else end


def _changed(source: Source, span: Span, changes: Iterable[tuple[Span, str]]) -> str:
    """Give a part of a file with changes made."""
    pieces: list[bytes] = []
    done = span.start
    for where, text in sorted(changes):
        if span.start <= where.start and where.end <= span.end and where.start >= done:
            pieces += [source.data[done : where.start], text.encode()]
            done = where.end
    whole = b"".join([*pieces, source.data[done : span.end]]).decode()
    return whole.replace("\r\n", "\n").replace("\r", "\n")
