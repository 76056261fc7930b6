"""Compile one jit function to TTIR with whichever Triton this interpreter has. Needs no GPU."""

# ruff: noqa: ANN401 - everything here is an object of whichever Triton runs this

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

triton: Any = importlib.import_module("triton")
code_generator: Any = importlib.import_module("triton.compiler.code_generator")
compiler: Any = importlib.import_module("triton.compiler.compiler")
libtriton_ir: Any = importlib.import_module("triton._C.libtriton").ir
GPUTarget: Any = importlib.import_module("triton.backends.compiler").GPUTarget

LOCATION = re.compile(r'\s*loc\((?:[^()"]|"[^"]*"|\((?:[^()"]|"[^"]*"|\([^()]*\))*\))*\)')


@dataclass(frozen=True)
class Argument:
    """A parameter and what it is compiled with: a constant, or a type's name."""

    name: str
    constant: bool
    value: Any

    @classmethod
    def decode(cls, row: list[Any]) -> Argument:
        """Read ``[parameter, kind, value]``; ``{"dt": "fp16"}`` stands for a Triton type."""
        name, kind, value = row
        if isinstance(value, dict):
            value = triton.language.dtype(value["dt"])
        return cls(name, kind == "c", value)


@dataclass(frozen=True)
class Compiled:
    """What says whether two compilations mean the same, and what they went through."""

    raw_ir: str
    ttir: str
    visited: frozenset[tuple[str, int]]
    """File and first line of each jit function whose body was compiled."""


def require_target(target: Any) -> None:
    """End the process where this Triton cannot compile for a target."""
    try:
        compiler.make_backend(target)
    except Exception as error:  # noqa: BLE001 - a fork may raise anything
        there = ", ".join(sorted(importlib.import_module("triton.backends").backends))
        said = " ".join(str(error).split())
        sys.exit(f"this Triton cannot compile for {target} (its backends: {there}): {said}")


def compile_to_ttir(function: Any, arguments: list[Argument], target: Any) -> Compiled:
    """Bring a kernel to TTIR, the kernel's own defaults filling nothing in.

    Args:
        function: what ``triton.jit`` made of it.
        arguments: what each of its parameters is.
        target: the ``GPUTarget`` to compile for.
    """
    visited: set[tuple[str, int]] = set()
    with_recording = _record_visits(visited)
    try:
        backend = compiler.make_backend(target)
        options = backend.parse_options({})
        context = libtriton_ir.context()
        libtriton_ir.load_dialects(context)
        backend.load_dialects(context)
        needed = {
            "target": target,
            "options": options,
            "codegen_fns": _call(backend.get_codegen_implementation, {"options": options}),
            "module_map": backend.get_module_map() if hasattr(backend, "get_module_map") else {},
            "context": context,
        }
        module = _call(_source(function, arguments).make_ir, needed)
        raw_ir = _digest(module)
        # The last parameter, the capability, is newer than the others, and not every backend's.
        made: tuple[Any, ...] = (module, {}, options, target.arch)
        module = backend.make_ttir(*made[: len(inspect.signature(backend.make_ttir).parameters)])
        return Compiled(raw_ir, _digest(module), frozenset(visited))
    finally:
        with_recording()


def _source(function: Any, arguments: list[Argument]) -> Any:
    """Say what is compiled: up to Triton 3.2 constants are no part of the signature."""
    constants = {one.name: one.value for one in arguments if one.constant}
    types = {one.name: one.value for one in arguments if not one.constant}
    if "constexprs" not in inspect.signature(compiler.ASTSource).parameters:
        return compiler.ASTSource(fn=function, signature=types, constants=constants)
    signature = {name: types.get(name, "constexpr") for name in function.arg_names}
    return compiler.ASTSource(fn=function, signature=signature, constexprs=constants)


def _call(function: Any, given: dict[str, Any]) -> Any:
    """Call a function of Triton's with what it takes: releases and forks differ in that."""
    return function(
        **{name: given[name] for name in inspect.signature(function).parameters if name in given}
    )


def _record_visits(visited: set[tuple[str, int]]) -> Callable[[], None]:
    """Note every function whose body is compiled, until the returned function is called."""
    generator = code_generator.CodeGenerator
    original = generator.visit_FunctionDef

    def visit(self: Any, node: Any) -> Any:
        code = self.jit_fn.fn.__code__
        visited.add((code.co_filename, code.co_firstlineno))
        return original(self, node)

    generator.visit_FunctionDef = visit

    def stop() -> None:
        generator.visit_FunctionDef = original

    return stop


def _digest(module: Any) -> str:
    """Hash a module's text without its source locations."""
    if hasattr(module, "str_nodebug"):
        text = module.str_nodebug()
    else:
        lines = (line for line in str(module).split("\n") if not line.startswith("#loc"))
        text = LOCATION.sub("", "\n".join(lines))
    return hashlib.sha256(text.encode()).hexdigest()


def describe(error: BaseException) -> list[str]:
    """Say what went wrong, from what was raised down its causes to what began it."""
    chain = []
    cause: BaseException | None = error
    while cause is not None:
        message = getattr(cause, "error_message", None) or str(cause)
        chain.append(f"{type(cause).__name__}: {message}"[:400])
        cause = cause.__cause__
    return chain
