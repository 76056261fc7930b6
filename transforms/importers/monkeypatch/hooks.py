"""Functions that the plugin has called when a module of vLLM is imported."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from transforms.importers.monkeypatch.functions import executed
from transforms.importers.monkeypatch.values import Constant, Own, Upstream

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.machine import Machine
    from transforms.importers.monkeypatch.values import Value


def run_hook(function: Value, module: Value, machine: Machine) -> None:
    """Execute a function that the plugin has called when a module of vLLM is imported.

    Args:
        function: the function; its first parameter is the module.
        module: the module.
        machine: what is known.
    """
    if not isinstance(function, Own) or isinstance(function.node, ast.ClassDef) or machine.later:
        return
    before, patched = machine.hook, dict(machine.patched)
    machine.hook = True
    machine.patched.update(machine.hooked)
    arguments = function.node.args
    takes = [*arguments.posonlyargs, *arguments.args]
    node = ast.Name("hook", ast.Load())
    executed(function, [module] if takes else [], {}, node, machine)
    # What hooks do is seen by hooks: the imports of the plugin itself come before.
    machine.hooked.update(
        (target, value) for target, value in machine.patched.items() if patched.get(target) != value
    )
    machine.hook, machine.patched = before, patched


def hooked_module(node: ast.expr, machine: Machine) -> Value | None:
    """Give the module of vLLM that a call names by a text; None where it names none.

    Args:
        node: the call, or something else.
        machine: what is known.
    """
    if not isinstance(node, ast.Call):
        return None
    for item in node.args:
        value = machine.evaluate(item) if isinstance(item, (ast.Constant, ast.Name)) else None
        if isinstance(value, Constant) and isinstance(value.value, str):
            dotted = value.value
            inside = dotted.partition(".")[0] == machine.library.package
            if inside and "." in dotted and machine.library.has_module(dotted):
                return Upstream(target=machine.library.module(dotted).target)
    return None


def run_hooks(node: ast.Call, values: list[Value], machine: Machine) -> None:
    """Execute the functions of a call such as `when_imported("vllm.x", patch)`.

    Args:
        node: the call.
        values: its arguments.
        machine: what is known.
    """
    functions = [item for item in values if isinstance(item, Own)]
    if functions:
        module = hooked_module(node, machine)
        if module is not None:
            for function in functions:
                run_hook(function, module, machine)
