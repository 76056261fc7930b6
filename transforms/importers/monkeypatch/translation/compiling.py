"""One mutation, as typed edits: which form it takes in the source."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from transforms.edits import AddImport
from transforms.engine.patterns.metavariables import PatternError
from transforms.engine.syntax.definition import Function
from transforms.engine.syntax.parsed import parsed_expression
from transforms.engine.syntax.source import SourceError
from transforms.importers.monkeypatch.mutation import Form
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.translation.constants import (
    constant_set,
    deleted,
    original_saved,
)
from transforms.importers.monkeypatch.translation.found import find
from transforms.importers.monkeypatch.translation.functions import code_of, replacement_of
from transforms.importers.monkeypatch.translation.guards import condition_of, refuse_unknown
from transforms.importers.monkeypatch.translation.lost import lost_by
from transforms.importers.monkeypatch.translation.members import member_added
from transforms.importers.monkeypatch.translation.owned import with_definitions
from transforms.importers.monkeypatch.translation.rebinding import (
    bound_to_function,
    bound_to_object,
)
from transforms.importers.monkeypatch.translation.rebound_classes import ClassCode
from transforms.importers.monkeypatch.translation.registries import registered
from transforms.importers.monkeypatch.translation.result import CannotError, NeedsNothingError
from transforms.importers.monkeypatch.translation.shrinking import function_edits, why_not
from transforms.importers.monkeypatch.translation.statements import written
from transforms.importers.monkeypatch.translation.taken_apart import refuse_parts_of
from transforms.importers.monkeypatch.translation.uses import uses
from transforms.importers.monkeypatch.translation.wrapping import beside, wrapped
from transforms.importers.monkeypatch.values import Own

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.code import Code
    from transforms.importers.monkeypatch.translation.cycles import Imports
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.functions import Replacement
    from transforms.importers.monkeypatch.translation.setting import Setting
    from transforms.importers.monkeypatch.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The edits of one mutation.

    Attributes:
        edits: they.
        support: the names that support modules must have.
        warnings: what is lost.
        is_local: only the functions of the one module find what the plugin has put there.
        mark: the module of vLLM, and what of it is changed; None where another mutation says so.
    """

    edits: tuple[Edit, ...]
    support: frozenset[tuple[str, str]] = frozenset()
    warnings: tuple[str, ...] = field(default=())
    is_local: bool = False
    mark: tuple[str, str] | None = None


def compiled(  # noqa: PLR0913 - what a chain of wrappers needs besides
    mutation: Mutation,
    module: str,
    setting: Setting,
    imports: Imports,
    *,
    under: str = "",
    is_outer: bool = False,
) -> Compiled:
    """Write one mutation as edits.

    Args:
        mutation: it; one that has an effect, on something of vLLM.
        module: the plugin's module that does it.
        setting: all that is read.
        imports: what vLLM's modules import.
        under: the name of its function where another mutation wraps it; empty for vLLM's own.
        is_outer: it wraps what another mutation has put there.

    Raises:
        CannotError: it has no edits; the message says why, and the kind whether a hint may help.
    """
    if mutation.target is None:
        raise CannotError(f"nobody can name {mutation.spelled}")
    refuse_unknown(mutation)
    value = with_definitions(mutation.value, setting)
    try:
        found = find(mutation.target, setting)
        compiler = _Compiler(mutation, module, setting, imports, value, found)
        if under:
            return compiler.chained(under, is_outer=is_outer)
        made = compiler.chained(under, is_outer=True) if is_outer else compiler.result()
        return replace(made, mark=compiler.mark())
    except SourceError as error:
        raise CannotError(error.reason) from error
    except RecursionError as error:
        raise CannotError("the code is nested too deeply") from error


@dataclass(frozen=True, slots=True)
class _Compiler:
    mutation: Mutation
    module: str
    setting: Setting
    imports: Imports
    value: Value
    found: Found

    def mark(self) -> tuple[str, str]:
        """Say what of which module is changed."""
        target = self.found.target
        name = ".".join(target.path)
        spelled = parsed_expression(self.mutation.spelled)
        if self.mutation.form is Form.REGISTRY_ENTRY and isinstance(spelled, ast.Subscript):
            name = f"{name}[{ast.unparse(spelled.slice)}]"
        return target.module, name

    def result(self) -> Compiled:
        form, value, found = self.mutation.form, self.value, self.found
        refuse_parts_of(found.target, value, self.setting)
        if form is Form.PYDANTIC_FIELD:
            raise CannotError("pydantic has made the model's schema from the class's own fields")
        if form is Form.REGISTRY_ENTRY:
            self._without_guards()
            edits, code = registered(self.mutation, value, found, self.setting)
            return self._with_imports(edits, code)
        if form is Form.SAVE_ORIGINAL:
            self._without_guards()
            return Compiled(edits=original_saved(self.mutation, found, self.setting))
        if form is Form.DELETE:
            self._without_guards()
            lost = "a plugin that takes it away once more finds nothing there: AttributeError"
            return Compiled(edits=deleted(found, self.setting), warnings=(lost,))
        taking = replacement_of(value)
        if taking is not None:
            return self._function(taking)
        if isinstance(value, Own) and isinstance(value.node, ast.ClassDef):
            return self._class(value)
        self._without_guards()
        edits = constant_set(self.mutation, value, self.module, found, self.setting)
        return Compiled(edits=edits)

    def chained(self, under: str, *, is_outer: bool) -> Compiled:
        """Write one of several wrappers around one function: each calls the one before it."""
        found, taking = self.found, replacement_of(self.value)
        if taking is None or found.owner is None or not isinstance(found.node, Function):
            raise CannotError("several mutations of it call each other")
        self._without_guards()
        if is_outer and under:
            raise CannotError("more than two wrappers are around it")
        if is_outer:
            edits, code = beside(taking, self.mutation, found, self.setting)
        else:
            owner = type(found.target)(module=found.target.module, path=found.target.path[:-1])
            place = replace(found, target=owner.member(under), node=None)
            edits, code = member_added(taking, self.mutation, place, self.setting)
        return self._with_imports(edits, code)

    def _without_guards(self) -> None:
        if self.mutation.guards:
            text = ast.unparse(self.mutation.guards[0].condition)
            raise CannotError(f"`{text}` would have to be asked when vLLM is imported")

    def _condition(self) -> tuple[list[str], str, frozenset[tuple[str, str]]]:
        into = self.found.target.module
        return condition_of(self.mutation, self.module, into, self.setting)

    def _function(self, taking: Replacement) -> Compiled:
        found, setting = self.found, self.setting
        if isinstance(found.node, Function):
            known = setting.originals.get(found.target)
            if self.mutation.guards or (known is not None and known.private):
                return self._wrapped(taking)
            return self._replaced(taking)
        if isinstance(found.node, ast.ClassDef):
            raise CannotError(f"{found.inside} is a class, and would be a function")
        lines, condition, _ = self._condition()
        if found.owner is not None:
            if lines:
                raise CannotError("its condition needs imports")
            edits, code = member_added(taking, self.mutation, found, setting, condition)
            return self._with_imports(edits, code)
        self._without_guards()
        return self._of_module(taking)

    def _of_module(self, taking: Replacement) -> Compiled:
        """Give a module a function for a name that it imports, or does not have."""
        found, setting = self.found, self.setting
        name = found.target.path[-1]
        thing = setting.library.find(found.target.module, name)
        if thing.kind is Kind.ABSENT:
            return self._object(taking.own, f"{found.target.module} has no {name!r}")
        if not thing.is_imported:
            raise CannotError(f"{found.inside} is no function")
        try:
            edits, code = bound_to_function(taking, self.mutation, found, thing, setting)
            return self._with_imports(edits, code)
        except CannotError as error:
            return self._object(taking.own, str(error))

    def _object(self, own: Own, why: str) -> Compiled:
        """Let the functions of the module find what no function can stand for."""
        self._without_guards()
        if self.mutation.captured and self.setting.originals.get(self.found.target):
            raise CannotError(why)
        try:
            edits, support = bound_to_object(self.found, own, self.setting)
        except NeedsNothingError:
            raise
        except CannotError as error:
            raise CannotError(f"{why}; {error}" if why else str(error)) from error
        return Compiled(edits=edits, support=support, is_local=True)

    def _replaced(self, taking: Replacement) -> Compiled:
        found, setting = self.found, self.setting
        try:
            code = code_of(taking, self.mutation, found, setting)
        except CannotError as error:
            if found.owner is None and isinstance(taking.own.node, Function):
                return self._object(taking.own, str(error))
            raise
        edits = function_edits(found, code.text, setting)
        warnings: tuple[str, ...] = ()
        if isinstance(found.node, Function) and isinstance(taking.own.node, Function):
            warnings = lost_by(found.node, taking.own.node)
        return self._with_imports(edits, code, warnings)

    def _wrapped(self, taking: Replacement) -> Compiled:
        lines, condition, support = self._condition()
        asked = (lines, condition)
        edits, code = wrapped(taking, self.mutation, self.found, self.setting, asked)
        result = self._with_imports(edits, code)
        return Compiled(edits=result.edits, support=result.support | support)

    def _class(self, own: Own) -> Compiled:
        is_read = self.setting.plugin.is_read(own.module)
        if is_read and isinstance(self.found.node, ast.ClassDef):
            lines, condition, support = self._condition()
            if lines or support:
                self._without_guards()
            try:
                code_of_class = ClassCode(own=own, found=self.found, setting=self.setting)
                edits, code = code_of_class.edits(condition)
            except NeedsNothingError:
                raise
            except CannotError as error:
                return self._object(own, str(error))
            return self._with_imports(edits, code, self._seen_below())
        return self._object(own, "")

    def _seen_below(self) -> tuple[str, ...]:
        """Name the statements that find the plugin's class when vLLM is imported."""
        name = self.found.target.path[-1]
        below = [item for item in self.found.source.module.body if item.lineno > self.found.line]
        lines = [
            use.node.lineno  # type: ignore[attr-defined] # a name has a position
            for use in uses(below)
            if use.name == name and use.is_eager and not use.is_annotation
        ]
        if not lines:
            return ()
        numbers = ", ".join(map(str, sorted(set(lines))))
        return (f"lines {numbers} of {self.found.target.module} have the plugin's class now",)

    def _with_imports(
        self, edits: tuple[Edit, ...], code: Code, warnings: tuple[str, ...] = ()
    ) -> Compiled:
        """Add what vLLM's module must import itself, unless that closes a circle."""
        module = self.found.target.module
        added: list[Edit] = []
        for item in sorted(code.eager):
            circle = self.imports.closed_by(module, item.module)
            if circle:
                raise CannotError(f"an import would go in a circle: {' > '.join(circle)}")
            (text,) = written([item])
            try:
                added.append(AddImport(inside=module, code=text))
            except (PatternError, ValueError) as error:
                raise CannotError(str(error)) from error
        every = (*added, *edits)
        if added:
            reason = why_not(every, self.setting)
            if reason:
                raise CannotError(reason)
        return Compiled(edits=every, support=code.support, warnings=warnings)
