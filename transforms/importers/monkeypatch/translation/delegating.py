"""A function of vLLM that hands its call on to one of the plugin."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function, parameters
from transforms.engine.syntax.enclosing import last_name
from transforms.engine.syntax.indentation import indented
from transforms.engine.syntax.suspension import yields
from transforms.importers.monkeypatch.translation.code import Code, Placing
from transforms.importers.monkeypatch.translation.handing_on import arguments, called
from transforms.importers.monkeypatch.translation.standing import CannotStandThereError
from transforms.importers.monkeypatch.translation.statements import Import, written

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.values import Own

# What changes a function but not how it is called.
_QUIET = {"wraps", "staticmethod", "classmethod", "inference_mode", "no_grad", "contextmanager"}
_QUIET |= {"lru_cache", "cache", "override", "deprecated", "disable"}
_TAKEN = "_wheelwright_replacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegating:
    """How a function of vLLM calls one that stays in the plugin, or in a support module.

    Attributes:
        placing: the function, and where it is called from.
        own: it, with the module that it is of.
        owner: the class that it is a member of; empty for none.
    """

    placing: Placing
    own: Own
    owner: str = ""

    def code(self) -> Code:
        """Write the function that calls it.

        Raises:
            CannotStandThereError: nobody can say how it is called.
        """
        node, supplier = self.placing.node, self.placing.supplier
        if not isinstance(node, Function):
            raise CannotStandThereError("a lambda has no name to import it by")
        self._refuse(node)
        setting = supplier.setting
        first = (self.owner or node.name).partition(".")[0]
        rest = f"{self.owner}.{node.name}".lstrip(".").partition(".")[2]
        given = parameters(node)
        taken = {item.name for item in given}
        known = _TAKEN if first in taken else first
        support: frozenset[tuple[str, str]] = frozenset()
        module = self.own.module
        if setting.plugin.is_read(module):
            support = frozenset({(module, first)})
            module = setting.support_module(module)
        imported = Import(module=module, name=first, alias="" if known == first else known)
        bound = self.owner and any(last_name(item) == "classmethod" for item in node.decorator_list)
        whole = f"{known}.{rest}" if rest else known
        call = called(whole, arguments(node, None, bound=bool(bound)))
        header, eager = self._header(bound=bool(bound))
        lines = [*written([imported]), *self._returns(node, call)]
        lines = [self.placing.first, *lines[:-1], self.placing.extra, lines[-1]]
        body = "\n".join(filter(None, lines))
        decorators = [f"@{name}" for name in self.placing.decorators]
        if bound and self.placing.is_member:
            # What is bound already takes no other object.
            decorators.append("@staticmethod")
        text = "\n".join([*decorators, header, indented(body, "    ")])
        return Code(text=text, body=body, support=support, eager=frozenset(eager))

    def _refuse(self, node: Function) -> None:
        for item in node.decorator_list:
            name = last_name(item)
            if name not in _QUIET:
                raise CannotStandThereError(f"what `@{name}` makes of it is no plain function")
            if name == "property":
                raise CannotStandThereError("it is a property of the plugin's class")
            if name == "contextmanager" and self.placing.first:
                raise CannotStandThereError("what it does first would have to be done elsewhere")

    def _header(self, *, bound: bool) -> tuple[str, list[Import]]:
        header, eager = self.placing.header()
        if bound:
            first = parameters(self.placing.node)[0].name
            header = header.replace(f"({first}, ", "(", 1).replace(f"({first})", "()", 1)
        return header, eager

    def _returns(self, node: Function, call: str) -> list[str]:
        is_manager = any(last_name(item) == "contextmanager" for item in node.decorator_list)
        if isinstance(node, ast.AsyncFunctionDef):
            if yields(node.body):
                return ["\n".join([f"async for item in {call}:", "    yield item"])]
            return [f"return await {call}"]
        if yields(node.body) and not is_manager:
            return [f"return (yield from {call})"]
        return [f"return {call}"]
