"""Compile one jit function to TTIR with whichever Triton this interpreter has. Needs no GPU."""

# ruff: noqa: ANN401 - everything here is an object of whichever Triton runs this

from __future__ import annotations

import hashlib
import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

triton: Any = importlib.import_module("triton")
code_generator: Any = importlib.import_module("triton.compiler.code_generator")
compiler: Any = importlib.import_module("triton.compiler.compiler")
libtriton_ir: Any = importlib.import_module("triton._C.libtriton").ir
GPUTarget: Any = importlib.import_module("triton.backends.compiler").GPUTarget

HOPPER = GPUTarget("cuda", 90, 32)
OLD_INTERFACE = tuple(map(int, triton.__version__.split(".")[:2])) <= (3, 1)

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


def compile_to_ttir(function: Any, arguments: list[Argument]) -> Compiled:
    """Bring a kernel to TTIR, the kernel's own defaults filling nothing in."""
    visited: set[tuple[str, int]] = set()
    with_recording = _record_visits(visited)
    try:
        constants = {one.name: one.value for one in arguments if one.constant}
        types = {one.name: one.value for one in arguments if not one.constant}
        backend = compiler.make_backend(HOPPER)
        options = backend.parse_options({})
        context = libtriton_ir.context()
        libtriton_ir.load_dialects(context)
        backend.load_dialects(context)
        if OLD_INTERFACE:
            source = compiler.ASTSource(fn=function, signature=types, constants=constants)
            module = source.make_ir(options, backend.get_codegen_implementation(), context)
        else:
            signature = {name: types.get(name, "constexpr") for name in function.arg_names}
            source = compiler.ASTSource(fn=function, signature=signature, constexprs=constants)
            module = source.make_ir(
                HOPPER,
                options,
                backend.get_codegen_implementation(options),
                backend.get_module_map(),
                context,
            )
        raw_ir = _digest(module)
        if OLD_INTERFACE:
            module = backend.make_ttir(module, {}, options)
        else:
            module = backend.make_ttir(module, {}, options, HOPPER.arch)
        return Compiled(raw_ir, _digest(module), frozenset(visited))
    finally:
        with_recording()


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
