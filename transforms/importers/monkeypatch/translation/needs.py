"""How the code of a plugin gets the names that it asks for, where it stands inside of vLLM."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from transforms.engine.checks.builtin_names import ALWAYS_BUILT_IN
from transforms.engine.syntax.modules import imported_module
from transforms.importers.monkeypatch.translation.defined import defined_at, import_path
from transforms.importers.monkeypatch.translation.hoisting import hoisted, hoisted_name
from transforms.importers.monkeypatch.translation.statements import Assignment, Import
from transforms.importers.monkeypatch.values import (
    Constant,
    External,
    Own,
    OwnName,
    Target,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transforms.engine.syntax.bindings import Binding
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value

_OF_A_MODULE = frozenset({"__name__", "__file__", "__doc__", "__spec__", "__package__"})
_LITERAL = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How one name is supplied.

    Attributes:
        name: the name, as the code has it.
        imported: the import that binds it.
        assigned: or the assignment.
        instead: what the module of vLLM calls the same object; empty where it has the same name.
        here: the code's name is for the very module that the code will stand in.
        support: the plugin's module and the name in it that the wheel must have.
        original: it is an original that a mutation takes the name of.
        literal: its value, where that can be written out.
        why_not: why there is no way; empty where there is one.
    """

    name: str
    imported: Import | None = None
    assigned: Assignment | None = None
    instead: str = ""
    here: bool = False
    support: tuple[str, str] | None = None
    original: Target | None = None
    literal: str = ""
    why_not: str = ""

    def is_there(self, supplier: Supplier, line: int) -> bool:
        """Tell whether the module of vLLM has the object under this name when it is imported.

        Args:
            supplier: what supplies the need.
            line: the line of the module's statement that asks for it.
        """
        if not self.is_nothing:
            return False
        there = supplier.setting.library.names(supplier.into)
        bound = there.bound.get(self.name, []) if there is not None else []
        lines = [getattr(item.statement, "lineno", 0) for item in bound]
        return not lines or min(lines) < line

    @property
    def is_nothing(self) -> bool:
        """Tell whether the code finds the same object under the same name."""
        return not (self.imported or self.assigned or self.instead or self.here or self.why_not)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Supplies names to one piece of the plugin's code.

    Attributes:
        setting: all that is read.
        module: the plugin's module that the code is of.
        closure: what the functions around it have bound.
        captured: the originals among its names.
        into: the module of vLLM that the code will stand in; empty for a support module.
        made_in: the function of the plugin that makes it; empty for none.
    """

    setting: Setting
    module: str
    closure: Mapping[str, Value]
    captured: Mapping[str, Target]
    into: str
    made_in: str = ""

    def need(self, name: str) -> Need:
        """Say how a name is supplied."""
        if name in self.captured:
            return self._original(name, self.captured[name])
        if name in self.closure:
            return self._by_value(name, self.closure[name])
        found = self.setting.bindings_of(self.module, name)
        if not found:
            return self._unbound(name)
        value = self.setting.lookup(self.module, name)
        if value is not None:
            known = self._by_value(name, value)
            if not known.why_not:
                return known
        imported = _imported(found, self.setting.plugin_source(self.module).path)
        if imported is not None:
            return self._by_import(name, imported)
        return self._from_support(name)

    def _unbound(self, name: str) -> Need:
        if name in _OF_A_MODULE:
            return Need(name=name, why_not=f"it asks for its own module's {name}")
        if name not in ALWAYS_BUILT_IN:
            return Need(name=name, why_not=f"nothing binds its name {name!r}")
        if self.into and self.setting.bound_in_vllm(self.into, name):
            return Need(name=name, imported=Import(module="builtins", name=name))
        return Need(name=name)

    def _original(self, name: str, target: Target) -> Need:
        known = self.setting.originals.get(defined_at(target, self.setting))
        if known is None:
            return self._by_value(name, Upstream(target=target))
        imports, owner = None, known.owner
        if known.target.module != self.into:
            first = known.target.path[0] if known.owner else known.private
            imports = Import(module=known.target.module, name=first)
            if not known.owner:
                return Need(name=name, imported=replace(imports, alias=name), original=known.target)
        return Need(
            name=name,
            imported=imports,
            assigned=Assignment(name=name, expression=known.expression(owner)),
            original=known.target,
        )

    def _by_value(self, name: str, value: Value) -> Need:  # noqa: PLR0911 - one for each kind
        if isinstance(value, Upstream):
            return self._upstream(name, value.target)
        if isinstance(value, External):
            return self._external(name, value.dotted)
        if isinstance(value, Own):
            return self._own(name, value)
        if isinstance(value, OwnName):
            return self._own_name(name, value.target)
        if isinstance(value, Constant) and isinstance(value.value, _LITERAL):
            literal = repr(value.value)
            if name not in self.closure:
                return replace(self._from_support(name), literal=literal)
            made = Assignment(name=name, expression=literal)
            return Need(name=name, assigned=made, literal=literal)
        if name in self.closure:
            return self._made_once(name)
        return self._from_support(name)

    def _made_once(self, name: str) -> Need:
        """Let a support module make what the function around has made when it was imported."""
        if hoisted(self.setting, self.module, self.made_in, name) is None:
            return Need(name=name, why_not=f"it closes over {name!r}, which is made while it runs")
        self.setting.closures[(self.module, self.made_in)] = self.closure
        public = hoisted_name(self.made_in, name)
        imported = Import(module=self.setting.support_module(self.module), name=public, alias=name)
        return Need(name=name, imported=imported, support=(self.module, f"{self.made_in}:{name}"))

    def _upstream(self, name: str, target: Target) -> Need:
        setting = self.setting
        if defined_at(target, setting) in setting.originals and target.path:
            return self._original(name, target)
        if not target.path:
            if target.module == self.into:
                whole = Import(module=target.module, alias=name)
                return Need(name=name, imported=whole, here=True)
            return self._same_or(name, target.module, Import(module=target.module, alias=name))
        first, *rest = target.path
        whole = Import(module=target.module, name=first, alias="" if first == name else name)
        if rest:
            whole = replace(whole, alias="")
            made = Assignment(name=name, expression=".".join(target.path))
            there = self._same_or(first, import_path(defined_at(target, setting)), whole)
            return replace(there, name=name, assigned=made, instead="")
        return self._same_or(name, import_path(defined_at(target, setting)), whole)

    def _external(self, name: str, dotted: str) -> Need:
        found = self.setting.bindings_of(self.module, name) if name not in self.closure else []
        imported = _imported(found, self.setting.plugin_source(self.module).path)
        if imported is None:
            if name not in self.closure and len(found) != 1:
                return self._from_support(name)
            module, _, last = dotted.rpartition(".")
            imported = Import(module=module, name=last, alias="" if last == name else name)
            if not module:
                imported = Import(module=last, alias="" if last == name else name)
        return self._same_or(name, dotted, imported)

    def _own(self, name: str, value: Own) -> Need:
        placed = self.setting.placed.get((value.module, _name_of(value)))
        if placed is not None and not value.made_in:
            target = placed
            imported = Import(module=target.module, name=target.path[0])
            if target.module == self.into:
                return Need(name=name, instead="" if target.path[0] == name else target.path[0])
            return Need(name=name, imported=replace(imported, alias=name))
        if name in self.closure and value.made_in:
            return Need(name=name, why_not=f"it closes over {name!r}, which a function makes")
        return self._own_name(name, Target(module=value.module, path=(_name_of(value),)))

    def _own_name(self, name: str, target: Target) -> Need:
        if target.module == self.module:
            return self._from_support(name)
        if not target.path:
            return Need(name=name, imported=Import(module=target.module, alias=name))
        first, *rest = target.path
        if rest or not first:
            return self._from_support(name)
        alias = "" if first == name else name
        if self.setting.plugin.is_read(target.module):
            imported = Import(
                module=self.setting.support_module(target.module), name=first, alias=alias
            )
            return Need(name=name, imported=imported, support=(target.module, first))
        return Need(name=name, imported=Import(module=target.module, name=first, alias=alias))

    def _by_import(self, name: str, imported: Import) -> Need:
        own = imported.module.partition(".")[0] == self.setting.plugin.package
        if own:
            return Need(name=name, imported=imported)
        dotted = ".".join(filter(None, (imported.module, imported.name)))
        if not imported.name and not imported.alias:
            dotted = imported.module.partition(".")[0]
        return self._same_or(name, dotted, imported)

    def _from_support(self, name: str) -> Need:
        imported = Import(module=self.setting.support_module(self.module), name=name)
        return Need(name=name, imported=imported, support=(self.module, name))

    def _same_or(self, name: str, dotted: str, imported: Import) -> Need:
        """Use the module's own name for the object, if it has one."""
        if not self.into:
            return Need(name=name, imported=imported)
        same = self.setting.bound_in_vllm(self.into, name)
        if same is not None and import_path(same.target) == dotted:
            return Need(name=name)
        for other in self._other_names(dotted):
            return Need(name=name, imported=imported, instead=other)
        return Need(name=name, imported=imported)

    def _other_names(self, dotted: str) -> list[str]:
        names = self.setting.library.names(self.into)
        if names is None or not dotted.rpartition(".")[2]:
            return []
        found = []
        for other, there in names.bound.items():
            aliases = [item.node for item in there if isinstance(item.node, ast.alias)]
            if not any(_last(alias) == dotted.rpartition(".")[2] for alias in aliases):
                continue
            thing = self.setting.bound_in_vllm(self.into, other)
            if thing is not None and import_path(thing.target) == dotted:
                found.append(other)
        return sorted(found)


def _last(alias: ast.alias) -> str:
    return alias.name.rpartition(".")[2]


def _name_of(value: Own) -> str:
    return getattr(value.node, "name", "")


def _imported(found: Sequence[Binding], path: str) -> Import | None:
    """Give the import that binds a name, if nothing else does."""
    imports = set()
    for item in found:
        node, statement = item.node, item.statement
        if not isinstance(node, ast.alias):
            return None
        if isinstance(statement, ast.ImportFrom):
            module = imported_module(statement, path)
            imports.add(Import(module=module, name=node.name, alias=node.asname or ""))
        else:
            imports.add(Import(module=node.name, alias=node.asname or ""))
    return imports.pop() if len(imports) == 1 else None
