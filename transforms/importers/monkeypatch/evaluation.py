"""What an expression of a patch module gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from transforms.importers.monkeypatch.attributes import attribute, note_doubt
from transforms.importers.monkeypatch.branches import bind_variable
from transforms.importers.monkeypatch.calling import called
from transforms.importers.monkeypatch.folding import compared, defined, fold, truth_of
from transforms.importers.monkeypatch.frames import Made
from transforms.importers.monkeypatch.functions import parts_that_run
from transforms.importers.monkeypatch.items import item_of
from transforms.importers.monkeypatch.names import dotted_of, either
from transforms.importers.monkeypatch.resolution import Kind
from transforms.importers.monkeypatch.things import thing_at
from transforms.importers.monkeypatch.values import (
    Applied,
    Collected,
    Constant,
    External,
    Own,
    OwnName,
    Part,
    Target,
    Unknown,
    Upstream,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def evaluate(node: ast.expr, machine: Machine) -> Value:
    """Give what an expression gives, in the innermost frame of a machine.

    Args:
        node: the expression.
        machine: what is known.
    """
    how = _BY_KIND.get(type(node))
    if how is not None:
        return how(node, machine)
    for item in ast.iter_child_nodes(node):
        if isinstance(item, ast.expr):
            machine.evaluate(item)
    return Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}`"


_SHOWN = 60


def _constant(node: ast.Constant, _: Machine) -> Value:
    return Constant(value=node.value)


def _name(node: ast.Name, machine: Machine) -> Value:
    value = machine.look_up(node.id)
    module = machine.module(machine.frame) if machine.defines else None
    if module and module.names.get(node.id) is value and not dotted_of(value):
        # What a variable of a module that is read holds says nothing of the variable.
        name = OwnName(target=Target(module=module.module, path=(node.id,)))
        return defined(name, machine) or value
    return _given(value, machine)


def _given(value: Value, machine: Machine) -> Value:
    """Give what the user said of a name that is no function, else what it holds."""
    if not machine.defines or isinstance(value, Own):
        return value
    if isinstance(value, Upstream):
        kind = thing_at(value.target, machine.library).kind
    elif isinstance(value, OwnName):
        kind = thing_at(value.target, machine.own).kind
    else:
        return value
    if kind in {Kind.FUNCTION, Kind.CLASS, Kind.MODULE}:
        return value
    return defined(value, machine) or value


def _attribute(node: ast.Attribute, machine: Machine) -> Value:
    value = machine.evaluate(node.value)
    note_doubt(value, node.attr, node.value, machine)
    return _given(attribute(value, node.attr, machine), machine)


def _call(node: ast.Call, machine: Machine) -> Value:
    return called(node, machine)


def _lambda(node: ast.Lambda, machine: Machine) -> Value:
    frame = machine.frame
    for item in parts_that_run(node.args):
        machine.evaluate(item)
    own = Own(module=frame.module, node=node, names=frame.around(), made_in=frame.made_in)
    machine.made.append(Made(own, frame, machine.conditions(), machine.dead))
    return own


def _display(node: ast.Tuple | ast.List | ast.Set, machine: Machine) -> Value:
    return Collected(items=tuple(machine.evaluate(item) for item in node.elts), node=node)


def _dictionary(node: ast.Dict, machine: Machine) -> Value:
    keys = [machine.evaluate(key) if key is not None else None for key in node.keys]
    values = [machine.evaluate(value) for value in node.values]
    named: dict[str, Value] = {}
    others: list[Value] = []
    for key, value in zip(keys, values, strict=True):
        if isinstance(key, Constant) and isinstance(key.value, str):
            named[key.value] = value
        else:
            others.append(value)
    function = External(dotted="builtins.dict")
    return Applied(function=function, node=node, positional=tuple(others), keywords=named)


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, machine: Machine
) -> Value:
    """Execute the element of a comprehension as the body of a loop."""
    unknown = Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)
    why = f"it is done in the comprehension {_shown(node)}"
    outer = dict(machine.frame.names)
    with machine.under(loop=why):
        for item in node.generators:
            bind_variable(item.target, machine.evaluate(item.iter), why, machine)
            for test in item.ifs:
                machine.evaluate(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            machine.evaluate(part)
    machine.frame.names.clear()
    machine.frame.names.update(outer)
    return unknown


def _text(node: ast.JoinedStr, machine: Machine) -> Value:
    parts: list[str] = []
    for item in node.values:
        inner = item.value if isinstance(item, ast.FormattedValue) else item
        value = machine.evaluate(inner)
        plain = not isinstance(item, ast.FormattedValue) or (
            item.conversion == -1 and item.format_spec is None
        )
        if not isinstance(value, Constant) or not plain:
            return Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)
        parts.append(str(value.value))
    return Constant(value="".join(parts))


def _subscript(node: ast.Subscript, machine: Machine) -> Value:
    value, key = machine.evaluate(node.value), machine.evaluate(node.slice)
    return item_of(value, key, machine)


def _choice(node: ast.IfExp, machine: Machine) -> Value:
    found = fold(node.test, machine)
    if isinstance(found, bool):
        return machine.evaluate(node.body if found else node.orelse)
    return either([machine.evaluate(node.body), machine.evaluate(node.orelse)])


def _several(node: ast.BoolOp, machine: Machine) -> Value:
    stops = isinstance(node.op, ast.Or)
    left: list[Value] = []
    for item in node.values:
        value = machine.evaluate(item)
        truth = truth_of(value, machine)
        if truth is not (not stops):
            left.append(value)
        if truth is stops:
            break
    return either(left or [value])


def _not(node: ast.UnaryOp, machine: Machine) -> Value:
    if isinstance(node.op, ast.Not):
        found = fold(node, machine)
        if isinstance(found, bool):
            return Constant(value=found)
    inner = machine.evaluate(node.operand)
    number = inner.value if isinstance(inner, Constant) else None
    if isinstance(node.op, ast.USub) and isinstance(number, (int, float)):
        return Constant(value=-number)
    return Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)


def _comparison(node: ast.Compare, machine: Machine) -> Value:
    found = compared(node, machine)
    if found is not None:
        return Constant(value=found)
    return Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)


def _sum(node: ast.BinOp, machine: Machine) -> Value:
    left, right = machine.evaluate(node.left), machine.evaluate(node.right)
    if isinstance(node.op, ast.Add):
        if isinstance(left, Collected) and isinstance(right, Collected):
            return Collected(items=(*left.items, *right.items), node=node)
        texts = [item.value if isinstance(item, Constant) else None for item in (left, right)]
        if all(isinstance(text, str) for text in texts):
            return Constant(value="".join(str(text) for text in texts))
    return Unknown(why=f"{_shown(node)} is known only when the plugin runs", node=node)


def _named(node: ast.NamedExpr, machine: Machine) -> Value:
    value = machine.evaluate(node.value)
    machine.bind(node.target.id, value)
    return value


def _inner(node: ast.Starred | ast.Await, machine: Machine) -> Value:
    value = machine.evaluate(node.value)
    return value if isinstance(node, ast.Starred) else Part(of=value, name="await")


_BY_KIND: Mapping[type[ast.expr], Callable[[Any, Machine], Value]] = {
    ast.Attribute: _attribute,
    ast.Await: _inner,
    ast.BinOp: _sum,
    ast.BoolOp: _several,
    ast.Call: _call,
    ast.Compare: _comparison,
    ast.Constant: _constant,
    ast.Dict: _dictionary,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.IfExp: _choice,
    ast.JoinedStr: _text,
    ast.Lambda: _lambda,
    ast.List: _display,
    ast.ListComp: _comprehension,
    ast.Name: _name,
    ast.NamedExpr: _named,
    ast.Set: _display,
    ast.SetComp: _comprehension,
    ast.Starred: _inner,
    ast.Subscript: _subscript,
    ast.Tuple: _display,
    ast.UnaryOp: _not,
}
