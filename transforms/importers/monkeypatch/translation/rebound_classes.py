"""A class of the plugin that takes the name of one of vLLM."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.edits import InsertAfter, SubclassAndRebind
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.patterns.pattern import dedent
from transforms.engine.syntax.definition import Function, header_end
from transforms.engine.syntax.indentation import flush_left, indented
from transforms.engine.syntax.source import Span
from transforms.importers.monkeypatch.classes import Where, member_of
from transforms.importers.monkeypatch.resolution import Kind, Thing
from transforms.importers.monkeypatch.translation.code import Code, Placing
from transforms.importers.monkeypatch.translation.defined import defined_at
from transforms.importers.monkeypatch.translation.handing_on import handed_on
from transforms.importers.monkeypatch.translation.marks import standing_aside
from transforms.importers.monkeypatch.translation.members import inherited_call
from transforms.importers.monkeypatch.translation.needs import Supplier
from transforms.importers.monkeypatch.translation.result import CannotError
from transforms.importers.monkeypatch.translation.shrinking import why_not
from transforms.importers.monkeypatch.translation.standing import CannotStandThereError
from transforms.importers.monkeypatch.translation.uses import uses
from transforms.importers.monkeypatch.values import Upstream

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Source
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Own

# Stands for the class itself, whose bases and statements need names as well.
_NO_FUNCTION = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCode:
    """How a class of the plugin stands in vLLM's module.

    Attributes:
        own: the class.
        found: the class whose name it takes.
        setting: all that is read.
    """

    own: Own
    found: Found
    setting: Setting

    @property
    def _node(self) -> ast.ClassDef:
        if not isinstance(self.own.node, ast.ClassDef):
            raise TypeError(f"{self.own.module}: a function is no class")
        return self.own.node

    @property
    def _source(self) -> Source:
        return self.setting.plugin_source(self.own.module)

    @property
    def _supplier(self) -> Supplier:
        return Supplier(
            setting=self.setting,
            module=self.own.module,
            closure=self.own.names,
            captured={},
            into=self.found.target.module,
        )

    def edits(self, condition: str = "") -> tuple[tuple[Edit, ...], Code]:
        """Write the edits, and what the class's code needs.

        Args:
            condition: what is asked when vLLM is imported; empty for always.

        Raises:
            CannotError: the class would not mean the same there.
        """
        upstream = self.found.node
        if not isinstance(upstream, ast.ClassDef):
            raise CannotError(f"{self.found.inside} is no class")
        try:
            code = self._members()
            if self._derives() and not condition:
                edit = self._subclass(code, upstream)
            else:
                edit = self._behind(code, upstream, condition)
        except (CannotStandThereError, PatternError, ValueError) as error:
            raise CannotError(str(error)) from error
        reason = why_not((edit,), self.setting)
        if reason:
            raise CannotError(reason)
        return (edit,), code

    def _derives(self) -> bool:
        """Tell whether its only base is the class whose name it takes."""
        bases = self._node.bases
        return len(bases) == 1 and not self._node.keywords and self._is_taken(bases[0])

    def _is_taken(self, base: ast.expr) -> bool:
        """Tell whether a base is the class whose name the plugin's one takes."""
        value = None
        if isinstance(base, ast.Name):
            value = self.setting.lookup(self.own.module, base.id)
        if isinstance(value, Upstream):
            return defined_at(value.target, self.setting) == self.found.target
        return getattr(base, "attr", getattr(base, "id", "")) == self.found.target.path[-1]

    def _subclass(self, code: Code, upstream: ast.ClassDef) -> Edit:
        name = self._node.name
        decorators = self._decorators()
        return SubclassAndRebind(
            inside=self.found.inside,
            name=name if name != self.found.target.path[-1] else None,
            code=code.body,
            decorators=decorators if decorators or upstream.decorator_list else None,
        )

    def _behind(self, code: Code, upstream: ast.ClassDef, condition: str) -> Edit:
        """Put the whole class behind the one whose name it takes."""
        placing = self._placing(None)
        eager = placing.eager_imports([*self._node.bases, *self._node.keywords])
        if eager:
            names = ", ".join(item.binds for item in eager)
            raise CannotStandThereError(f"its bases need {names} when vLLM is imported")
        name, taken = self._node.name, self.found.target.path[-1]
        header = Span(self._source.span(self._node).start, header_end(self._node, self._source))
        lines = [flush_left(header, self._source), indented(code.body, "    ")]
        if self._decorators():
            lines.insert(0, self._decorators())
        if name != taken:
            gap = "" if condition else "\n"
            lines.append(f"\n{gap}{taken} = {name}")
        if condition:
            lines = [f"if {condition}:", indented("\n".join(lines), "    ")]
        head = f"class {upstream.name}($$bases):" if upstream.bases else f"class {upstream.name}:"
        text = "\n\n" + "\n".join(lines)
        return InsertAfter(inside=self.found.around, anchor=head, code=text)

    def _decorators(self) -> str:
        found = self._node.decorator_list
        self._placing(None).eager_imports(found)
        return "\n".join(f"@{flush_left(self._source.span(item), self._source)}" for item in found)

    def _placing(self, function: Function | None) -> Placing:
        return Placing(
            node=function or _NO_FUNCTION,
            source=self._source,
            supplier=self._supplier,
            name=function.name if function else "",
            is_member=True,
            is_in_its_class=True,
            line=self.found.line + 1,
            upstream=self._upstream(function.name) if function else None,
        )

    def _upstream(self, name: str) -> Function | None:
        body = getattr(self.found.node, "body", [])
        there = [item for item in body if isinstance(item, Function) and item.name == name]
        return there[-1] if there else None

    def _members(self) -> Code:
        """Write the body of the class, flush left."""
        pieces: list[str] = []
        support: set[tuple[str, str]] = set()
        eager: list[object] = []
        source = self._source
        for number, item in enumerate(self._node.body):
            if isinstance(item, Function):
                placing = replace(
                    self._placing(item),
                    changes=self._base_changes(item),
                    handled=self._base_names(item),
                    first=self._first(item),
                )
                made = placing.code()
                support |= made.support
                eager += made.eager
                pieces.append(("\n" if number else "") + made.text)
            elif isinstance(item, ast.Pass) and len(self._node.body) > 1:
                continue
            else:
                annotated = [item.annotation] if isinstance(item, ast.AnnAssign) else []
                needed = self._placing(None).eager_imports([item, *annotated])
                if needed:
                    names = ", ".join(each.binds for each in needed)
                    raise CannotStandThereError(f"its members need {names} when vLLM is imported")
                pieces.append(flush_left(source.statement_span(item), source))
        if eager:
            raise CannotStandThereError("its members' defaults need imports of their own")
        text = dedent("\n".join(pieces))
        return Code(text=text, body=text, support=frozenset(support))

    def _first(self, function: Function) -> str:
        """Let a member that overrides one of vLLM's stand aside for the plugin's own class.

        That derives from this one, and its `super()` means upstream's.
        """
        cls = Thing(kind=Kind.CLASS, target=self.found.target, node=self.found.node)
        there = member_of(cls, function.name, self.setting.library)
        is_there = there.where in {Where.OWN, Where.GENERATED, Where.INHERITED}
        if there.where is Where.UNKNOWN:
            is_there = any(_is_of_super(item, function.name) for item in ast.walk(function))
        if not is_there or not any(self._is_taken(base) for base in self._node.bases):
            return ""
        known = there.thing.node if isinstance(there.thing.node, Function) else None
        call = inherited_call(function.name, function, known)
        instead = handed_on(call, function, known)
        return standing_aside(".".join(self.found.target.path), instead)

    def _base_names(self, function: Function) -> frozenset[str]:
        """Give the names by which a member means the class whose name the new one takes."""
        names = set()
        for use in uses([function]):
            if use.is_annotation or use.assigns:
                continue
            value = self.setting.lookup(self.own.module, use.name)
            target = value.target if isinstance(value, Upstream) else None
            if target is not None and defined_at(target, self.setting) == self.found.target:
                names.add(use.name)
        return frozenset(names)

    def _base_changes(self, function: Function) -> tuple[tuple[Span, str], ...]:
        names = self._base_names(function)
        changes = []
        for use in uses([function]):
            if use.name in names and not use.is_annotation:
                if use.is_in_f_string:
                    raise CannotStandThereError(f"an f-string names {use.name}")
                span = self._source.span(use.node)  # type: ignore[arg-type]
                changes.append((span, f"{self._node.name}.__mro__[1]"))
        return tuple(changes)


def _is_of_super(node: ast.AST, name: str) -> bool:
    """Tell whether code asks for what a class inherits under a name."""
    owner = node.value if isinstance(node, ast.Attribute) and node.attr == name else None
    return isinstance(owner, ast.Call) and getattr(owner.func, "id", "") == "super"
